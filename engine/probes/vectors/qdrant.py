"""Qdrant, over its HTTP interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine.probes.http_service import KeyHeader, object_of, open_service, text_of
from engine.probes.refusals import no_such, wrong_protocol

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_TITLE = "Qdrant"
_PORT = 6333
_NOT_FOUND = 404


async def probe(attempt: Attempt) -> dict[str, object]:
    """Ask who answers, then list the collections or describe the one that must be there."""
    service = await open_service(attempt, port=_PORT, key_header=KeyHeader(name="api-key"))
    root = object_of(await service.get("/", refusals={_NOT_FOUND: wrong_protocol(_TITLE)}), _TITLE)
    if "qdrant" not in text_of(root.get("title")).lower():
        raise wrong_protocol(_TITLE)
    details: dict[str, object] = {"server": f"{_TITLE} {text_of(root.get('version'))}".strip()}
    if name := attempt.place.database:
        missing = no_such("collection", name, "Check the collection's name, or create it.")
        path = f"/collections/{quote(name, safe='')}"
        return details | _described(await service.get(path, refusals={_NOT_FOUND: missing}), name)
    found = _result(await service.get("/collections")).get("collections")
    return details | {"collections": len(found) if isinstance(found, list) else 0}


def _described(body: object, name: str) -> dict[str, object]:
    result = _result(body)
    details = {"collection": name, "status": text_of(result.get("status"))}
    return details | {"points": result.get("points_count")}


def _result(body: object) -> dict[str, Any]:
    return object_of(object_of(body, _TITLE).get("result"), _TITLE)
