"""Keeping the meters of integrations in step with them: their names, providers and limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from storage import revisions
from storage.limits.meters import GAUGE_FIELDS, METER_FIELDS, gauge_of, limit_gauge
from storage.limits.rows import LIMITS
from storage.limits.stale import mark_stale, month_of
from storage.rows import bound, execute_many, to_plain
from storage.tables import gauges, meters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.integrations import IntegrationRow

SCOPE = "integration"
_CHUNK = 1_000
_ADD = insert(meters).values(bound(METER_FIELDS))
_ADD_GAUGES = insert(gauges).values(bound(GAUGE_FIELDS))
_OF_TENANT = (
    (meters.c.tenant_id == bindparam("_tenant", required=True)),
    (meters.c.scope == SCOPE),
)
_NUMBERS = select(meters.c.subject, meters.c.number).where(
    *_OF_TENANT, meters.c.subject.in_(bindparam("ids", expanding=True, required=True))
)
_CHANGE = (
    update(meters)
    .where(*_OF_TENANT, meters.c.subject == bindparam("_id", required=True))
    .values(version=meters.c.version + 1)
    .returning(meters.c.number)
)
_CHANGE_GAUGES = update(gauges).where(gauges.c.meter_number == bindparam("_number", required=True))
_GONE = (
    update(meters)
    .where(meters.c.scope == SCOPE, meters.c.retired_at.is_(None))
    .values(retired_at=bindparam("_at", type_=meters.c.retired_at.type, required=True))
)
_GONE_GAUGES = (
    update(gauges)
    .where(gauges.c.scope == SCOPE, gauges.c.retired_at.is_(None))
    .values(retired_at=bindparam("_at", type_=gauges.c.retired_at.type, required=True))
)


def add_meters(connection: Connection, rows: Sequence[IntegrationRow]) -> None:
    """Adds the meters of new integrations, with their gauges."""
    made = {row.id: _meter_of(row) for row in rows}
    execute_many(connection, _ADD, [to_plain(values) for values in made.values()])
    for first in range(0, len(rows), _CHUNK):
        _add_gauges(connection, made, rows[first : first + _CHUNK])
    revisions.bump(connection, "limits")


def _meter_of(row: IntegrationRow) -> dict[str, object]:
    return {
        "tenant_id": row.tenant_id,
        "scope": SCOPE,
        "subject": row.id,
        "name": row.name,
        "provider": row.provider_type,
        "created_at": row.created_at,
        **{column: getattr(row, column) for column in LIMITS.values()},
    }


def _add_gauges(
    connection: Connection,
    made: Mapping[str, Mapping[str, object]],
    rows: Sequence[IntegrationRow],
) -> None:
    found: list[dict[str, object]] = []
    for tenant in sorted({row.tenant_id for row in rows}):
        ids = [row.id for row in rows if row.tenant_id == tenant]
        for subject, number in connection.execute(_NUMBERS, {"_tenant": tenant, "ids": ids}):
            found += (gauge_of(number, made[subject], measure) for measure in LIMITS)
    execute_many(connection, _ADD_GAUGES, found)


def follow(
    connection: Connection,
    row: IntegrationRow,
    changed: Mapping[str, object],
) -> None:
    """Repeats what changed of an integration in its meter and gauges."""
    named = {"name", "provider_type"} & set(changed)
    limits = {measure: column for measure, column in LIMITS.items() if column in changed}
    if not named and not limits:
        return
    values = {"_tenant": row.tenant_id, "_id": row.id, "updated_at": row.updated_at}
    values |= {"name": row.name, "provider": row.provider_type}
    values |= {column: getattr(row, column) for column in LIMITS.values()}
    number = connection.execute(_CHANGE, values).scalar_one()
    mark_stale(connection, [number], month_of(row.updated_at or row.created_at))
    if named:
        _rename(connection, number, row)
    for measure, column in limits.items():
        limit_gauge(connection, number, measure, getattr(row, column))
    revisions.bump(connection, "limits")


def _rename(connection: Connection, number: int, row: IntegrationRow) -> None:
    shown = {"name": row.name, "sort_name": row.name.casefold(), "provider": row.provider_type}
    connection.execute(_CHANGE_GAUGES, {"_number": number, **shown})


def retire(connection: Connection, tenant_id: str, integration_id: str, at: datetime) -> None:
    """Takes the gauges of a deleted integration off every list; its usage stays."""
    values = {"_tenant": tenant_id, "_id": integration_id, "retired_at": at}
    number = connection.execute(_CHANGE, values).scalar()
    if number is not None:
        connection.execute(_CHANGE_GAUGES, {"_number": number, "retired_at": at})
    revisions.bump(connection, "limits")


def retire_all(connection: Connection, tenant_id: str | None, at: datetime) -> None:
    """Takes those of all of a tenant's integrations off, or of everybody's for None."""
    gone, gone_gauges, values = _GONE, _GONE_GAUGES, {"_at": at}
    if tenant_id is not None:
        gone = gone.where(meters.c.tenant_id == tenant_id)
        gone_gauges = gone_gauges.where(gauges.c.tenant_id == tenant_id)
    connection.execute(gone, values)
    connection.execute(gone_gauges, values)
    revisions.bump(connection, "limits")
