"""Weaviate: objects over REST, search over GraphQL. Its ids are UUIDs, made of other texts."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.connectors.vector.points import Match
from engine.connectors.vector.stores import HttpStore, list_at, names_in
from engine.probes.http_service import KeyHeader, open_service
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_PORT = 8080
_PAYLOAD, _OWN_ID = "payload", "own_id"


@dataclass(frozen=True, kw_only=True, slots=True)
class Weaviate(HttpStore):
    """One class of Weaviate; what is beside a vector is kept as one JSON text."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points in one batch."""
        told = [
            {
                "class": self.collection,
                "id": _id(point.id),
                "vector": list(point.vector),
                "properties": {_OWN_ID: point.id, _PAYLOAD: json.dumps(dict(point.payload))},
            }
            for point in points
        ]
        answers = await self.ask("POST", "/v1/batch/objects", {"objects": told})
        for answer in answers if isinstance(answers, list) else ():
            if errors := list_at(answer, "result", "errors", "error"):
                said = str(errors[0].get("message", "")) if isinstance(errors[0], dict) else ""
                raise Refused("statement_failed", f"Weaviate refused an object: {said}")

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first; a distance d becomes the score 1 - d."""
        # The class's name is part of the query's own language, so it must be a plain word.
        if not self.collection.isidentifier():
            raise Refused("not_found", "A class of Weaviate is named by one word.")
        near = f"nearVector:{{vector:{json.dumps(list(vector))}}},limit:{int(limit)}"
        fields = f"{_OWN_ID} {_PAYLOAD} _additional{{id distance}}"
        query = {"query": f"{{Get{{{self.collection}({near}){{{fields}}}}}}}"}
        body = await self.ask("POST", "/v1/graphql", query)
        return [_match(one) for one in list_at(body, "data", "Get", self.collection)]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids in one batch."""
        wanted = {
            "path": ["id"],
            "operator": "ContainsAny",
            "valueTextArray": [_id(i) for i in ids],
        }
        match = {"match": {"class": self.collection, "where": wanted}}
        await self.ask("DELETE", "/v1/batch/objects", match)

    async def collections(self) -> list[str]:
        """Return the names of the classes."""
        return names_in(list_at(await self.ask("GET", "/v1/schema"), "classes"), "class")


async def open_store(attempt: Attempt, collection: str, metric: str, max_body: int) -> Weaviate:
    """Return the class; nothing is asked yet."""
    bearer = KeyHeader(name="Authorization", prefix="Bearer ")
    service = await open_service(attempt, port=_PORT, key_header=bearer)
    return Weaviate(service=service, collection=collection, metric=metric, max_body=max_body)


def _id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, text))


def _match(one: dict[str, Any]) -> Match:
    told = one.get("_additional") or {}
    try:
        payload = json.loads(one.get(_PAYLOAD) or "{}")
    except ValueError:
        payload = {}
    own = one.get(_OWN_ID) or told.get("id")
    return Match(id=str(own), score=1 - float(told.get("distance") or 0), payload=payload)
