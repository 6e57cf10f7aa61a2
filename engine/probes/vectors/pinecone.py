"""Pinecone, by its control plane: which indexes there are, and whether one is ready."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine.probes.http_service import KeyHeader, object_of, open_service, text_of
from engine.probes.refusals import Refused, no_such, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_TITLE = "Pinecone"
_CONTROL = "api.pinecone.io"
_PORT = 443
_NOT_FOUND = 404
_VERSION = {"X-Pinecone-API-Version": "2025-04"}


async def probe(attempt: Attempt) -> dict[str, object]:
    """List the indexes, or describe the one that must be there."""
    if not attempt.place.api_key:
        raise Refused("invalid_request", "The API key is missing.", "Enter it.")
    if not (attempt.place.url or attempt.place.host):
        attempt.place = replace(attempt.place, url=f"https://{_CONTROL}")
    opened = await open_service(attempt, port=_PORT, key_header=KeyHeader(name="Api-Key"))
    service = replace(opened, headers={**opened.headers, **_VERSION})
    if name := attempt.place.database:
        missing = no_such("index", name, "Check the index's name and the key's project.")
        path = f"/indexes/{quote(name, safe='')}"
        return _described(await service.get(path, refusals={_NOT_FOUND: missing}), name)
    found = object_of(await service.get("/indexes"), _TITLE).get("indexes")
    if not isinstance(found, list):
        raise wrong_protocol(_TITLE)
    return {"server": _TITLE, "indexes": len(found)}


def _described(body: object, name: str) -> dict[str, object]:
    index = object_of(body, _TITLE)
    status: dict[str, Any] = object_of(index.get("status"), _TITLE)
    if not status.get("ready"):
        state = text_of(status.get("state"), "not ready")
        raise Refused(
            "starting",
            f"The index {name} is not ready ({state}).",
            "Wait until it is; Pinecone's console shows how far it is.",
            state=CusHealthState.DEGRADED,
        )
    details: dict[str, object] = {"server": _TITLE, "index": name}
    return details | {part: index.get(part) for part in ("dimension", "metric")}
