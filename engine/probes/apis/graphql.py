"""A GraphQL API: the smallest query that every schema answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.http import HttpRequest
from engine.probes import json_body
from engine.probes.http_service import object_of, open_service, strictly, told_by
from engine.probes.refusals import Refused, wrong_protocol

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_PORT = 443
_TITLE = "GraphQL"
_BODY = b'{"query":"{__typename}"}'
# Servers answer with any of these whether or not the body has errors (GraphQL over HTTP, 6.4.1).
_TELLING = (200, 400)
_KINDS = ("application/graphql-response+json", "application/json")
# The names that servers in use give to these two refusals (extensions.code).
_NO_LOGIN = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED", "INVALID-JWT", "ACCESS-DENIED"})
_FORBIDDEN = frozenset({"FORBIDDEN", "PERMISSION_DENIED"})


async def probe(attempt: Attempt) -> dict[str, object]:
    """Ask for the type of the query's root."""
    service = await open_service(attempt, port=_PORT)
    request = HttpRequest(
        method="POST",
        url=service.base_url,
        headers={
            "Accept": ", ".join(_KINDS),
            "Content-Type": "application/json",
            **service.headers,
        },
        body=_BODY,
    )
    answer = await attempt.send(request)
    if answer.status in _TELLING:
        _require_no_errors(answer.body)
    try:
        body = object_of(told_by(attempt, request, answer).read(), _TITLE)
    except Refused as refused:
        raise strictly(refused) from None
    root = body.get("data")
    if not isinstance(root, dict) or not isinstance(root.get("__typename"), str):
        raise wrong_protocol(_TITLE)
    return {"server": _TITLE, "root": root["__typename"]}


def _require_no_errors(raw: bytes) -> None:
    try:
        body = json_body.parse(raw)
    except json_body.InvalidJson:
        return
    errors = body.get("errors") if isinstance(body, dict) else None
    if isinstance(errors, list) and errors:
        raise _refused(errors[0])


def _refused(error: Any) -> Refused:
    said = json_body.error_text({"error": error}) or "no reason given"
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    word = code.upper() if isinstance(code, str) else ""
    if word in _NO_LOGIN:
        return Refused(
            "auth_failed",
            f"The API wants another login: {said}",
            "Check how this is authenticated.",
        )
    if word in _FORBIDDEN:
        return Refused(
            "access_denied",
            f"The API refuses the query: {said}",
            "Let these credentials query, or use others.",
        )
    return Refused(
        "server_error",
        f"The API answers with an error: {said}",
        "Look at what it says, and at the server's log.",
    )
