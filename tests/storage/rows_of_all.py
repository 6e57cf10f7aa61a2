"""A row of each tenant in every table there is, made from the declared columns alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, insert

from storage.tables import metadata
from storage.types import JsonText, JsonWords, UtcMillis
from tests.storage.conftest import NOW

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Table

TENANTS = ("acme", "other")
# What only fits when it is said; of tenant number 1 or 2.
_SAID: dict[str, Any] = {
    "incidents.key": "lamp:{number}",
    "prevention_records.body": '{{"policy_id":"p","is_simulated":false,"created_at":{number}}}',
    "reservations.meters": "{number}",
}
_EMPTY: dict[type, Any] = {UtcMillis: NOW, Boolean: False, JsonText: {}, JsonWords: []}
_NUMBERS = (BigInteger, Integer, Double)


def row(table: Table, tenant: str) -> dict[str, Any]:
    """Give a row of a tenant, with a value in every column that wants one."""
    wanted = (column for column in table.columns if column.computed is None)
    return {column.name: _value(table, column, tenant) for column in wanted}


def _value(table: Table, column: Column[Any], tenant: str) -> Any:
    number = TENANTS.index(tenant) + 1
    if (said := _SAID.get(f"{table.name}.{column.name}")) is not None:
        return said.format(number=number)
    if column.name == "tenant_id" or (table.name, column.name) == ("tenants", "id"):
        return tenant
    for foreign in column.foreign_keys:
        return _value(foreign.column.table, foreign.column, tenant)
    kind = type(column.type)
    if kind in _EMPTY:
        return _EMPTY[kind]
    if kind is LargeBinary:
        return tenant.encode()
    return number if kind in _NUMBERS else f"{tenant}-{table.name}"


def fill(connection: Connection) -> None:
    """Put a row of each tenant into every table."""
    for table in metadata.sorted_tables:
        for tenant in TENANTS:
            connection.execute(insert(table).values(row(table, tenant)))
