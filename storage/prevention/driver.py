"""The driver of ledgers: appending, the head, walking a ledger record by record, pages of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, case, func, select, type_coerce

from storage import revisions
from storage.connect import raw_of
from storage.errors import StorageError
from storage.paging import Page, start
from storage.prevention import guards
from storage.prevention.listing import (
    count_statement,
    page_statement,
    record_columns,
    shape_records,
)
from storage.prevention.rows import ZERO, Head, PolicyCount, RecordRow
from storage.rows import build_all
from storage.tables import prevention_policies as policies
from storage.tables import prevention_records as records
from storage.types import from_millis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from storage.filters import Term
    from storage.paging import Anchor
    from storage.prevention.rows import Link, Sort

    Appended = tuple[str, int, bytes, str]

# Appending goes past SQLAlchemy, which would take as long as all that it asks for.
_BEGIN = {
    "sqlite": "INSERT INTO prevention_ledgers (tenant_id, seq, digest) VALUES (?, 0, ?)",
    "postgresql": "INSERT INTO prevention_ledgers (tenant_id, seq, digest) VALUES (%s, 0, %s) "
    "ON CONFLICT (tenant_id) DO NOTHING",
}
_HEAD = """SELECT l.seq, {digest}, l.written_at, v.ok, v.fault_message
    FROM prevention_ledgers AS l LEFT JOIN prevention_verifications AS v ON v.id =
        (SELECT max(id) FROM prevention_verifications WHERE tenant_id = l.tenant_id)
    WHERE l.tenant_id = """
_READ_HEAD = {
    "sqlite": f"{_HEAD.format(digest='CAST(l.digest AS BLOB)')}?",
    "postgresql": f"{_HEAD.format(digest='l.digest')}%s",
}
_LOCK_HEAD = {
    "sqlite": _READ_HEAD["sqlite"],
    "postgresql": f"{_READ_HEAD['postgresql']} FOR UPDATE OF l",
}
_MOVE = {
    "sqlite": "UPDATE prevention_ledgers SET seq = ?, digest = ?, written_at = ? "
    "WHERE tenant_id = ?",
    "postgresql": "UPDATE prevention_ledgers SET seq = %s, digest = %s, written_at = %s "
    "WHERE tenant_id = %s",
}
_PUT = "INSERT INTO prevention_records (tenant_id, seq, digest, body) VALUES (?, ?, ?, ?)"
_COPY = "COPY prevention_records (tenant_id, seq, digest, body) FROM STDIN (FORMAT BINARY)"
_TYPES = ("text", "int8", "bytea", "text")
# Whoever owns a file of SQLite can put any type into any column.
_LINK = {
    "sqlite": "SELECT CAST(seq AS INTEGER), CAST(digest AS BLOB), CAST(body AS BLOB)",
    "postgresql": "SELECT seq, digest, convert_to(body, 'UTF8')",
}
_FROM = "FROM prevention_records WHERE tenant_id ="
_LINKS = {
    "sqlite": f"{_LINK['sqlite']} {_FROM} ? AND seq > ? ORDER BY seq LIMIT ?",
    "postgresql": f"{_LINK['postgresql']} {_FROM} %s AND seq > %s ORDER BY seq LIMIT %s",
}
_LAST = {
    "sqlite": f"{_LINK['sqlite']} {_FROM} ? ORDER BY seq DESC LIMIT 2",
    "postgresql": f"{_LINK['postgresql']} {_FROM} %s ORDER BY seq DESC LIMIT 2",
}
_FIRST_SEQ = -(1 << 62)
_FOREVER = 1 << 62
_OF_POLICY = (
    records.c.tenant_id == bindparam("tenant", required=True),
    records.c.policy_id == bindparam("policy", required=True),
)
_SINCE = (
    select(func.count())
    .select_from(records)
    .where(*_OF_POLICY, records.c.is_simulated.is_(False))
    .where(records.c.created_at >= bindparam("since", required=True))
)
_UNCOUNTED = (
    select(records.c.seq, records.c.created_at)
    .where(*_OF_POLICY, records.c.is_simulated == bindparam("simulated", required=True))
    .where(records.c.created_at < bindparam("before", required=True))
    .order_by(records.c.created_at.desc(), records.c.seq.desc())
    .limit(bindparam("limit", required=True))
)


class LedgerDriver:
    """Reads and appends to ledgers on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._dialect = connection.dialect.name

    def head(self, tenant_id: str, *, lock: bool = False) -> Head | None:
        """Gives where a tenant's ledger is; None when it was never begun.

        Locked, nobody else appends to it until the commit.
        """
        rows = self._fetch(_LOCK_HEAD if lock else _READ_HEAD, (tenant_id,))
        if not rows:
            return None
        seq, digest, at, ok, fault = rows[0]
        return Head(
            seq=seq,
            digest=bytes(digest),
            written_at=None if at is None else from_millis(at),
            ok=None if ok is None else bool(ok),
            fault=fault,
            guarded=not guards.wrong(self.connection),
        )

    def begin(self, tenant_id: str) -> None:
        """Begins a tenant's ledger, unless another did meanwhile."""
        self.connection.exec_driver_sql(_BEGIN[self._dialect], (tenant_id, ZERO))

    def append(self, tenant_id: str, rows: Sequence[Appended], at: int) -> None:
        """Adds records that follow the last one, and moves the head; `at` in milliseconds.

        Raises:
            StorageError: The database took fewer of them.
        """
        if self._dialect == "sqlite":
            taken = raw_of(self.connection).executemany(_PUT, rows).rowcount
        else:
            taken = self._copy(rows)
        if taken != len(rows):
            raise StorageError("The database did not take every record, so none was written.")
        _, seq, digest, _ = rows[-1]
        self.move(tenant_id, seq, digest, at)

    def move(self, tenant_id: str, seq: int, digest: bytes, at: int) -> None:
        """Moves the head on."""
        values = (seq, digest, at, tenant_id)
        if self._dialect == "sqlite":
            raw_of(self.connection).execute(_MOVE["sqlite"], values)
        else:
            self.connection.exec_driver_sql(_MOVE["postgresql"], values)
        revisions.bump(self.connection, "prevention")

    def _copy(self, rows: Sequence[Appended]) -> int:
        driver: Any = self.connection.connection.dbapi_connection
        with driver.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                copy.set_types(_TYPES)
                for row in rows:
                    copy.write_row(row)
            return int(cursor.rowcount)

    def links(self, tenant_id: str, after: int = _FIRST_SEQ, limit: int = 500) -> list[Link]:
        """Gives the records that follow a number, in the order of their numbers."""
        return self._fetch(_LINKS, (tenant_id, after, limit))

    def last(self, tenant_id: str) -> list[Link]:
        """Gives the last record and the one before it, as far as they are there."""
        return self._fetch(_LAST, (tenant_id,))

    def _fetch(self, statements: dict[str, str], values: tuple[object, ...]) -> list[Any]:
        if self._dialect == "sqlite":
            return raw_of(self.connection).execute(statements["sqlite"], values).fetchall()
        driver: Any = self.connection.connection.dbapi_connection
        with driver.cursor(binary=True) as cursor:
            found: list[Any] = cursor.execute(statements["postgresql"], values).fetchall()
        return found

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        sort: Sort = "number",
        descending: bool = True,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[RecordRow]:
        """Gives a page of a tenant's records; those of a policy are sorted by kind and time."""
        anchor = anchor or start()
        shape, values = shape_records(terms, self._dialect)
        statement, width = page_statement(shape, sort, descending, anchor.place)
        values |= {"tenant_id": tenant_id, "limit": limit}
        values |= {f"key_{place}": value for place, value in enumerate(anchor.key)}
        if anchor.place == "at":
            values["offset"] = anchor.offset
        rows = self.connection.execute(statement, values).all()
        if anchor.backwards:
            rows = rows[::-1]
        return Page(
            rows=tuple(_records([row[width:] for row in rows])),
            keys=tuple(tuple(row[:width]) for row in rows),
        )

    def count(self, tenant_id: str, *, terms: Sequence[Term] = ()) -> int:
        """Counts a tenant's records."""
        shape, values = shape_records(terms, self._dialect)
        counted = self.connection.execute(
            count_statement(shape), {**values, "tenant_id": tenant_id}
        )
        return int(counted.scalar_one())

    def get(self, tenant_id: str, seq: int) -> RecordRow | None:
        """Gives one record, None when there is none of that number."""
        found = self.connection.execute(
            _one(self._dialect), {"tenant_id": tenant_id, "seq": seq}
        ).all()
        return _records(found)[0] if found else None

    def policy_counts(self, tenant_id: str, after: int = 0) -> list[PolicyCount]:
        """Counts the records of each policy behind a number; `counting` as its row has it."""
        rows = self.connection.execute(_counts(), {"tenant": tenant_id, "after": after})
        return build_all(PolicyCount, rows)

    def count_since(self, tenant_id: str, policy_id: str, since: int) -> int:
        """Counts the real records of a policy since a moment, in milliseconds."""
        values = {"tenant": tenant_id, "policy": policy_id, "since": since}
        return int(self.connection.execute(_SINCE, values).scalar_one())

    def uncounted(
        self, tenant_id: str, policy_id: str, since: int | None, limit: int
    ) -> list[tuple[int, int, bool]]:
        """Gives the newest records of a policy that don't count: number, time, whether simulated.

        Without a moment none does.
        """
        before = _FOREVER if since is None else since
        values = {"tenant": tenant_id, "policy": policy_id, "limit": limit}
        # Two spans of the index; asked for together, all of the policy's records would be sorted.
        found = [
            (seq, at, simulated)
            for simulated, until in ((True, _FOREVER), (False, before))
            for seq, at in self.connection.execute(
                _UNCOUNTED, {**values, "simulated": simulated, "before": until}
            )
        ]
        return sorted(found, key=lambda row: (row[1], row[0]), reverse=True)[:limit]


def _records(rows: Sequence[Sequence[Any]]) -> list[RecordRow]:
    return [
        RecordRow(seq=seq, digest=bytes(digest), body=bytes(body).decode("utf-8", "replace"))
        for seq, digest, body in rows
    ]


@lru_cache(maxsize=2)
def _one(dialect: str) -> Select[Any]:
    return select(*record_columns(dialect)).where(
        records.c.tenant_id == bindparam("tenant_id", required=True),
        records.c.seq == bindparam("seq", required=True),
    )


@lru_cache(maxsize=1)
def _counts() -> Select[*tuple[Any, ...]]:
    """Counts in one walk in the order of numbers.

    By its own index each policy's records would be looked up one by one, because SQLite takes a
    column that it reads from the body for all columns; this way it takes half as long.
    """
    counting = (
        records.c.is_simulated.is_(False)
        & (policies.c.mode == "active")
        & (records.c.created_at >= type_coerce(policies.c.activated_at, BigInteger))
    )
    named = records.c.policy_id.concat("")
    return (
        select(
            named,
            func.count(),
            func.sum(case((records.c.is_simulated, 1), else_=0)),
            func.sum(case((counting, 1), else_=0)),
            func.min(records.c.created_at),
            func.max(records.c.created_at),
        )
        .select_from(
            records.outerjoin(
                policies,
                (policies.c.tenant_id == records.c.tenant_id)
                & (policies.c.policy_id == records.c.policy_id),
            )
        )
        .where(records.c.tenant_id == bindparam("tenant"), records.c.seq > bindparam("after"))
        .group_by(named)
    )
