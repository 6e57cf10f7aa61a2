"""The only way in to the ledgers of prevention, for screens, commands and callers in code."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from engine.hop import default_facade
from engine.order import require_limit
from engine.prevention.selection import order_by, select

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.prevention.contract import PreventionCandidate
    from engine.prevention.graduation import Counted
    from engine.prevention.results import (
        Appended,
        Checkpoint,
        LedgerBreak,
        LedgerStatus,
        PolicyGraduation,
        PreventionPolicy,
        PreventionRecord,
        UncountedRecord,
        Verification,
    )
    from storage.filters import Term
    from storage.paging import Anchor, Key
    from storage.prevention import RecordRow

_REMEMBERED = 100
"""Tenants whose records' counts are kept, so that only new ones are counted."""
_FEW = 1000
"""Candidates that are written down at once: 2 ms, as long as a thread may take to begin."""
# What a change imports: loaded before the database is locked for it.
_NEEDED = (
    "engine.prevention.ledger",
    "engine.prevention.reading",
    "engine.tenants.core",
    "engine.activity.record",
)


class PreventionFacade:
    """Records of what was prevented: written once, chained, proved, counted.

    Every method takes the tenant's id and answers for what is another tenant's as for what is
    missing. Any may raise WorkspaceError.

    Args:
        hop: The way to the database.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._ready = False
        self._counted: dict[str, Counted] = {}

    async def record(self, tenant_id: str, candidate: PreventionCandidate) -> PreventionRecord:
        """Validate a candidate and append it to the tenant's ledger; return the record.

        When this returns, the record is safe from a power cut.

        Raises:
            PreventionContractViolation: The contract does not allow it.
            InvalidInput: A value cannot be kept; `field` names it.
            LedgerBroken: The ledger does not hold, so nothing is added to it.
            ReadOnlyRefused: The run is read-only.
        """
        _, row = await self._append(tenant_id, [candidate])
        from engine.prevention import reading

        return reading.told(tenant_id, row)

    async def record_many(
        self, tenant_id: str, candidates: Sequence[PreventionCandidate]
    ) -> Appended:
        """Validate candidates and append all of them in their order, or none.

        Raises:
            PreventionContractViolation: The contract does not allow one of them.
            InvalidInput: A value cannot be kept, or there are none, or more than 10,000.
            LedgerBroken: The ledger does not hold, so nothing is added to it.
            ReadOnlyRefused: The run is read-only.
        """
        done, _ = await self._append(tenant_id, candidates)
        return done

    async def _append(
        self, tenant_id: str, candidates: Sequence[PreventionCandidate]
    ) -> tuple[Appended, RecordRow]:
        self._hop.require_writable()
        if not self._ready:
            from engine.readiness import ready

            await ready(_NEEDED)
            self._ready = True
        from engine.prevention.ledger import prepare

        if len(candidates) > _FEW:
            batch = await asyncio.to_thread(prepare, tenant_id, candidates)
        else:
            batch = prepare(tenant_id, candidates)

        def work(connection: Connection) -> tuple[Appended, RecordRow]:
            from engine.prevention.ledger import append

            return append(connection, self._hop, batch)

        return await self._hop.write(work, durable=True)

    async def page_records(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        sort: str = "number",
        descending: bool = True,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[PreventionRecord, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; the newest first.

        Raises:
            InvalidInput: Limit or sort cannot be used.
        """
        chosen = select(tenant_id, terms=terms, query=query)
        order = order_by(sort, descending=descending, limit=limit)
        return await self._hop.read(lambda connection: chosen.page(connection, order, anchor))

    async def count_records(
        self, tenant_id: str, *, terms: Sequence[Term] = (), query: str = ""
    ) -> int:
        """Return how many records match."""
        return await self._hop.read(select(tenant_id, terms=terms, query=query).count)

    async def get_record(self, tenant_id: str, seq_or_id: int | str) -> PreventionRecord:
        """Return a record by its number, or by its id (`prv-17`).

        Raises:
            NotFound: This tenant's ledger has none of that number.
        """

        def work(connection: Connection) -> PreventionRecord:
            from engine.prevention import reading

            return reading.record(connection, tenant_id, seq_or_id)

        return await self._hop.read(work)

    async def export(self, tenant_id: str) -> AsyncIterator[tuple[PreventionRecord, ...]]:
        """Yield all records in their order, a batch at a time: what can be verified elsewhere."""
        from engine.paging import after, start

        anchor = start()
        while True:
            items, keys = await self.page_records(
                tenant_id, descending=False, anchor=anchor, limit=1000
            )
            if not items:
                return
            yield items
            anchor = after(keys[-1])

    async def export_lines(self, tenant_id: str) -> AsyncIterator[list[str]]:
        """Yield the ledger as lines of JSON, a batch at a time: what is proved without a database.

        The first line is the head, every other one a record; see `engine.prevention.exported`.

        Raises:
            NotFound: There is no such tenant.
        """
        from engine.prevention.exported import export_lines

        async for lines in export_lines(self._hop, tenant_id):
            yield lines

    async def status(self, tenant_id: str) -> LedgerStatus:
        """Return the ledger's lamp, and what its last verification said."""

        def work(connection: Connection) -> LedgerStatus:
            from engine.prevention import reading

            return reading.status(connection, tenant_id)

        return await self._hop.read(work)

    async def verify(
        self,
        tenant_id: str,
        checkpoints: Sequence[Checkpoint] = (),
        on_progress: Callable[[int, int], None] | None = None,
        *,
        whole: bool = True,
    ) -> Verification:
        """Prove the ledger, record by record, and keep the result (unless the run is read-only).

        Args:
            tenant_id: Whose ledger.
            checkpoints: Of this ledger, as they were exported; others are refused.
            on_progress: Is told now and then how many of how many records were looked at.
            whole: From the first record on; else from the last proved one on.

        Raises:
            NotFound: There is no such tenant.
            InvalidInput: A checkpoint is of another tenant's ledger, or cannot be used.
        """
        from engine.prevention.proving import prove

        return await prove(
            self._hop, tenant_id, checkpoints=checkpoints, on_progress=on_progress, whole=whole
        )

    async def verifications(self, tenant_id: str, limit: int = 20) -> tuple[Verification, ...]:
        """Return the last verifications, newest first."""
        require_limit(limit)

        def work(connection: Connection) -> tuple[Verification, ...]:
            from engine.prevention import reading

            return reading.verifications(connection, tenant_id, limit)

        return await self._hop.read(work)

    async def checkpoint(self, tenant_id: str) -> Checkpoint:
        """Return what the ledger is now: its last number and digest, to be kept elsewhere.

        Raises:
            NotFound: There is no such tenant.
            LedgerBroken: The last record does not hold.
        """

        def work(connection: Connection) -> Checkpoint:
            from engine.prevention import checkpoints

            return checkpoints.take(connection, self._hop, tenant_id)

        return await self._hop.read(work)

    async def resume(self, tenant_id: str, reason: str) -> LedgerBreak | None:
        """Accept the fault that a ledger has, so that it goes on; return it, None without one.

        What protects the ledger in the database is made again where it is missing. The fault
        stays told in every verification; records behind it that were given up are kept as they
        are, and must stay so.

        Raises:
            NotFound: There is no such tenant.
            InvalidInput: The reason cannot be used.
            ReadOnlyRefused: The run is read-only.
        """
        from engine.prevention.breaks import accept

        return await accept(self._hop, tenant_id, reason)

    async def breaks(self, tenant_id: str) -> tuple[LedgerBreak, ...]:
        """Return the faults that were accepted, in the order of their records."""

        def work(connection: Connection) -> tuple[LedgerBreak, ...]:
            from engine.prevention import reading

            return reading.breaks(connection, tenant_id)

        return await self._hop.read(work)

    async def graduation(self, tenant_id: str) -> tuple[PolicyGraduation, ...]:
        """Return how far each policy is, sorted by its id: those with records, and those set."""

        def work(connection: Connection) -> tuple[PolicyGraduation, ...]:
            from engine.prevention import graduation

            return graduation.of_all(self._count(connection, tenant_id))

        return await self._hop.read(work)

    def _count(self, connection: Connection, tenant_id: str) -> Counted:
        from engine.prevention import graduation

        found = graduation.count(connection, tenant_id, self._counted.get(tenant_id))
        if len(self._counted) >= _REMEMBERED:
            self._counted.clear()
        self._counted[tenant_id] = found
        return found

    async def graduation_of(
        self,
        tenant_id: str,
        policy_id: str,
        since: datetime | None = None,
        limit: int = 100,
    ) -> tuple[PolicyGraduation, tuple[UncountedRecord, ...]]:
        """Return how far a policy is, and the newest records that do not count, with the reason.

        Args:
            tenant_id: Whose policy.
            policy_id: Which one.
            since: Count from then on, instead of from the policy's activation.
            limit: How many of the records that do not count, at the most.

        Raises:
            NotFound: Nothing was recorded of it, and it was not set.
        """
        require_limit(limit)

        def work(
            connection: Connection,
        ) -> tuple[PolicyGraduation, tuple[UncountedRecord, ...]]:
            from engine.prevention import graduation

            counted = self._count(connection, tenant_id)
            return graduation.of_one(connection, tenant_id, policy_id, counted, since, limit)

        return await self._hop.read(work)

    async def list_policies(self, tenant_id: str) -> tuple[PreventionPolicy, ...]:
        """Return the policies that were set, sorted by id."""

        def work(connection: Connection) -> tuple[PreventionPolicy, ...]:
            from engine.prevention import policies

            return policies.of_tenant(connection, tenant_id)

        return await self._hop.read(work)

    async def set_policy(  # noqa: PLR0913 - a policy's own fields
        self,
        tenant_id: str,
        policy_id: str,
        *,
        name: str | None = None,
        mode: str | None = None,
        activated_at: datetime | None = None,
        needed: int | None = None,
    ) -> PreventionPolicy:
        """Set what the ledger knows of a policy; what is None stays as it is.

        A policy that becomes active without a time is active from now on.

        Args:
            tenant_id: Whose policy.
            policy_id: Which one; it is made when it is new, active and with three records needed
                unless told otherwise.
            name: What people call it.
            mode: `active`, or another word, such as `shadow`.
            activated_at: Since when records count; without a zone it is UTC.
            needed: How many records graduate it, 1 to 1,000,000.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
            ReadOnlyRefused: The run is read-only.
        """
        from engine.prevention.policies import Wanted

        wanted = Wanted.of(
            policy_id, name=name, mode=mode, activated_at=activated_at, needed=needed
        )

        def work(connection: Connection) -> PreventionPolicy:
            from engine.prevention import policies

            return policies.set_policy(connection, self._hop, tenant_id, wanted)

        return await self._hop.write(work)


def get_prevention_facade() -> PreventionFacade:
    """Return the facade of the process's default workspace."""
    return cast("PreventionFacade", default_facade("prevention"))
