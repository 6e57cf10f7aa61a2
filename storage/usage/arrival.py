"""Putting facts in: each once, whoever tells it and how often, and summing up the new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, func, insert, select

from storage.connect import PAGE_CACHE_KIB, raw_of
from storage.tables import usage
from storage.usage import fresh
from storage.usage.rows import FACT_COLUMNS, SUMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.usage.rows import Fact

_LARGE = 2_000
# Keys of calls fall anywhere in their index: while its pages are kept, adding a fact of a million
# costs 5 µs, and 8 without. Twice as much was no faster.
_CACHE = "PRAGMA cache_size=-32768"
_USUAL_CACHE = f"PRAGMA cache_size=-{PAGE_CACHE_KIB}"
_KEY, _SERIES = FACT_COLUMNS.index("call_key"), FACT_COLUMNS.index("series_number")
_KEY_SIZE = 16
_NAMES = ", ".join(FACT_COLUMNS)
_PUT = (
    f"INSERT INTO usage ({_NAMES}) VALUES ({', '.join('?' * len(FACT_COLUMNS))}) "  # noqa: S608
    "ON CONFLICT DO NOTHING"
)
_COPY = f"COPY usage ({_NAMES}) FROM STDIN"
# All keys in one value: an array of them takes as long to send as the facts themselves.
_KNOWN = (
    "SELECT usage.call_key FROM (SELECT substring(%b FROM i * 16 + 1 FOR 16) AS call_key "
    "FROM generate_series(0, %s) AS i) AS told JOIN usage ON usage.call_key = told.call_key"
)
_LAST = select(func.coalesce(func.max(usage.c.number), 0))
_SINCE = usage.c.number > bindparam("last", type_=BigInteger)
_GATHERED = ["series_number", "day", "minute", *SUMS]
_GATHER = insert(fresh.by_series).from_select(_GATHERED, fresh.gathering(usage, _SINCE))
_GATHER_OWN = insert(fresh.by_series).from_select(
    _GATHERED,
    fresh.gathering(usage, _SINCE, usage.c.series_number == func.any(bindparam("series"))),
)


def arrive(connection: Connection, facts: Sequence[Fact], *, recent: int, ahead: int) -> None:
    """Adds facts that are not there yet, and sums up those in `fresh.by_series`.

    Minutes are told apart from `recent` to `ahead`, in milliseconds. On PostgreSQL it must be
    the turn of their tenant: nobody else adds facts of it until the commit.
    """
    window: dict[str, Any] = {"recent": recent, "ahead": ahead}
    window["last"] = connection.execute(_LAST).scalar_one()
    if connection.dialect.name == "sqlite":
        raw = raw_of(connection)
        raw.execute(_CACHE if len(facts) >= _LARGE else _USUAL_CACHE)
        raw.executemany(_PUT, facts)
        connection.execute(_GATHER, window)
    else:
        # Taking what is there out before costs a look at the index for each. `ON CONFLICT` costs
        # as much as the insertion itself, and `COPY` knows no such word.
        _copy(connection, _unknown(connection, facts))
        # Others' facts may be among the newest numbers, but not those of these series.
        window["series"] = list({fact[_SERIES] for fact in facts})
        connection.execute(_GATHER_OWN, window)


def _unknown(connection: Connection, facts: Sequence[Fact]) -> list[Fact]:
    told = {fact[_KEY]: fact for fact in reversed(facts)}
    keys = b"".join(told)  # type: ignore[arg-type]
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        for (key,) in cursor.execute(_KNOWN, (keys, len(told) - 1)):
            del told[key]
    return list(told.values())[::-1]


def _copy(connection: Connection, facts: Sequence[Fact]) -> None:
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for fact in facts:
            copy.write_row(fact)
