"""An API described by OpenAPI: its document is fetched and read; nothing in it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.http import HttpRequest
from engine.probes import json_body
from engine.probes.apis.rest import at_path
from engine.probes.http_service import open_service, strictly, text_of, told_by
from engine.probes.refusals import Refused, wrong_protocol
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_PORT = 443
_TITLE = "OpenAPI"
_KINDS = "application/json, application/yaml, text/yaml, */*;q=0.5"
# Most have under 1 MiB, those of whole clouds up to 12.
_MAX_BYTES = 12 * 1024 * 1024
_MAX_VALUES = 1_000_000
_MAX_YAML_BYTES = 4 * 1024 * 1024
_MAX_DEPTH = 100


async def probe(attempt: Attempt) -> dict[str, object]:
    """Fetch the document; return the API's title and version, and how much it describes."""
    service = await open_service(attempt, port=_PORT)
    request = HttpRequest(
        url=at_path(service.base_url, attempt.place.option("path")),
        headers={"Accept": _KINDS, **service.headers},
        max_body=_MAX_BYTES,
    )
    answer = await attempt.send(request)
    try:
        told_by(attempt, request, answer).require_status()
    except Refused as refused:
        raise strictly(refused) from None
    async with attempt.stage("read"):
        # 1.5 MB take 50 ms as JSON and 380 ms as YAML: too long for the event loop.
        return await in_thread(lambda: _described(answer.body))


def _described(body: bytes) -> dict[str, object]:
    document = _parsed(body)
    if not isinstance(document, dict):
        raise wrong_protocol(_TITLE)
    version = text_of(document.get("openapi")) or text_of(document.get("swagger"))
    if not version:
        raise Refused(
            "unexpected_body",
            "What is there is no OpenAPI document: it has neither openapi nor swagger.",
            "Check the URL; it must lead to the document itself, not to a page that shows it.",
        )
    info = document.get("info")
    told: dict[str, Any] = info if isinstance(info, dict) else {}
    title = text_of(told.get("title"), "API")[:100]
    paths = document.get("paths")
    return {
        "server": f"{title} {text_of(told.get('version'))[:40]}".strip(),
        "openapi": version[:20],
        "paths": len(paths) if isinstance(paths, dict) else 0,
    }


def _parsed(body: bytes) -> object:
    from engine.documents.yaml_text import load_all

    if body.lstrip()[:1] in {b"{", b"["}:
        return _json(body)
    if len(body) > _MAX_YAML_BYTES:
        raise _unreadable(f"as YAML it may have {_MAX_YAML_BYTES // 1024:,} KiB")
    try:
        text = body.decode("utf-8-sig", "replace")
        return next(load_all(text, max_depth=_MAX_DEPTH, keys_as_text=True), None)
    except InvalidInput as error:
        raise _unreadable(f"it is not YAML that can be used: {error.message}") from None


def _json(body: bytes) -> object:
    try:
        return json_body.parse(body, max_values=_MAX_VALUES)
    except json_body.InvalidJson as error:
        raise _unreadable(str(error)) from None


def _unreadable(why: str) -> Refused:
    return Refused(
        "unexpected_body",
        f"The document cannot be read: {why}.".replace("..", "."),
        "Check the URL, and the document with a validator.",
    )
