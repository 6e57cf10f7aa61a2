"""Who may see which tenant's rows in PostgreSQL, and the policies that see to it.

A role that `tenant_roles` names sees and changes the rows of its tenants alone, whatever it asks:
the server adds the policy to each statement. The owner of the tables is exempt, so the product's
own role pays nothing for it. Policies follow from the tables: a table with a `tenant_id` is told
by that, others by the row that they point to. What is written must point to rows that the role
sees, because foreign keys are checked without policies and would tell what others have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Column, ForeignKey, Table, event

from storage.tables.core import metadata
from storage.tables.guards import ddl
from storage.types import UtcMillis, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import MetaData

# What `lampboard db isolate` has granted: `read_only` tells how to grant anew after an upgrade.
tenant_roles = Table(
    "tenant_roles",
    metadata,
    Column("role", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), primary_key=True),
    Column("read_only", Boolean, nullable=False),
    Column("granted_at", UtcMillis, nullable=False),
    sqlite_with_rowid=False,
)

_MINE = "(SELECT r.tenant_id FROM tenant_roles r WHERE r.role = current_user)"

READ_ONLY = frozenset({"key_rotations", "marks", "monitors", "tenant_roles"})
"""What everybody's work rests on: isolated roles read of it what they need, and change nothing."""

_OF_NOBODY = {
    "key_rotations": "true",
    "marks": "true",
    "monitors": "true",
    "revisions": "true",
    "tenant_roles": "role = current_user",
    "tenants": f"id IN {_MINE}",
}
# Rows of no tenant are everybody's to see, and no isolated role's to change.
_SHARED = ("incidents", "silences")
# What no foreign key says: a column and the row that it points to.
_POINTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "series": tuple(
        (f"{scope}_meter", "meters", "number")
        for scope in ("tenant", "provider", "model", "agent", "integration")
    ),
    "usage": (("series_number", "series", "number"),),
    "usage_days": (("meter_number", "meters", "number"),),
    "usage_minutes": (("meter_number", "meters", "number"),),
    "usage_series_days": (("series_number", "series", "number"),),
}
# The tenant of an alert is the incident's; whose it is tells the channel that it goes to.
_BY_CHANNEL = "alerts"
# What one tenant writes and a monitor acts upon for all of them: keys of open incidents are
# unique everywhere, a route may ask for all tenants, and what a reservation held is given back.
_SPECIAL = {
    "alert_routes": "NOT all_tenants",
    "alerts": f"tenant_id IS NULL OR tenant_id IN {_MINE}",
    "incidents": "key = 'lamp:' || target_number"
    " OR split_part(key, ':', 1) IN ('provider', 'credential', 'ledger')"
    " AND split_part(key, ':', 2) = tenant_id"
    " OR split_part(key, ':', 1) = 'limit'"
    " AND split_part(key, ':', 2) IN (SELECT m.number::text FROM meters m)",
    "reservations": "NOT EXISTS (SELECT 1 FROM unnest(string_to_array(meters, ',')) n"
    " WHERE n NOT IN (SELECT m.number::text FROM meters m))",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A row-level policy: its table, name, command, whom it shows and what may be written."""

    table: str
    name: str
    command: str
    using: str
    check: str | None = None

    @property
    def sql(self) -> str:
        """The statement that makes it."""
        made = f"CREATE POLICY {self.name} ON {self.table} FOR {self.command} USING ({self.using})"
        return made if self.check is None else f"{made} WITH CHECK ({self.check})"


def enabling(table: str) -> str:
    """Gives what lets nobody but the owner see a row that no policy shows."""
    return f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"


def policies(table: Table) -> Iterator[Policy]:
    """Gives the policies of a table.

    Raises:
        LookupError: nothing tells whose its rows are.
    """
    name = table.name
    if name in READ_ONLY:
        yield Policy(table=name, name="isolation", command="SELECT", using=_OF_NOBODY[name])
        return
    pointed = tuple(links(table))
    read, change = _whose(table, pointed)
    needed = [change, *(_seen(name, link) for link in pointed)]
    if name in _SPECIAL:
        needed.append(f"({_SPECIAL[name]})")
    check = " AND ".join(dict.fromkeys(needed))
    yield Policy(table=name, name="isolation", command="ALL", using=change, check=check)
    if read != change:
        yield Policy(table=name, name="isolation_shared", command="SELECT", using=read)


def _whose(table: Table, pointed: tuple[tuple[str, str, str], ...]) -> tuple[str, str]:
    """Gives what shows a role its rows, and what lets it change them."""
    name = table.name
    if name in _OF_NOBODY:
        return _OF_NOBODY[name], _OF_NOBODY[name]
    if "tenant_id" in table.c and name != _BY_CHANNEL:
        own = f"tenant_id IN {_MINE}"
        return (f"tenant_id IS NULL OR {own}", own) if name in _SHARED else (own, own)
    if not pointed:
        raise LookupError(f"Nothing tells whose the rows of {name} are.")
    column, parent, key = pointed[0]
    read = _there(name, column, parent, key)
    if parent in _SHARED:
        return read, f"{read[:-1]} AND p.tenant_id IS NOT NULL)"
    return read, read


def links(table: Table) -> Iterator[tuple[str, str, str]]:
    """Gives what the rows of a table point to: a column, and the table and column there."""
    for column in table.columns:
        for foreign in column.foreign_keys:
            parent = foreign.column
            if parent.table.name != "tenants":
                yield column.name, parent.table.name, parent.name
    yield from _POINTS.get(table.name, ())


def _there(table: str, column: str, parent: str, key: str) -> str:
    return f"EXISTS (SELECT 1 FROM {parent} p WHERE p.{key} = {table}.{column})"  # noqa: S608


def _seen(table: str, link: tuple[str, str, str]) -> str:
    column = link[0]
    there = _there(table, *link)
    optional = metadata.tables[table].c[column].nullable
    return f"({column} IS NULL OR {there})" if optional else there


def isolate(declared: MetaData) -> None:
    """Lets whoever makes all tables of `declared` make their policies too, when all are there."""
    for table in declared.sorted_tables:
        for sql in (enabling(table.name), *(policy.sql for policy in policies(table))):
            event.listen(declared, "after_create", ddl(sql).execute_if(dialect="postgresql"))
