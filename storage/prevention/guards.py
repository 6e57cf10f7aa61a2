"""Whether the triggers are there that let nobody change a ledger, and no others; mending them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.connect import raw_of
from storage.tables.guards import GUARDED, POSTGRES_FUNCTION, TRIGGERS, always

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

_ON_SQLITE = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'"
# One that is enabled for ordinary sessions alone (O) is none for those that switch it off.
_ON_POSTGRES = f"""SELECT tgname, CASE WHEN tgenabled = 'A' AND proname = 'prevention_refuse'
        AND prosrc LIKE '%%RAISE EXCEPTION%%' THEN 'ours' ELSE '' END, relname
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal
    AND tgrelid IN ({", ".join(f"to_regclass('{table}')" for table in GUARDED)})"""  # noqa: S608

# What is found on SQLite where nobody touched it: each append looks, and compares it at once.
_AS_MADE = {one.name: (one.sql, one.table) for one in TRIGGERS["sqlite"]}


def wrong(connection: Connection) -> Mapping[str, str]:
    """Gives what is not as it was made, by name: its table.

    That is triggers that are gone, switched off or changed, and those of somebody else, which
    could keep a record from being written.
    """
    found = _found(connection)
    if found == _AS_MADE:
        return {}
    told = {
        one.name: one.table
        for one in TRIGGERS[connection.dialect.name]
        if not _is(one.sql, found.get(one.name))
    }
    known = {one.name for one in TRIGGERS[connection.dialect.name]}
    others = {name: table for name, (_, table) in found.items() if name not in known}
    return {**told, **others}


def _found(connection: Connection) -> dict[str, tuple[str, str]]:
    """Gives the triggers of the guarded tables: what makes each, and its table."""
    if connection.dialect.name == "sqlite":
        kept = raw_of(connection).execute(_ON_SQLITE).fetchall()
        return {name: (sql, table) for name, sql, table in kept if table in GUARDED}
    rows = connection.exec_driver_sql(_ON_POSTGRES)
    return {name: (sql, table) for name, sql, table in rows}


def _is(made: str, found: tuple[str, str] | None) -> bool:
    """Tell whether a trigger is as it was made; blanks may differ."""
    if found is None:
        return False
    sql, _ = found
    return sql in {made, "ours"} or "".join(sql.split()) == "".join(made.split())


def mend(connection: Connection) -> tuple[str, ...]:
    """Makes those again that are gone, and takes others away; gives their names.

    For a writing connection.
    """
    broken = wrong(connection)
    dialect = connection.dialect.name
    if broken and dialect == "postgresql":
        connection.exec_driver_sql(POSTGRES_FUNCTION.replace("%", "%%"))
    quote = connection.dialect.identifier_preparer.quote_identifier
    for name, table in broken.items():
        on = "" if dialect == "sqlite" else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {quote(name)}{on}".replace("%", "%%"))
    for one in TRIGGERS[dialect]:
        if one.name in broken:
            connection.exec_driver_sql(one.sql)
            if dialect == "postgresql":
                connection.exec_driver_sql(always(one))
    return tuple(broken)
