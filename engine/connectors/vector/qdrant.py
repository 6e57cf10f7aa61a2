"""Qdrant. It takes whole numbers and UUIDs as ids; others become a UUID made of their text."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.connectors.vector.points import Match
from engine.connectors.vector.stores import HttpStore, list_at, names_in
from engine.probes.http_service import KeyHeader, open_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_PORT = 6333
# The text of an id that is none of Qdrant's is kept here, to be given back.
_OWN_ID = "_id"


@dataclass(frozen=True, kw_only=True, slots=True)
class Qdrant(HttpStore):
    """One collection of Qdrant."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points, and wait until they can be found."""
        told = [
            {
                "id": _id(point.id),
                "vector": list(point.vector),
                "payload": {**point.payload, _OWN_ID: point.id},
            }
            for point in points
        ]
        await self.ask("PUT", f"/collections/{self.named}/points?wait=true", {"points": told})

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first."""
        query = {"query": list(vector), "limit": limit, "with_payload": True}
        body = await self.ask("POST", f"/collections/{self.named}/points/query", query)
        return [_match(one) for one in list_at(body, "result", "points")]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids."""
        told = {"points": [_id(one) for one in ids]}
        await self.ask("POST", f"/collections/{self.named}/points/delete?wait=true", told)

    async def collections(self) -> list[str]:
        """Return the names of the collections."""
        return names_in(
            list_at(await self.ask("GET", "/collections"), "result", "collections"), "name"
        )


async def open_store(attempt: Attempt, collection: str, metric: str, max_body: int) -> Qdrant:
    """Return the collection; nothing is asked yet."""
    service = await open_service(attempt, port=_PORT, key_header=KeyHeader(name="api-key"))
    return Qdrant(service=service, collection=collection, metric=metric, max_body=max_body)


def _id(text: str) -> int | str:
    if text.isascii() and text.isdecimal() and len(text) < len(str(2**64)):
        return int(text)
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def _match(one: dict[str, Any]) -> Match:
    payload = dict(one.get("payload") or {})
    own = payload.pop(_OWN_ID, one.get("id"))
    return Match(id=str(own), score=float(one.get("score") or 0), payload=payload)
