"""Milvus (and Zilliz Cloud), over REST; refusals come with status 200 and a code of their own."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.connectors.vector.points import Match
from engine.connectors.vector.stores import HttpStore
from engine.probes.http_service import KeyHeader, object_of, open_service
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_PORT = 19530
_BASIC = "Basic "
_OK = frozenset({0, 200})
_NO_COLLECTION = 100
_ID, _VECTOR = "id", "vector"


@dataclass(frozen=True, kw_only=True, slots=True)
class Milvus(HttpStore):
    """One collection of Milvus, with `id` as its key and `vector` as its vector."""

    database: str

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points; what is beside a vector goes into the collection's dynamic fields."""
        told = [
            {**point.payload, _ID: _id(point.id), _VECTOR: list(point.vector)} for point in points
        ]
        await self._do("entities/upsert", {"data": told})

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first."""
        query = {"data": [list(vector)], "annsField": _VECTOR, "limit": limit}
        found = await self._do("entities/search", {**query, "outputFields": ["*"]})
        return [_match(one) for one in found or () if isinstance(one, dict)]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids."""
        listed = ",".join(_literal(one) for one in ids)
        await self._do("entities/delete", {"filter": f"{_ID} in [{listed}]"})

    async def collections(self) -> list[str]:
        """Return the names of the collections."""
        body = await self.ask("POST", "/v2/vectordb/collections/list", {"dbName": self.database})
        return sorted(str(name) for name in _data(body, self.collection) or ())

    async def _do(self, what: str, body: dict[str, object]) -> Any:
        told = {"dbName": self.database, "collectionName": self.collection, **body}
        return _data(await self.ask("POST", f"/v2/vectordb/{what}", told), self.collection)


async def open_store(attempt: Attempt, collection: str, metric: str, max_body: int) -> Milvus:
    """Return the collection; nothing is asked yet."""
    bearer = KeyHeader(name="Authorization", prefix="Bearer ")
    opened = await open_service(attempt, port=_PORT, key_header=bearer)
    given = opened.headers.get("Authorization", "")
    if given.startswith(_BASIC):
        login = base64.b64decode(given.removeprefix(_BASIC)).decode()
        opened = replace(opened, headers={**opened.headers, "Authorization": f"Bearer {login}"})
    return Milvus(
        service=opened,
        collection=collection,
        metric=metric,
        max_body=max_body,
        database=attempt.place.database or "default",
    )


def _data(answer: object, collection: str) -> Any:
    body = object_of(answer, "Milvus")
    code = body.get("code")
    if code == _NO_COLLECTION:
        raise Refused("not_found", f"There is no collection {collection}.", "Check its name.")
    if code not in _OK:
        raise Refused("statement_failed", f"Milvus refused: {body.get('message', code)}")
    return body.get("data")


def _id(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text


def _literal(text: str) -> str:
    """Return an id as Milvus's filter spells it; quotes and backslashes are escaped."""
    found = _id(text)
    if isinstance(found, int):
        return str(found)
    escaped = found.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _match(one: dict[str, Any]) -> Match:
    payload = {n: v for n, v in one.items() if n not in {_ID, _VECTOR, "distance", "score"}}
    score = one.get("distance", one.get("score"))
    return Match(id=str(one.get(_ID, "")), score=float(score or 0), payload=payload)
