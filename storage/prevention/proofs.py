"""The driver of what was proved: verifications and accepted faults. Both only ever grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, bindparam, cast, insert, select

from storage import revisions
from storage.prevention.rows import BreakRow, VerificationRow
from storage.rows import build, build_all, names_of
from storage.tables import prevention_breaks, prevention_ledgers, prevention_verifications

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NAMES = names_of(VerificationRow)
# Whoever owns a file of SQLite can put any type into any column.
_COLUMNS = [
    cast(prevention_verifications.c[name], LargeBinary)
    if name == "head"
    else prevention_verifications.c[name]
    for name in _NAMES
]
_OF_TENANT = prevention_verifications.c.tenant_id == bindparam("tenant", required=True)
_NEWEST = (
    select(*_COLUMNS)
    .where(_OF_TENANT)
    .order_by(prevention_verifications.c.id.desc())
    .limit(bindparam("limit", required=True))
)
_PROVED = (
    select(*_COLUMNS)
    .where(_OF_TENANT, prevention_verifications.c.ok)
    .order_by(prevention_verifications.c.id.desc())
    .limit(1)
)
_WHOLE = (
    select(*_COLUMNS)
    .where(_OF_TENANT, prevention_verifications.c.since == 1)
    .order_by(prevention_verifications.c.id.desc())
    .limit(1)
)
_KEEP = insert(prevention_verifications)
_BREAK_NAMES = names_of(BreakRow)
_BREAKS = (
    select(
        *(
            cast(prevention_breaks.c[name], LargeBinary)
            if name == "digest"
            else prevention_breaks.c[name]
            for name in _BREAK_NAMES
        )
    )
    .where(prevention_breaks.c.tenant_id == bindparam("tenant", required=True))
    .order_by(prevention_breaks.c.until)
)
_ACCEPT = insert(prevention_breaks)
_LEDGERS = select(prevention_ledgers.c.tenant_id, prevention_ledgers.c.seq).order_by(
    prevention_ledgers.c.tenant_id
)


class ProofsDriver:
    """Reads and keeps what was proved on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def keep(self, row: VerificationRow) -> None:
        """Adds what a verification found."""
        values = {name: getattr(row, name) for name in _NAMES if name != "id"}
        self.connection.execute(_KEEP, values)
        revisions.bump(self.connection, "prevention")

    def newest(self, tenant_id: str, limit: int = 1) -> list[VerificationRow]:
        """Gives the last verifications, newest first."""
        values = {"tenant": tenant_id, "limit": limit}
        return build_all(VerificationRow, self.connection.execute(_NEWEST, values))

    def proved(self, tenant_id: str) -> VerificationRow | None:
        """Gives the last verification that found no fault."""
        row = self.connection.execute(_PROVED, {"tenant": tenant_id}).one_or_none()
        return None if row is None else build(VerificationRow, row)

    def whole(self, tenant_id: str) -> VerificationRow | None:
        """Gives the last verification that began with the first record."""
        row = self.connection.execute(_WHOLE, {"tenant": tenant_id}).one_or_none()
        return None if row is None else build(VerificationRow, row)

    def accept(self, row: BreakRow) -> None:
        """Adds a fault that was accepted."""
        values = {name: getattr(row, name) for name in _BREAK_NAMES}
        self.connection.execute(_ACCEPT, values)
        revisions.bump(self.connection, "prevention")

    def breaks(self, tenant_id: str) -> list[BreakRow]:
        """Gives the faults that were accepted, in the order of their records."""
        return build_all(BreakRow, self.connection.execute(_BREAKS, {"tenant": tenant_id}))

    def ledgers(self) -> list[tuple[str, int]]:
        """Gives the tenants that have a ledger, with the last number of each."""
        return [(row[0], row[1]) for row in self.connection.execute(_LEDGERS)]
