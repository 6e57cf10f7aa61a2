"""Pinecone: the control plane tells an index's own host, at which its vectors are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.connectors.vector.points import Match
from engine.connectors.vector.stores import HttpStore, list_at, names_in
from engine.probes.http_service import KeyHeader, object_of, open_service
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_CONTROL = "https://api.pinecone.io"
_PORT = 443
_VERSION = {"X-Pinecone-API-Version": "2025-04"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pinecone(HttpStore):
    """One index of Pinecone."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points."""
        told = [
            {"id": point.id, "values": list(point.vector), "metadata": dict(point.payload)}
            for point in points
        ]
        await (await self._data()).ask("POST", "/vectors/upsert", {"vectors": told})

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first."""
        query = {"vector": list(vector), "topK": limit, "includeMetadata": True}
        body = await (await self._data()).ask("POST", "/query", query)
        return [_match(one) for one in list_at(body, "matches")]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids."""
        await (await self._data()).ask("POST", "/vectors/delete", {"ids": list(ids)})

    async def collections(self) -> list[str]:
        """Return the names of the indexes."""
        return names_in(list_at(await self.ask("GET", "/indexes"), "indexes"), "name")

    async def _data(self) -> HttpStore:
        """Return the index at its own host.

        An index's host comes from outside: it gets the key only over TLS, unless the control
        plane itself is reached without it.
        """
        index = object_of(await self.ask("GET", f"/indexes/{self.named}"), "Pinecone")
        host = str(index.get("host") or "")
        if not host or "/" in host.removeprefix("https://").removeprefix("http://"):
            raise Refused("unexpected_body", "Pinecone does not tell where the index is.")
        bare = host.removeprefix("https://").removeprefix("http://")
        scheme = self.service.base_url.partition("://")[0]
        return replace(self, service=replace(self.service, base_url=f"{scheme}://{bare}"))


async def open_store(attempt: Attempt, collection: str, metric: str, max_body: int) -> Pinecone:
    """Return the index; nothing is asked yet."""
    if not (attempt.place.url or attempt.place.host):
        attempt.place = replace(attempt.place, url=_CONTROL)
    opened = await open_service(attempt, port=_PORT, key_header=KeyHeader(name="Api-Key"))
    service = replace(opened, headers={**opened.headers, **_VERSION})
    return Pinecone(service=service, collection=collection, metric=metric, max_body=max_body)


def _match(one: dict[str, Any]) -> Match:
    return Match(
        id=str(one.get("id", "")),
        score=float(one.get("score") or 0),
        payload=dict(one.get("metadata") or {}),
    )
