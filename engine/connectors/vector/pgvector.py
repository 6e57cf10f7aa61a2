"""pgvector: a table with `id` (its key), `embedding` (vector) and `payload` (jsonb)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.connectors.sql.connector import SqlConnector
from engine.connectors.vector.points import Match
from engine.probes.refusals import no_such

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.config import ConnectorConfig
    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_]{0,62})?")
_OPERATORS = {"cosine": "<=>", "euclidean": "<->", "dot": "<#>"}
_TABLES = (
    "SELECT table_schema || '.' || table_name FROM information_schema.columns"
    " WHERE udt_name = 'vector' ORDER BY 1"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PgVector:
    """One table of vectors, worked on by the SQL connector."""

    sql: SqlConnector
    table: str
    metric: str

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points by one statement, all of them or none; of one id the last counts."""
        values: dict[str, Any] = {}
        for number, point in enumerate({point.id: point for point in points}.values()):
            values |= {
                f"id{number}": point.id,
                f"vector{number}": _spelled(point.vector),
                f"payload{number}": json.dumps(dict(point.payload)),
            }
        rows = ", ".join(
            f"(:id{number}, CAST(:vector{number} AS vector), CAST(:payload{number} AS jsonb))"
            for number in range(len(values) // 3)
        )
        statement = (
            f"INSERT INTO {self._named} (id, embedding, payload) VALUES {rows}"  # noqa: S608 - a checked name
            " ON CONFLICT (id) DO UPDATE SET embedding = EXCLUDED.embedding,"
            " payload = EXCLUDED.payload"
        )
        await self.sql.execute(statement, values)

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first; a distance d becomes the score 1 - d."""
        operator = _OPERATORS[self.metric]
        distance = f"embedding {operator} CAST(:vector AS vector)"
        statement = (
            f"SELECT CAST(id AS text), {distance} AS distance, payload"  # noqa: S608 - as above
            f" FROM {self._named} ORDER BY distance LIMIT :limit"
        )
        values = {"vector": _spelled(vector), "limit": limit}
        found = await self.sql.query(statement, values)
        return [
            Match(id=str(own), score=1 - float(far), payload=dict(beside or {}))
            for own, far, beside in found.rows
        ]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids."""
        values = {f"id{number}": own for number, own in enumerate(ids)}
        listed = ", ".join(f":{name}" for name in values)
        # Each value takes the key's own type, so that its index is used.
        statement = f"DELETE FROM {self._named} WHERE id IN ({listed})"  # noqa: S608 - as above
        await self.sql.execute(statement, values)

    async def collections(self) -> list[str]:
        """Return the tables that have a vector."""
        found = await self.sql.query(_TABLES)
        return [str(row[0]).removeprefix("public.") for row in found.rows]

    @property
    def _named(self) -> str:
        """The table's name, which must be plain: it is a part of the statement."""
        if not _NAME.fullmatch(self.table):
            raise no_such("table", None, "A table is named by one word, or schema.table.")
        return ".".join(f'"{part}"' for part in self.table.split("."))


def make(attempt: Attempt, config: ConnectorConfig, collection: str, metric: str) -> PgVector:
    """Return the table; nothing is asked yet. Close its `sql`."""
    place = replace(attempt.place, technology="postgresql")
    sql = SqlConnector(place, replace(config, rate_limit_enabled=False), attempt.tools)
    return PgVector(sql=sql, table=collection, metric=metric)


def _spelled(vector: Sequence[float]) -> str:
    return "[" + ",".join(repr(float(number)) for number in vector) + "]"
