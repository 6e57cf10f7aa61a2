"""Chroma, over the second version of its interface; it knows a collection by an id of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine.connectors.vector.points import Match
from engine.connectors.vector.stores import HttpStore, names_in
from engine.probes.http_service import KeyHeader, object_of, open_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_PORT = 8000
_TENANT, _DATABASE = "default_tenant", "default_database"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chroma(HttpStore):
    """One collection of Chroma; `root` is the path of its database."""

    root: str

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points; what is beside a vector must be texts, numbers and truths."""
        told = {
            "ids": [point.id for point in points],
            "embeddings": [list(point.vector) for point in points],
            "metadatas": [dict(point.payload) or None for point in points],
        }
        await self.ask("POST", f"{await self._place()}/upsert", told)

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first; Chroma's distance d becomes the score 1 - d."""
        query = {
            "query_embeddings": [list(vector)],
            "n_results": limit,
            "include": ["metadatas", "distances"],
        }
        body = object_of(await self.ask("POST", f"{await self._place()}/query", query), "Chroma")
        found = zip(
            *(_first(body, name) for name in ("ids", "distances", "metadatas")), strict=False
        )
        return [
            Match(id=str(own), score=1 - float(far or 0), payload=dict(beside or {}))
            for own, far, beside in found
        ]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids."""
        await self.ask("POST", f"{await self._place()}/delete", {"ids": list(ids)})

    async def collections(self) -> list[str]:
        """Return the names of the collections."""
        found = await self.ask("GET", f"{self.root}/collections")
        return names_in(found if isinstance(found, list) else [], "name")

    async def _place(self) -> str:
        found = object_of(await self.ask("GET", f"{self.root}/collections/{self.named}"), "Chroma")
        return f"{self.root}/collections/{quote(str(found.get('id', '')), safe='')}"


async def open_store(attempt: Attempt, collection: str, metric: str, max_body: int) -> Chroma:
    """Return the collection; nothing is asked yet."""
    place = attempt.place
    tenant = quote(place.option("tenant", _TENANT), safe="")
    database = quote(place.database or _DATABASE, safe="")
    service = await open_service(attempt, port=_PORT, key_header=KeyHeader(name="X-Chroma-Token"))
    return Chroma(
        service=service,
        collection=collection,
        metric=metric,
        max_body=max_body,
        root=f"/api/v2/tenants/{tenant}/databases/{database}",
    )


def _first(body: dict[str, Any], name: str) -> list[Any]:
    rows = body.get(name)
    return list(rows[0] or ()) if isinstance(rows, list) and rows else []
