"""Weaviate, over its REST interface."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.http import HttpRequest
from engine.probes.http_service import KeyHeader, object_of, open_service, text_of
from engine.probes.refusals import Refused, no_such, wrong_protocol

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt
    from engine.probes.http_service import HttpService

_TITLE = "Weaviate"
_PORT = 8080
_NOT_FOUND, _NOT_READY = 404, 503
_BEARER = KeyHeader(name="Authorization", prefix="Bearer ")


async def probe(attempt: Attempt) -> dict[str, object]:
    """See that it is ready and who it is, then list the collections or describe one."""
    service = await open_service(attempt, port=_PORT, key_header=_BEARER)
    await _require_ready(service)
    meta = object_of(await service.get("/v1/meta"), _TITLE)
    if "version" not in meta:
        raise wrong_protocol(_TITLE)
    details: dict[str, object] = {"server": f"{_TITLE} {text_of(meta['version'])}".strip()}
    if name := attempt.place.database:
        missing = no_such("collection", name, "Check the collection's name, or create it.")
        path = f"/v1/schema/{quote(name, safe='')}"
        found = object_of(await service.get(path, refusals={_NOT_FOUND: missing}), _TITLE)
        return details | {"collection": text_of(found.get("class"), name)}
    classes = object_of(await service.get("/v1/schema"), _TITLE).get("classes")
    return details | {"collections": len(classes) if isinstance(classes, list) else 0}


async def _require_ready(service: HttpService) -> None:
    """Refuse a server that says that it is not ready; this answer alone has no body."""
    url = service.base_url + "/v1/.well-known/ready"
    answer = await service.attempt.send(HttpRequest(url=url, headers=service.headers))
    if answer.status == _NOT_READY:
        raise Refused(
            "starting",
            "The server says that it is not ready.",
            "Wait a moment; then look at its log.",
            status_code=_NOT_READY,
        )
    if answer.status == _NOT_FOUND:
        raise wrong_protocol(_TITLE)
