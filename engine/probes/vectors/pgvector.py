"""pgvector: PostgreSQL's own steps, then the extension and what is stored with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.probes.databases.postgresql import open_connection, query, version_of
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

# One statement, so one round trip: the version, then the columns of tables and views.
_ASK = b"""
SELECT extversion || ' ' || (
    SELECT count(*)
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    WHERE t.typname IN ('vector', 'halfvec', 'sparsevec') AND t.typnamespace = e.extnamespace
      AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm', 'v', 'f'))
FROM pg_catalog.pg_extension AS e WHERE extname = 'vector'
"""


async def probe(attempt: Attempt) -> dict[str, object]:
    """Connect, log in, and see that the extension is there; return what it holds."""
    connection = await open_connection(attempt)
    try:
        async with attempt.stage("query"):
            found = await query(connection, _ASK)
            if found is None:
                raise _not_installed(attempt.place.database or attempt.place.username)
        version, _, columns = found.decode("ascii", "replace").partition(" ")
        server = f"pgvector {version} on PostgreSQL {version_of(connection)}"
        return {"server": server, "vector_columns": int(columns)}
    finally:
        connection.finish()


def _not_installed(database: str | None) -> Refused:
    return Refused(
        "not_found",
        f"The database {database} has no extension vector.",
        "Run CREATE EXTENSION vector in it, after installing pgvector on the server.",
    )
