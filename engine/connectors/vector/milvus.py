"""Milvus (and Zilliz Cloud), over REST; refusals come with status 200 and a code of their own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.connectors.vector.points import Match
from engine.connectors.vector.stores import HttpStore, list_at
from engine.probes.http_service import KeyHeader, object_of, open_service
from engine.probes.refusals import Refused
from engine.probes.vectors.milvus import refusal_of, with_bearer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Point
    from engine.probes.attempt import Attempt

_PORT = 19530
_OK = frozenset({0, 200})
_WHOLE = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """How a collection calls its key and its vector, and whether its key is a text."""

    key: str
    vector: str
    text: bool

    def id(self, own: str) -> int | str:
        """Return an id as the collection's key takes it.

        Raises:
            Refused: The key is a whole number, and the id is none.
        """
        if self.text:
            return own
        if _WHOLE.fullmatch(own):
            return int(own)
        raise Refused("invalid_id", "The keys of this collection are whole numbers.")

    def literal(self, own: str) -> str:
        """Return an id as Milvus's filter spells it; quotes and backslashes are escaped."""
        found = self.id(own)
        return str(found) if isinstance(found, int) else json.dumps(found, ensure_ascii=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Milvus(HttpStore):
    """One collection of Milvus, which tells how its key and its vector are called."""

    database: str

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points; what is beside a vector goes into the collection's dynamic fields."""
        fields = await self._fields()
        told = [
            {**point.payload, fields.key: fields.id(point.id), fields.vector: list(point.vector)}
            for point in points
        ]
        await self._do("entities/upsert", {"data": told})

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first."""
        fields = await self._fields()
        query = {"data": [list(vector)], "annsField": fields.vector, "limit": limit}
        found = await self._do("entities/search", {**query, "outputFields": ["*"]})
        return [_match(one, fields) for one in found or () if isinstance(one, dict)]

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids."""
        fields = await self._fields()
        listed = ",".join(fields.literal(one) for one in ids)
        await self._do("entities/delete", {"filter": f"{fields.key} in [{listed}]"})

    async def collections(self) -> list[str]:
        """Return the names of the collections."""
        found = await self._do("collections/list", {})
        return sorted(str(name) for name in found or ())

    async def _fields(self) -> Fields:
        told: list[dict[str, Any]] = list_at(await self._do("collections/describe", {}), "fields")
        none: dict[str, Any] = {}
        key = next((one for one in told if one.get("primaryKey")), none)
        vector = next((one for one in told if str(one.get("type")).endswith("Vector")), none)
        named = str(key.get("name") or "id")
        # A name is part of the filter's own language, so it must be a plain word.
        if not named.isidentifier():
            raise Refused("unexpected_body", "The collection's key is not named by one word.")
        return Fields(
            key=named,
            vector=str(vector.get("name") or "vector"),
            text=key.get("type") == "VarChar",
        )

    async def _do(self, what: str, body: dict[str, object]) -> Any:
        told = {"dbName": self.database, **body}
        if what != "collections/list":
            told["collectionName"] = self.collection
        answer = object_of(await self.ask("POST", f"/v2/vectordb/{what}", told), "Milvus")
        code = answer.get("code")
        if code not in _OK:
            said = str(answer.get("message", ""))
            raise refusal_of(int(code or -1), said, told, self.service.attempt.place)
        return answer.get("data")


async def open_store(attempt: Attempt, collection: str, metric: str, max_body: int) -> Milvus:
    """Return the collection; nothing is asked yet."""
    bearer = KeyHeader(name="Authorization", prefix="Bearer ")
    opened = await open_service(attempt, port=_PORT, key_header=bearer)
    return Milvus(
        service=replace(opened, headers=with_bearer(opened.headers)),
        collection=collection,
        metric=metric,
        max_body=max_body,
        database=attempt.place.database or "default",
    )


def _match(one: dict[str, Any], fields: Fields) -> Match:
    own = {fields.key, fields.vector, "id", "distance", "score"}
    payload = {name: value for name, value in one.items() if name not in own}
    score = one.get("distance", one.get("score"))
    key = one.get(fields.key, one.get("id", ""))
    return Match(id=str(key), score=float(score or 0), payload=payload)
