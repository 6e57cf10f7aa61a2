"""How tests empty a PostgreSQL schema: ledgers refuse it, so their triggers are off meanwhile."""

from __future__ import annotations

from storage.tables import metadata
from storage.tables.guards import TRIGGERS, always

_TRIGGERS = TRIGGERS["postgresql"]


def emptying() -> tuple[str, ...]:
    """Gives the statements that leave no row in any table."""
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    return _unguarded(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


def emptying_ledgers() -> tuple[str, ...]:
    """Gives the statements that leave nothing of ledgers; far quicker where that is all."""
    names = [name for name in metadata.tables if name.startswith("prevention_")]
    return _unguarded(*(f"DELETE FROM {name}" for name in (*names, "activity")))  # noqa: S608


def _unguarded(*statements: str) -> tuple[str, ...]:
    off = (f"ALTER TABLE {one.table} DISABLE TRIGGER {one.name}" for one in _TRIGGERS)
    return (*off, *statements, *(always(one) for one in _TRIGGERS))
