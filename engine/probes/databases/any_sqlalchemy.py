"""Any other database for which SQLAlchemy has a dialect, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.child import in_child
from engine.probes.refusals import Refused, no_such, password_rejected
from engine.probes.running import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import URL

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "The database"
# They would make the file that they do not find; their own checks do not.
_FILES = frozenset({"sqlite", "duckdb"})
# The one setting that drivers agree on least; the process ends with the deadline anyway.
_LIMIT_NAMES = {
    **dict.fromkeys(("psycopg", "psycopg2", "pymysql", "mysqldb"), "connect_timeout"),
    **dict.fromkeys(("asyncpg", "pg8000", "pyodbc", "cx_oracle"), "timeout"),
    "mysqlconnector": "connection_timeout",
}
# Classes of SQLSTATE (ISO 9075, 24.1), which many drivers give.
_LOGIN, _NO_CATALOG, _NO_PRIVILEGE = "28", "3D", "42501"


async def probe(attempt: Attempt) -> Mapping[str, object]:
    """Connect through SQLAlchemy and run `SELECT 1`."""
    url = _url(attempt.place)
    if url.host and url.port:
        await attempt.reach(url.host, url.port)
    elif url.host:
        await attempt.resolve(url.host)
    work = f"{__name__}:ask"
    return await in_child(attempt, work, "authenticate", limit_s=round(attempt.remaining_s) + 1)


def ask(place: Place, turn: Callable[[str], None], *, limit_s: int) -> dict[str, object]:
    """Connect and run `SELECT 1`; runs in the child.

    Raises:
        Refused: There is no driver, or the server refused.
    """
    import sqlalchemy
    from sqlalchemy import exc, pool

    url = _url(place)
    stage = "authenticate"
    try:
        engine = sqlalchemy.create_engine(
            url, poolclass=pool.NullPool, connect_args=_limit(url, limit_s)
        )
        with engine.connect() as connection:
            turn(stage := "query")
            connection.scalar(sqlalchemy.select(sqlalchemy.literal(1)))
            version = engine.dialect.server_version_info or ()
    except (exc.NoSuchModuleError, ImportError):
        raise Refused(
            "driver_missing",
            f"There is no driver for {url.drivername}.",
            f"Install SQLAlchemy's dialect and the driver for {url.drivername}.",
        ) from None
    except exc.DBAPIError as error:
        raise _refusal(error, stage, url) from None
    words = (engine.dialect.name, ".".join(str(part) for part in version))
    return {"server": " ".join(word for word in words if word)}


def _url(place: Place) -> URL:
    from sqlalchemy import exc, make_url

    try:
        url = make_url(place.url or "")
    except (exc.ArgumentError, ValueError):
        raise Refused(
            "invalid_url",
            "The URL is not one of SQLAlchemy's.",
            "Enter it as dialect+driver://user@host:port/database.",
        ) from None
    if url.get_backend_name() in _FILES:
        raise Refused(
            "invalid_url",
            "SQLAlchemy would make this file if it is not there.",
            "Choose SQLite or DuckDB as technology.",
        )
    return url.set(username=place.username or url.username, password=place.password or url.password)


def _limit(url: URL, limit_s: int) -> dict[str, int]:
    name = _LIMIT_NAMES.get(url.drivername.partition("+")[2])
    return {name: limit_s} if name else {}


def _refusal(error: Exception, stage: str, url: URL) -> Refused:
    origin = getattr(error, "orig", None) or error
    state = str(getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None) or "")
    if state.startswith(_LOGIN):
        return password_rejected(url.username, _TITLE)
    if state.startswith(_NO_CATALOG):
        return no_such("database", url.database, "Check the database's name, or create it.")
    if state == _NO_PRIVILEGE:
        return Refused("access_denied", "This user may not do this.", "Grant it the right.")
    secrets = tuple(filter(None, (url.password,)))
    return explain(origin, stage, _TITLE, secrets)
