"""The statements that make a role which can only select, for the operator to read and to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LONGEST = {"postgres": 63, "mysql": 32}
_BARE = (
    "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS"
    " CONNECTION LIMIT 8"
)
_NONE_NEEDED = {
    "sqlite": (
        "SQLite has no roles. A run opens the file for reading alone, and an authorizer lets "
        "nothing else happen; to be safer still, make the file read-only for this user."
    ),
    "duckdb": (
        "DuckDB has no roles. A run attaches the file for reading alone, with everything outside "
        "switched off; to be safer still, make the file read-only for this user."
    ),
}


def role_statements(
    dialect: str,
    role: str,
    *,
    schemas: Sequence[str] = (),
    tables: Sequence[str] = (),
    database: str | None = None,
) -> tuple[str, ...]:
    """Return statements that make a role with SELECT and nothing else; nobody can log in by it yet.

    Args:
        dialect: `postgres` or `mysql`, for MariaDB too.
        role: Its name.
        schemas: All of whose tables it may read; MySQL's databases.
        tables: Further ones, as `schema.table`.
        database: On PostgreSQL, the one that it may connect to.

    Returns:
        Statements without semicolons; those that begin with `--` say what is left to do, or why
        there is nothing to do.

    Raises:
        InvalidInput: There are no statements for the dialect, nothing to read is named, or a
            name cannot be one; `field` names it.
    """
    if dialect in _NONE_NEEDED:
        return (f"-- {_NONE_NEEDED[dialect]}",)
    if dialect not in _LONGEST:
        raise InvalidInput(
            "There are no statements for this dialect.",
            hint="It is postgres or mysql; MariaDB takes those of mysql.",
            field="dialect",
        )
    _require_name(role, "role", _LONGEST[dialect])
    for schema in schemas:
        _require_name(schema, "schema")
    if database is not None:
        _require_name(database, "database")
    if not schemas and not tables:
        raise InvalidInput(
            "It is not said what the role may read.",
            hint="Name schemas, or tables as schema.table.",
            field="schema",
        )
    parted = [_parted(table) for table in tables]
    if dialect == "mysql":
        return _mysql(role, schemas, parted)
    return _postgres(role, schemas, parted, database)


def _postgres(
    role: str, schemas: Sequence[str], tables: Sequence[tuple[str, str]], database: str | None
) -> tuple[str, ...]:
    quote = _quoted('"')
    who = quote(role)
    reached = dict.fromkeys([*schemas, *(schema for schema, _ in tables)])
    return (
        f"CREATE ROLE {who} {_BARE}",
        f"ALTER ROLE {who} SET default_transaction_read_only = on",
        f"ALTER ROLE {who} SET statement_timeout = '60s'",
        f"ALTER ROLE {who} SET idle_in_transaction_session_timeout = '60s'",
        *([f"GRANT CONNECT ON DATABASE {quote(database)} TO {who}"] if database else []),
        *(f"GRANT USAGE ON SCHEMA {quote(schema)} TO {who}" for schema in reached),
        *(f"GRANT SELECT ON ALL TABLES IN SCHEMA {quote(one)} TO {who}" for one in schemas),
        *(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {quote(one)} GRANT SELECT ON TABLES TO {who}"
            for one in schemas
        ),
        *(f"GRANT SELECT ON TABLE {quote(one)}.{quote(table)} TO {who}" for one, table in tables),
        f"-- Then give it a password, in psql: \\password {who}",
    )


def _mysql(role: str, schemas: Sequence[str], tables: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    quote = _quoted("`")
    who = f"{quote(role)}@'%'"
    return (
        f"CREATE USER {who} WITH MAX_USER_CONNECTIONS 8 ACCOUNT LOCK",
        *(f"GRANT SELECT ON {_pattern(quote(schema))}.* TO {who}" for schema in schemas),
        *(f"GRANT SELECT ON {quote(one)}.{quote(table)} TO {who}" for one, table in tables),
        f"-- Then let it in: ALTER USER {who} IDENTIFIED BY '…' ACCOUNT UNLOCK",
    )


def _quoted(sign: str) -> Callable[[str], str]:
    """Return what puts a name between quotes; one inside it is doubled."""
    return lambda name: f"{sign}{name.replace(sign, sign * 2)}{sign}"


def _pattern(name: str) -> str:
    r"""Return a database's name as GRANT reads it: `_` and `%` would stand for any sign."""
    return name.replace("_", r"\_").replace("%", r"\%")


def _parted(table: str) -> tuple[str, str]:
    schema, dot, name = table.partition(".")
    if not dot:
        raise InvalidInput(
            "A table is named without its schema.", hint="Write schema.table.", field="table"
        )
    _require_name(schema, "table")
    _require_name(name, "table")
    return schema, name


def _require_name(name: str, field: str, longest: int = 63) -> None:
    if not name or not name.isprintable() or len(name.encode()) > longest:
        raise InvalidInput(
            f"That is no name of a {field}: it must be printable, and at most {longest} bytes.",
            hint="Write it as the database shows it, without quotes.",
            field=field,
        )
