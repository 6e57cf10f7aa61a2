"""One agent at work: it asks whether it may call, calls, and notes what the call used."""

from __future__ import annotations

import asyncio
import random
import uuid
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from engine.demo.agents.pace import per_minute
from engine.demo.agents.preventing import of_call
from engine.demo.agents.wording import Asking, Used, is_embedding, read, word
from engine.demo.dialects.answering import CHARACTERS_PER_TOKEN, count
from engine.errors import LampboardError, WorkspaceError
from engine.http.messages import HttpFault
from engine.usage.records import NANOS_PER_DOLLAR, UsageRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

    from engine.demo.agents.ledger import Ledger
    from engine.demo.agents.plan import Caller
    from engine.demo.trusted import Policy
    from engine.http.client import HttpClient
    from engine.http.messages import HttpAnswer
    from engine.limits.results import Decision
    from engine.workspace import Workspace

# Who was turned away, by a limit or by a provider, comes back a little later.
_AWAY_S = 12.0
_OK = 200
_CAUSES = {401: "auth_failed", 403: "access_denied", 429: "rate_limited", 529: "overloaded"}
_CALLS_OF_A_SESSION = 8


class Calling:
    """One caller with its own chance, which is the same in every run."""

    def __init__(
        self,
        workspace: Workspace,
        client: HttpClient,
        ledger: Ledger,
        caller: Caller,
        policies: Iterable[Policy] = (),
    ) -> None:
        self._workspace = workspace
        self._client = client
        self._note: Callable[[UsageRecord], None] = partial(ledger.note, caller.tenant_id)
        self._ledger = ledger
        self._policies = tuple(policies)
        self._caller = caller
        agent = caller.agent
        self._drawn = random.Random(f"{caller.tenant_id} {agent.name} {agent.integration}")  # noqa: S311
        self._instructions = f"You are {agent.name}. ".ljust(_length(agent.instructions), ".")
        self._turns = 0

    async def keep_calling(self) -> NoReturn:
        """Call at the agent's pace, for ever."""
        while True:
            pace = per_minute(self._caller.agent, self._workspace.clock.now())
            await asyncio.sleep(self._drawn.expovariate(pace / 60))
            if not await self.call():
                await asyncio.sleep(_AWAY_S)

    async def call(self) -> bool:
        """Take one turn; return whether it was neither blocked nor refused."""
        asking = self._asking()
        self._turns += 1
        try:
            decision = await self._may(asking)
        except LampboardError as error:
            if isinstance(error, WorkspaceError) and not error.temporary:
                raise
            # Its integration was deleted, perhaps: it goes on asking, as applications do.
            return False
        if decision.outcome == "blocked":
            self._note(self._record(asking, decision))
            candidate = of_call(self._policies, self._caller, decision)
            if candidate is not None:
                self._ledger.prevented(candidate)
            return False
        record = await self._called(asking, decision)
        self._note(record)
        return record.error is None

    async def _may(self, asking: Asking) -> Decision:
        """Ask for the most that a call may use."""
        from engine.usage.pricing import price

        caller = asking.caller
        answer = 0 if is_embedding(caller.model) else caller.agent.answer
        tokens_in = count(asking.instructions) + count(asking.question)
        nanos = price(caller.provider, caller.model, asking.at, tokens_in, answer) or 0
        return await self._workspace.limits.check(
            caller.tenant_id,
            caller.agent.integration,
            tokens=tokens_in + answer,
            cost=Decimal(nanos) / NANOS_PER_DOLLAR,
            model=caller.model,
            agent=caller.agent.name,
        )

    async def _called(self, asking: Asking, decision: Decision) -> UsageRecord:
        try:
            answer = await self._client.send(word(asking))
        except HttpFault as fault:
            latency = None if fault.latency_ms is None else round(fault.latency_ms)
            return self._record(asking, decision, error=fault.code, latency_ms=latency)
        used = _used(asking, answer)
        cause = None if used else _CAUSES.get(answer.status, f"http_{answer.status}")
        return self._record(
            asking, decision, used, error=cause, latency_ms=round(answer.latency_ms)
        )

    def _asking(self) -> Asking:
        agent = self._caller.agent
        length = _length(agent.question * self._drawn.uniform(0.5, 1.5))
        return Asking(
            caller=self._caller,
            instructions=self._instructions,
            question=f"{self._drawn.random()} ".ljust(length, "?"),
            at=self._workspace.clock.now(),
        )

    def _record(
        self,
        asking: Asking,
        decision: Decision,
        used: Used | None = None,
        *,
        error: str | None = None,
        latency_ms: int | None = None,
    ) -> UsageRecord:
        caller = self._caller
        said = used or Used(call_id=uuid.uuid4().hex, model=caller.model, tokens_in=0)
        return UsageRecord(
            call_id=said.call_id,
            at=asking.at,
            integration=caller.agent.integration,
            provider=caller.provider,
            model=said.model,
            agent=caller.agent.name,
            session=f"{caller.agent.name}-{self._turns // _CALLS_OF_A_SESSION}",
            tokens_in=said.tokens_in,
            tokens_out=said.tokens_out,
            tokens_cached=said.tokens_cached,
            latency_ms=latency_ms,
            policy=decision.outcome,
            error=error,
            reservation_id=decision.reservation_id,
        )


def _used(asking: Asking, answer: HttpAnswer) -> Used | None:
    """Return what an answer used; None where it is a refusal or no answer at all."""
    if answer.status != _OK:
        return None
    caller = asking.caller
    try:
        return read(caller.provider, caller.model, answer.headers, answer.body)
    except (ValueError, KeyError, TypeError):
        return None


def _length(tokens: float) -> int:
    return round(tokens * CHARACTERS_PER_TOKEN)
