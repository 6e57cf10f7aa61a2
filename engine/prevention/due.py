"""Which ledgers are to be verified again: new records every few minutes, the whole once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.prevention.proving import prove

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.prevention.results import Verification

NEW_EVERY = timedelta(minutes=5)
"""How long records may stay unproved."""
WHOLE_EVERY = timedelta(days=1)
"""How long an earlier record may be changed unseen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A ledger that is to be verified: as a whole, or from the last proved record on."""

    tenant_id: str
    whole: bool


async def verify_due(hop: Hop) -> AsyncIterator[Verification]:
    """Verify the ledgers that are due, one after the other, and yield what was found of each.

    Raises:
        WorkspaceError: The database cannot be used.
    """
    for tenant in await hop.read(_tenants):
        # Looked at in its own turn: another monitor may have verified it meanwhile.
        now = hop.clock.now()
        due = await hop.read(lambda connection, t=tenant, at=now: _due(connection, t, at))  # type: ignore[misc]
        if due is not None:
            yield await prove(hop, due.tenant_id, whole=due.whole)


def _tenants(connection: Connection) -> list[str]:
    from storage.prevention import ProofsDriver

    return [tenant for tenant, _ in ProofsDriver(connection).ledgers()]


def _due(connection: Connection, tenant_id: str, now: datetime) -> Due | None:
    """Return what is to be verified of a ledger; a time in the future counts as long ago."""
    from storage.prevention import LedgerDriver, ProofsDriver

    kept = ProofsDriver(connection)
    newest, whole = kept.newest(tenant_id), kept.whole(tenant_id)
    if whole is None or not timedelta(0) <= now - whole.at < WHOLE_EVERY:
        return Due(tenant_id=tenant_id, whole=True)
    last = newest[0]
    if not last.ok or timedelta(0) <= now - last.at < NEW_EVERY:
        return None
    head = LedgerDriver(connection).head(tenant_id)
    if head is None or head.seq <= last.seq:
        return None
    return Due(tenant_id=tenant_id, whole=False)
