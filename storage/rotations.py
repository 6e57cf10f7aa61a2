"""The driver of rotations: which master key secrets are under, and moving them to another.

The newest rotation says under which key secrets are sealed; so whoever seals one asks here, in
the same transaction (`hold`, then `current_key`). A rotation begins and ends in transactions that
no sealing one overlaps (`stop`): on SQLite every writing transaction is alone; on PostgreSQL a
sealing one locks the table as a writer before it looks, and a rotation locks writers out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from storage import revisions
from storage.credentials import CredentialRow
from storage.rows import build, build_all, names_of
from storage.tables import credentials, key_rotations

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class RotationRow:
    """One change of the master key; `from_keys` are the former keys' ids with commas between."""

    number: int
    to_key: str
    from_keys: str
    unreadable: int
    begun_at: datetime
    begun_by: str
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ResealedRow:
    """A secret under another key, with the nonce and key that it had before."""

    id: str
    old_nonce: bytes
    old_key_id: str
    nonce: bytes
    ciphertext: bytes
    key_id: str


_NEWEST = (
    select(*(key_rotations.c[name] for name in names_of(RotationRow)))
    .order_by(key_rotations.c.number.desc())
    .limit(1)
)
_ROWS = [credentials.c[name] for name in names_of(CredentialRow)]
_LEFT = (
    select(*_ROWS)
    .where(credentials.c.key_id != bindparam("key_id", required=True))
    .where(credentials.c.id > bindparam("after", required=True))
    .order_by(credentials.c.id)
    .limit(bindparam("limit", required=True))
)
_COUNTS = select(credentials.c.key_id, func.count()).group_by(credentials.c.key_id)
_ANY = select(credentials.c.key_id).limit(1)
_UNDER = _ANY.where(credentials.c.key_id == bindparam("key_id", required=True))
_TENANTS = select(credentials.c.tenant_id).distinct().order_by(credentials.c.tenant_id)
# A secret that was replaced meanwhile is under the new key already, and has another nonce.
_SWAP = (
    update(credentials)
    .where(credentials.c.id == bindparam("_id", required=True))
    .where(credentials.c.nonce == bindparam("_nonce", required=True))
    .where(credentials.c.key_id == bindparam("_key_id", required=True))
)
_END = update(key_rotations).where(
    key_rotations.c.number == bindparam("_number", required=True),
    key_rotations.c.finished_at.is_(None),
)


class RotationsDriver:
    """Reads and writes rotations on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def hold(self) -> None:
        """Keeps a rotation from beginning or ending before this transaction ends."""
        self._lock("ROW EXCLUSIVE")

    def stop(self) -> None:
        """Waits for those that seal, and keeps others from it until this transaction ends."""
        self._lock("SHARE ROW EXCLUSIVE")

    def newest(self) -> RotationRow | None:
        """Gives the last rotation that was begun; None when there never was one."""
        row = self.connection.execute(_NEWEST).one_or_none()
        return None if row is None else build(RotationRow, row)

    def current_key(self) -> str | None:
        """Gives the id of the key that secrets are to be sealed under; None leaves it open."""
        newest = self.newest()
        stored: str | None = self.connection.execute(_ANY).scalar()
        if newest is None or stored is None:
            return newest.to_key if newest is not None else stored
        values = {"key_id": newest.to_key}
        if newest.finished_at is None or self.connection.execute(_UNDER, values).first():
            return newest.to_key
        return stored  # all under that key are gone, and somebody began anew with another

    def counts(self) -> dict[str, int]:
        """Gives how many secrets are under which key."""
        return {key_id: count for key_id, count in self.connection.execute(_COUNTS)}  # noqa: C416

    def tenants(self) -> tuple[str, ...]:
        """Gives the ids of tenants that have secrets."""
        return tuple(self.connection.execute(_TENANTS).scalars())

    def begin(self, to_key: str, from_keys: Iterable[str], *, at: datetime, by: str) -> RotationRow:
        """Notes that secrets are sealed under another key from now on."""
        former = ",".join(from_keys)
        values = {"to_key": to_key, "from_keys": former, "begun_at": at, "begun_by": by}
        revisions.bump(self.connection, "credentials")
        made = insert(key_rotations).returning(key_rotations.c.number)
        number = self.connection.execute(made, values).scalar_one()
        return RotationRow(
            number=number,
            to_key=to_key,
            from_keys=former,
            unreadable=0,
            begun_at=at,
            begun_by=by,
            finished_at=None,
        )

    def left(self, to_key: str, *, after_id: str, limit: int) -> tuple[CredentialRow, ...]:
        """Gives secrets that are not under this key, by id, those after one."""
        values = {"key_id": to_key, "after": after_id, "limit": limit}
        return tuple(build_all(CredentialRow, self.connection.execute(_LEFT, values)))

    def swap(self, rows: Iterable[ResealedRow]) -> int:
        """Puts secrets under another key, those that are as they were; gives how many."""
        revisions.bump(self.connection, "credentials")
        done = 0
        for row in rows:
            where = {"_id": row.id, "_nonce": row.old_nonce, "_key_id": row.old_key_id}
            new = {"nonce": row.nonce, "ciphertext": row.ciphertext, "key_id": row.key_id}
            done += self.connection.execute(_SWAP, {**where, **new}).rowcount
        return done

    def mark_unreadable(self, number: int, count: int) -> None:
        """Notes how many secrets could not be moved."""
        revisions.bump(self.connection, "credentials")
        self.connection.execute(_END, {"_number": number, "unreadable": count})

    def finish(self, number: int, at: datetime) -> bool:
        """Notes that all is under the new key; False when that was noted before."""
        revisions.bump(self.connection, "credentials")
        values = {"_number": number, "unreadable": 0, "finished_at": at}
        return self.connection.execute(_END, values).rowcount == 1

    def _lock(self, mode: str) -> None:
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql(f"LOCK TABLE credentials IN {mode} MODE")
