"""What callers were allowed and have not used yet: held on each meter that has a limit.

A reservation is held in the day and the minute it was made in, beside what was used there, so
that both are read together. It ends when it is settled or when it expires, and what was held is
then given back where it stands, whatever the clock says by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, delete, select, type_coerce, update

from storage import revisions
from storage.limits.holding import Reservation, amounts
from storage.limits.rows import MAX_TTL_S
from storage.limits.standing import lock_meters
from storage.rows import execute_many, names_of
from storage.tables import reservations, usage_days, usage_minutes
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, Row

# Machines on one database may differ by about this much.
_SKEW_MS = 60_000
_OF_DAY = ("_meter", "_day", "_tokens", "_nanos")
_OF_MINUTE = ("_minute", "_meter", "_calls")


def _plain() -> list[Any]:
    times = {"at", "expires_at"}
    columns = ((name, reservations.c[name]) for name in names_of(Reservation))
    return [type_coerce(col, BigInteger) if name in times else col for name, col in columns]


_GIVE_DAY = (
    update(usage_days)
    .where(usage_days.c.meter_number == bindparam("_meter", required=True))
    .where(usage_days.c.day == bindparam("_day", required=True))
    .values(
        held_tokens=usage_days.c.held_tokens - bindparam("_tokens", required=True),
        held_nanos=usage_days.c.held_nanos - bindparam("_nanos", required=True),
    )
)
_GIVE_MINUTE = (
    update(usage_minutes)
    .where(usage_minutes.c.minute == bindparam("_minute", required=True))
    .where(usage_minutes.c.meter_number == bindparam("_meter", required=True))
    .values(held_calls=usage_minutes.c.held_calls - bindparam("_calls", required=True))
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True, required=True)
_OPEN = select(*_plain()).order_by(reservations.c.id).with_for_update()
_THESE = _OPEN.where(reservations.c.id.in_(_IDS))
_THESE_OF_TENANT = _THESE.where(reservations.c.tenant_id == bindparam("tenant", required=True))
_expires = type_coerce(reservations.c.expires_at, BigInteger)
_EXPIRED = (
    select(reservations.c.id)
    .where(
        (_expires <= bindparam("now", required=True))
        | (_expires > bindparam("latest", required=True))
    )
    .limit(bindparam("limit", required=True))
)
_END = delete(reservations).where(reservations.c.id.in_(_IDS))


def any_expired(connection: Connection, now: datetime) -> bool:
    """Tells whether `expire` would end any."""
    return connection.execute(_EXPIRED, _expiry(now, 1)).first() is not None


def settle(
    connection: Connection,
    ids: Iterable[str],
    *,
    tenant_id: str | None = None,
    also: Iterable[int] = (),
) -> int:
    """Ends reservations and gives back what they hold; gives how many there were.

    Those that are unknown, ended, or another tenant's are passed over. Whoever adds usage in the
    same transaction calls this right before it adds to days and minutes, with the numbers of the
    meters that it adds to in `also`: on PostgreSQL their rows are locked here, in one order for
    everybody, so that no two writers wait for each other in a circle.
    """
    wanted = sorted(set(ids))
    statement, values = _THESE, {"ids": wanted}
    if tenant_id is not None:
        statement, values = _THESE_OF_TENANT, {"ids": wanted, "tenant": tenant_id}  # type: ignore[dict-item]
    rows = connection.execute(statement, values).all() if wanted else []
    if connection.dialect.name != "sqlite":
        numbers = {number for row in rows for number in _numbers(row)}
        lock_meters(connection, numbers.union(also))
    if rows:
        _give_back(connection, rows)
        connection.execute(_END, {"ids": [row.id for row in rows]})
    return len(rows)


def expire(connection: Connection, now: datetime, *, limit: int = 1_000) -> int:
    """Ends up to `limit` reservations that were not settled in time; gives how many.

    Those that would be open for longer than any may be are of a clock that was set back since.
    """
    ids = connection.execute(_EXPIRED, _expiry(now, limit)).scalars().all()
    if not ids:
        return 0
    revisions.bump(connection, "limits")
    return settle(connection, ids)


def _expiry(now: datetime, limit: int) -> dict[str, int]:
    moment = to_millis(now)
    return {"now": moment, "latest": moment + MAX_TTL_S * 1000 + _SKEW_MS, "limit": limit}


def _numbers(row: Row[Any]) -> list[int]:
    return [int(number) for number in row.meters.split(",")]


def _give_back(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    days, minutes = amounts((_numbers(row), row.at, row.tokens, row.cost_nanos) for row in rows)
    execute_many(connection, _GIVE_DAY, [dict(zip(_OF_DAY, one, strict=True)) for one in days])
    given = [dict(zip(_OF_MINUTE, one, strict=True)) for one in minutes]
    execute_many(connection, _GIVE_MINUTE, given)
