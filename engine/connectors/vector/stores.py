"""What each store must be able to do, and how one is talked to over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from engine.http import HttpRequest
from engine.probes.http_service import ask_json
from engine.probes.refusals import no_such

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.connectors.vector.points import Match, Point
    from engine.probes.http_service import HttpService

_NOT_FOUND = 404
_SUCCESS = (200, 201, 202)
_TOLD = "Check the collection's name, or create it."


class VectorStore(Protocol):
    """One collection of one store, open for one operation."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Keep points, in place of those of the same ids."""
        ...

    async def search(self, vector: Sequence[float], limit: int) -> list[Match]:
        """Return the nearest, nearest first."""
        ...

    async def delete(self, ids: Sequence[str]) -> None:
        """Delete those of these ids; one that is not there is no error."""
        ...

    async def collections(self) -> list[str]:
        """Return the names of the collections that there are."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpStore:
    """A collection behind an HTTP service that answers JSON.

    Attributes:
        service: Where, and who one is.
        collection: Its name.
        metric: cosine, euclidean or dot.
        max_body: The most bytes of an answer.
    """

    service: HttpService
    collection: str
    metric: str
    max_body: int

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON that answers; a 404 is a collection that is not there."""
        request = HttpRequest(
            method=method,
            url=self.service.base_url + path,
            headers={**self.service.headers, "Content-Type": "application/json"},
            body=None if body is None else json.dumps(body).encode(),
            deadline_s=self.service.attempt.remaining_s,
            max_body=self.max_body,
        )
        missing = no_such("collection", self.collection, _TOLD)
        return await ask_json(
            self.service.attempt, request, statuses=_SUCCESS, refusals={_NOT_FOUND: missing}
        )

    @property
    def named(self) -> str:
        """The collection's name as a part of a path."""
        return quote(self.collection, safe="")


def list_at(body: object, *names: str) -> list[Any]:
    """Return the list that lies at these names of an object, one in the other; else none."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, list) else []


def names_in(found: list[Any], name: str) -> list[str]:
    """Return the text at `name` of each object of a list."""
    return sorted(str(one[name]) for one in found if isinstance(one, dict) and one.get(name))
