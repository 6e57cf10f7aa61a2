"""What every connector is: a small protocol, and what keeps its operations within their bounds."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, runtime_checkable

from engine.connectors.model import ConnectorCapability, capabilities_of
from engine.errors import ConnectorError
from engine.probes.attempt import Attempt
from engine.probes.registry import get_technology
from engine.probes.running import DEADLINE_S, explain, run_probe, timed_out
from engine.probes.states import CusHealthState
from engine.probes.words import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from engine.connectors.config import ConnectorConfig
    from engine.probes.place import Place, Tools
    from engine.probes.refusals import Refused
    from engine.probes.result import ProbeResult

T = TypeVar("T")

# Faults that may be over a moment later; what they hit was not carried out.
_PASSING = frozenset({"refused", "unreachable", "reset", "starting", "overloaded", "closed"})


@runtime_checkable
class Connector(Protocol):
    """The means by which the platform reaches out to one other side.

    Each type adds the operations that its capabilities promise.
    """

    async def connect(self) -> None:
        """See that the other side is there and lets us in.

        Raises:
            ConnectorError: It is not, or does not.
        """
        ...

    async def check(self, *, deadline_s: float = DEADLINE_S) -> ProbeResult:
        """Check it for real, in stages; never raises for what the other side did."""
        ...

    def capabilities(self) -> frozenset[ConnectorCapability]:
        """Return what it can do: what its type promises and the other side offers."""
        ...

    async def close(self) -> None:
        """Let go of everything; closing again does nothing."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """What the other side said that it can do.

    Attributes:
        found: JSON-ready: tools with their schemas, tables, functions, collections, topics.
        capabilities: What of the type's capabilities it offers.
    """

    found: Mapping[str, Any] = field(default_factory=dict)
    capabilities: frozenset[ConnectorCapability] = frozenset()


@runtime_checkable
class Discovering(Protocol):
    """A connector that can ask the other side what it can do."""

    async def discover(self) -> Discovery:
        """Ask the other side.

        Raises:
            ConnectorError: It did not answer, or refused.
        """
        ...


class BaseConnector:
    """What the house's connectors share.

    Args:
        place: Where the other side is and how to get in: every secret in the open.
        config: How it behaves.
        tools: What this process's probes share.
        offered: The capabilities that the other side is known to offer; None is not known.

    Attributes:
        TYPE: The type that this is the class of.
        CAPABILITIES: What connectors of the type can do, where another distribution brings it.
    """

    TYPE: ClassVar[str] = "custom"
    CAPABILITIES: ClassVar[frozenset[ConnectorCapability] | None] = None

    def __init__(
        self,
        place: Place,
        config: ConnectorConfig,
        tools: Tools,
        *,
        offered: frozenset[ConnectorCapability] | None = None,
    ) -> None:
        self.place = place
        self.config = config
        self.tools = tools
        self._offered = offered
        self._title = get_technology(place.technology).title
        self._begun: deque[float] = deque()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.place.technology})"

    async def connect(self) -> None:
        """See that the other side is there and lets us in; see `Connector.connect`."""
        result = await self.check(deadline_s=min(DEADLINE_S, self.config.timeout_seconds))
        if result.state in {CusHealthState.FAILING, CusHealthState.UNKNOWN}:
            raise ConnectorError(
                result.message, hint=result.remedy, code=result.error or "connect_failed"
            )

    async def check(self, *, deadline_s: float = DEADLINE_S) -> ProbeResult:
        """Check it for real, in stages; see `Connector.check`."""
        return await run_probe(self.place, self.tools, deadline_s=deadline_s)

    def capabilities(self) -> frozenset[ConnectorCapability]:
        """Return what it can do; see `Connector.capabilities`."""
        promised = self.CAPABILITIES or frozenset(capabilities_of(self.TYPE))
        return promised if self._offered is None else promised & self._offered

    async def close(self) -> None:
        """Let go of everything; there is nothing to let go of here."""

    async def _run(
        self,
        needs: ConnectorCapability,
        name: str,
        work: Callable[[Attempt], Awaitable[T]],
        *,
        again: bool = False,
    ) -> T:
        """Run one operation within its time, and say what went wrong in the house's words.

        Args:
            needs: The capability that it is part of.
            name: What it is called, as a stage.
            work: Does it; gets an attempt with the deadline.
            again: Whether to try again after a fault that may pass; only what changes nothing.
        """
        self._require(needs)
        self._count()
        attempt = Attempt(self.place, self.tools, deadline_s=self.config.timeout_seconds)
        attempt.enter(name)
        try:
            async with asyncio.timeout(self.config.timeout_seconds):
                return await self._tried(attempt, work, tries=1 + self.config.max_retries * again)
        except ConnectorError:
            raise
        except Exception as error:  # noqa: BLE001 - a driver may raise anything
            refused = (
                timed_out(attempt.stage_name)
                if isinstance(error, TimeoutError)
                else explain(error, attempt.stage_name, self._title, self.place.secrets)
            )
            raise self._failed(refused) from None

    async def _tried(
        self, attempt: Attempt, work: Callable[[Attempt], Awaitable[T]], *, tries: int
    ) -> T:
        for left in range(tries - 1, -1, -1):
            try:
                return await work(attempt)
            except ConnectorError:
                raise  # it was said already, and tried again as often as it may be
            except Exception as error:
                refused = explain(error, attempt.stage_name, self._title)
                if not left or refused.code not in _PASSING:
                    raise
            await asyncio.sleep(self.config.retry_delay_seconds)
        raise AssertionError("an operation is tried at least once")

    def _require(self, needs: ConnectorCapability) -> None:
        if needs not in self.capabilities():
            raise ConnectorError(
                f"This connector cannot {needs.replace('_', ' ')}: the other side does not "
                "offer it.",
                hint="Discover its capabilities again if that changed.",
                code="not_offered",
            )

    def _count(self) -> None:
        """Count the operation against the limit.

        Raises:
            ConnectorError: The window is full.
        """
        config = self.config
        if not config.rate_limit_enabled:
            return
        now = asyncio.get_running_loop().time()
        while self._begun and now - self._begun[0] >= config.rate_limit_window_seconds:
            self._begun.popleft()
        if len(self._begun) >= config.rate_limit_requests:
            wait = config.rate_limit_window_seconds - (now - self._begun[0])
            raise ConnectorError(
                f"This connector's limit of {config.rate_limit_requests:,} operations in "
                f"{config.rate_limit_window_seconds:,} s is used up.",
                hint=f"Wait {wait:,.0f} s, or raise the limit.",
                code="rate_limited",
            )
        self._begun.append(now)

    def _failed(self, refused: Refused) -> ConnectorError:
        secrets = self.place.secrets
        return ConnectorError(
            one_line(refused.message, secrets),
            hint=one_line(refused.remedy, secrets),
            code=refused.code,
        )


def refuse(code: str, message: str, hint: str = "") -> ConnectorError:
    """Return the error of an operation that is not allowed, or does not fit."""
    return ConnectorError(message, hint=hint, code=code)
