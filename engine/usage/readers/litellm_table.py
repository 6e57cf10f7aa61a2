"""LiteLLM's own database: the table `LiteLLM_SpendLogs`, read in the order of time.

It is read through a cursor of the server's and in a transaction that cannot write. A row may come
to the table after a later one, because LiteLLM writes them in batches: another run reads the last
hour again, which counts nothing twice.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from engine.errors import InvalidInput, UsageSourceError
from engine.usage.readers.litellm import COLUMNS, LITELLM
from engine.usage.records import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType
    from urllib.parse import SplitResult

    from psycopg import Connection, Cursor

    from engine.usage.readers.base import Found

TABLE = "LiteLLM_SpendLogs"
LATE = timedelta(hours=1)

_ENV = "env://"
_SCHEMES = ("postgres", "postgresql")
_PIECE = 2_000
_CONNECT_S = 10
# What of libpq's own words may stand in a URL; Prisma adds its own (schema, connection_limit).
_WORDS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "service"})
_PRESENT = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND table_schema = ANY (current_schemas(false))
"""
# The whole of it holds a conversation and the model's price list: 6 to 12 KB a row.
_METADATA = """
jsonb_build_object(
  'usage_object', metadata->'usage_object',
  'additional_usage_values', metadata->'additional_usage_values',
  'user_api_key_alias', metadata->'user_api_key_alias',
  'user_api_key_team_alias', metadata->'user_api_key_team_alias',
  'status', metadata->'status',
  'error_information', jsonb_build_object(
    'error_code', metadata->'error_information'->'error_code',
    'error_class', metadata->'error_information'->'error_class')
) AS metadata
"""


class SpendLogs:
    """The table as a source of an import.

    Args:
        url: `postgresql://user@host/database`, or `env://NAME` of a variable that holds one. A
            password belongs there, into PGPASSWORD or into libpq's password file.
        since: Read no earlier call than that.

    Raises:
        InvalidInput: It is no such URL, or there is a password in it for all to see.
    """

    keeps_cursor = True
    naive = 0
    origin = LITELLM.name
    format = f"LiteLLM's table {TABLE}"

    def __init__(self, url: str, *, since: datetime | None = None) -> None:
        self._url = _resolved(url)
        self._since = since
        digest = blake2b(self._url.encode("utf-8", "replace"), digest_size=16).hexdigest()
        self.name = f"table:{digest}"
        self._last: tuple[datetime, str] | None = None
        self._rows, self._total = 0, 0

    @property
    def cursor(self) -> Mapping[str, object]:
        """Behind the last row that was yielded."""
        if self._last is None:
            return {}
        return {"at": self._last[0].isoformat(), "id": self._last[1]}

    @property
    def progress(self) -> tuple[int, int]:
        """Rows read, and rows that there are."""
        return self._rows, self._total

    def read(self, cursor: Mapping[str, object]) -> Iterator[tuple[int, Found]]:
        """Yield what the rows say, from an hour before the last that was read.

        Raises:
            UsageSourceError: The server or the table is not there.
        """
        psycopg = _driver()
        start = self._start(cursor)
        try:
            with self._connect() as connection:
                yield from self._read(connection, start)
        except psycopg.Error as error:
            raise UsageSourceError(
                f"LiteLLM's database did not answer as it should: {_first_line(error)}.",
                hint="Check the URL, that the user may read the table, and PGPASSWORD.",
            ) from None

    def _start(self, cursor: Mapping[str, object]) -> datetime | None:
        told = cursor.get("at")
        if self._since is not None or not isinstance(told, str):
            return self._since
        return datetime.fromisoformat(told) - LATE

    def _connect(self) -> Connection[Any]:
        connection: Connection[Any] = _driver().connect(self._url, connect_timeout=_CONNECT_S)
        connection.read_only = True
        return connection

    def _read(
        self, connection: Connection[Any], start: datetime | None
    ) -> Iterator[tuple[int, Found]]:
        from psycopg.rows import dict_row

        there = {row[0] for row in connection.execute(_PRESENT, (TABLE,))}
        if not {"request_id", "startTime"} <= there:
            raise UsageSourceError(
                f"The database has no table {TABLE}.",
                hint="Name the database that the LiteLLM proxy uses.",
            )
        where, values = _since(start)
        self._total = _count(connection, where, values)
        with connection.cursor("lampboard", row_factory=dict_row) as rows:
            rows.itersize = _PIECE
            rows.execute(_statement(there, where), values)
            yield from self._each(rows)

    def _each(self, rows: Cursor[dict[str, Any]]) -> Iterator[tuple[int, Found]]:
        for row in rows:
            at = row["startTime"].replace(tzinfo=UTC)
            for found in _converted(self._rows + 1, row):
                yield self._rows + 1, found
            self._rows += 1
            self._last = (at, row["request_id"])


def _driver() -> ModuleType:
    try:
        import psycopg
    except ImportError:
        raise UsageSourceError(
            "Reading LiteLLM's database needs psycopg.",
            hint="Install it: pip install 'lampboard[postgres]'.",
        ) from None
    return psycopg


def _converted(line: int, row: dict[str, Any]) -> tuple[Found, ...]:
    try:
        return LITELLM.convert(row)
    except ValueError as error:
        reason = str(error)
        return (Refusal(line=line, reason=f"{reason[:1].upper()}{reason[1:]}."),)


def _since(start: datetime | None) -> tuple[str, tuple[object, ...]]:
    if start is None:
        return "", ()
    # The column has no zone and holds UTC.
    return 'WHERE "startTime" >= %s', (start.astimezone(UTC).replace(tzinfo=None),)


def _count(connection: Connection[Any], where: str, values: tuple[object, ...]) -> int:
    found = connection.execute(f'SELECT count(*) FROM "{TABLE}" {where}', values)  # noqa: S608
    return int((found.fetchone() or (0,))[0])


def _statement(there: set[str], where: str) -> str:
    """Word the query for the columns that this version of LiteLLM has."""
    named = [name for name in COLUMNS if name in there and name != "metadata"]
    columns = ", ".join(f'"{name}"' for name in named)
    more = f", {_METADATA}" if "metadata" in there else ""
    return f'SELECT {columns}{more} FROM "{TABLE}" {where} ORDER BY "startTime", request_id'  # noqa: S608


def _resolved(told: str) -> str:
    """Return the URL that libpq understands."""
    url = told
    if told.startswith(_ENV):
        name = told.removeprefix(_ENV)
        url = os.environ.get(name, "")
        if not url:
            raise InvalidInput(
                f"The environment has no variable {name!r} with the URL.", field="from_database"
            )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in _SCHEMES or not url.lower().startswith(f"{parts.scheme}://"):
        raise InvalidInput(
            "LiteLLM's database is a PostgreSQL URL, as postgresql://user@host/database.",
            field="from_database",
        )
    if parts.password and url is told:
        raise InvalidInput(
            "A password on the command line can be read by others on this machine.",
            hint="Leave it out and set PGPASSWORD, or name a variable: env://DATABASE_URL.",
            field="from_database",
        )
    return _written(parts)


def _written(parts: SplitResult) -> str:
    """Write a URL so that libpq finds each part: of what it cannot part it quotes the password."""
    query = [(name, value) for name, value in parse_qsl(parts.query) if name in _WORDS]
    login, at, host = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    place = f"{quote(unquote(user), safe='')}{colon}{quote(unquote(password), safe='')}{at}{host}"
    path = quote(unquote(parts.path))
    return f"{parts.scheme}://{place}{path}{'?' if query else ''}{urlencode(query)}"


def _first_line(error: Exception) -> str:
    """Return what the server says, without what it was asked."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
