"""Upsert, search and delete vectors in one collection of one store."""

from __future__ import annotations

import importlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ClassVar, cast

from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.model import ConnectorCapability as Can
from engine.connectors.vector.points import require_vector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from engine.connectors.config import VectorConnectorConfig
    from engine.connectors.vector.points import Match, Point
    from engine.connectors.vector.stores import VectorStore
    from engine.probes.attempt import Attempt

_PGVECTOR = "pgvector"
_OVER_HTTP = frozenset({"qdrant", "chroma", "weaviate", "pinecone", "milvus"})
# Stores take some hundred at once; each of a thousand numbers is about 10 KiB of JSON.
_MAX_POINTS = 500
_BYTES_A_NUMBER = 12


class VectorConnector(BaseConnector):
    """Works on the vectors of one collection, which the option `collection` or `table` names.

    Where the technology has a field for it, that one is meant: Qdrant's and Weaviate's
    collection, Pinecone's index.
    """

    TYPE: ClassVar[str] = "vector"

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points, in place of those of the same ids; at most 500 at once.

        Raises:
            ConnectorError: One does not fit, or the store refused.
        """
        self._require_room(points)
        dimension = self._settings.vector_dimension
        for point in points:
            require_vector(point.vector, dimension)

        async def work(attempt: Attempt) -> None:
            async with self._store(attempt) as store:
                await store.upsert(points)

        await self._run(Can.WRITE, "upsert", work)

    async def search(self, vector: Sequence[float], limit: int = 10) -> list[Match]:
        """Return the nearest, nearest first.

        Args:
            vector: As many numbers as the connector's `vector_dimension`.
            limit: How many, at most `max_rows`.

        Raises:
            ConnectorError: The vector does not fit, or the store refused.
        """
        numbers = require_vector(vector, self._settings.vector_dimension)
        if not 1 <= limit <= self.config.max_rows:
            raise refuse("too_large", f"The limit must be from 1 to {self.config.max_rows:,}.")

        async def work(attempt: Attempt) -> list[Match]:
            async with self._store(attempt) as store:
                return (await store.search(numbers, limit))[:limit]

        return await self._run(Can.VECTOR_SEARCH, "search", work, again=True)

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids, at most 500 at once; one that is not there is no error.

        Raises:
            ConnectorError: There are too many, or the store refused.
        """
        if not 1 <= len(ids) <= _MAX_POINTS:
            raise refuse("too_large", f"Give from 1 to {_MAX_POINTS} ids at once.")

        async def work(attempt: Attempt) -> None:
            async with self._store(attempt) as store:
                await store.delete(ids)

        await self._run(Can.WRITE, "delete", work)

    async def collections(self) -> list[str]:
        """Return the names of the collections that there are.

        Raises:
            ConnectorError: The store did not answer, or refused.
        """

        async def work(attempt: Attempt) -> list[str]:
            async with self._store(attempt) as store:
                return (await store.collections())[: self.config.max_rows]

        return await self._run(Can.READ, "list", work, again=True)

    async def discover(self) -> Discovery:
        """Ask for the collections."""
        every = frozenset({Can.READ, Can.WRITE, Can.VECTOR_SEARCH})
        return Discovery(found={"collections": await self.collections()}, capabilities=every)

    @property
    def collection(self) -> str:
        """The collection that is worked on; empty where none is named."""
        place = self.place
        named = place.option("collection") or place.option("table")
        # Of the others, the database is what their collections are in.
        own = place.technology in {"qdrant", "weaviate", "pinecone"}
        return named or (place.database or "" if own else "")

    @property
    def _settings(self) -> VectorConnectorConfig:
        return cast("VectorConnectorConfig", self.config)

    def _require_room(self, points: Sequence[Point]) -> None:
        if not 1 <= len(points) <= _MAX_POINTS:
            raise refuse("too_large", f"Give from 1 to {_MAX_POINTS} points at once.")
        numbers = sum(len(point.vector) for point in points)
        if numbers * _BYTES_A_NUMBER > self.config.max_bytes:
            raise refuse("too_large", "These points are larger than the connector's max_bytes.")

    @asynccontextmanager
    async def _store(self, attempt: Attempt) -> AsyncIterator[VectorStore]:
        technology, metric = self.place.technology, self._settings.distance_metric
        if technology == _PGVECTOR:
            from engine.connectors.vector import pgvector

            table = pgvector.make(attempt, self.config, self.collection, metric)
            try:
                yield table
            finally:
                await table.sql.close()
        elif technology in _OVER_HTTP:
            module = importlib.import_module(f"engine.connectors.vector.{technology}")
            yield await module.open_store(attempt, self.collection, metric, self.config.max_bytes)
        else:
            raise refuse("not_offered", "This technology has no vectors.")
