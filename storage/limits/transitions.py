"""Warning levels that were reached: each once in a period, whoever notices first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Select, bindparam, select, type_coerce

from storage.limits.rows import TransitionRow
from storage.rows import bound, build_all, by_dialect, inserting, names_of
from storage.tables import limit_transitions, meters
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Connection, Executable

_OF_METER = frozenset({"scope", "subject", "name"})
_COLUMNS = [
    (meters if name in _OF_METER else limit_transitions).c[name] for name in names_of(TransitionRow)
]
_FIELDS = tuple(column.name for column in limit_transitions.c if column.name != "id")
_LIST = (
    select(*_COLUMNS)
    .join_from(limit_transitions, meters, meters.c.number == limit_transitions.c.meter_number)
    .order_by(limit_transitions.c.id.desc())
    .limit(bindparam("limit", required=True))
)
_OF_TENANT = _LIST.where(limit_transitions.c.tenant_id == bindparam("tenant", required=True))
_LISTS: dict[tuple[bool, bool], Select[Any]] = {
    (False, False): _LIST,
    (True, False): _OF_TENANT,
    (False, True): _LIST.where(
        limit_transitions.c.meter_number == bindparam("meter", required=True)
    ),
    (True, True): _OF_TENANT.where(
        limit_transitions.c.meter_number == bindparam("meter", required=True)
    ),
}


def _noting(dialect: str) -> Executable:
    noting = inserting(dialect, limit_transitions).values(bound(_FIELDS)).on_conflict_do_nothing()
    return noting.returning(limit_transitions.c.id)


_NOTE = by_dialect(_noting)
_NOTED = (
    select(
        limit_transitions.c.meter_number,
        limit_transitions.c.measure,
        type_coerce(limit_transitions.c.period_start, BigInteger),
        limit_transitions.c.level,
    )
    .where(limit_transitions.c.meter_number.in_(bindparam("numbers", expanding=True)))
    .where(limit_transitions.c.period_start >= bindparam("since", type_=UtcMillis, required=True))
)


def note_transition(  # noqa: PLR0913  (a row of the table, by name)
    connection: Connection,
    *,
    tenant_id: str,
    meter_number: int,
    measure: str,
    period_start: datetime,
    level: float,
    at: datetime,
    used: int,
    limit_value: int,
) -> bool:
    """Notes that a level (per cent) was reached in a period; False when that was noted before."""
    values = {
        "tenant_id": tenant_id,
        "meter_number": meter_number,
        "measure": measure,
        "period_start": period_start,
        "level": level,
        "at": at,
        "used": used,
        "limit_value": limit_value,
    }
    return connection.execute(_NOTE[connection.dialect.name], values).first() is not None


def noted(
    connection: Connection, numbers: Collection[int], since: datetime
) -> set[tuple[int, str, int, float]]:
    """Gives the levels that were noted: meter, measure, period in milliseconds, level."""
    rows = connection.execute(_NOTED, {"numbers": list(numbers), "since": since})
    return {(number, measure, period, level) for number, measure, period, level in rows}


def transitions(
    connection: Connection, tenant_id: str | None, *, meter: int | None = None, limit: int = 50
) -> list[TransitionRow]:
    """Gives what was reached, newest first: of a tenant or everybody, of one meter or of all."""
    values = {"tenant": tenant_id, "meter": meter, "limit": limit}
    wanted = {name: value for name, value in values.items() if value is not None}
    statement = _LISTS[tenant_id is not None, meter is not None]
    return build_all(TransitionRow, connection.execute(statement, wanted))
