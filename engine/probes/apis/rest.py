"""A REST API: one GET of a path that should work, and what should come back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from engine.http import HttpRequest
from engine.probes import json_body
from engine.probes.http_service import open_service, strictly, told_by
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_PORT = 443
_SUCCESS = tuple(range(200, 300))
_MISSING = object()


async def probe(attempt: Attempt) -> dict[str, object]:
    """Get the path; see that status, value and word are the expected ones."""
    place = attempt.place
    service = await open_service(attempt, port=_PORT)
    url = at_path(service.base_url, place.option("path"))
    request = HttpRequest(
        url=url, headers={"Accept": "application/json, */*;q=0.5", **service.headers}
    )
    answer = await attempt.send(request)
    statuses = _statuses(place)
    try:
        told_by(attempt, request, answer, statuses=statuses).require_status()
    except Refused as refused:
        raise strictly(refused) from None
    if pointer := place.option("json_pointer"):
        _require_value(_json(answer), pointer, place.option("expected"))
    elif word := place.option("expected"):
        _require_word(answer, word)
    server = answer.headers.get("server", "")[:100] or urlsplit(url).hostname or ""
    return {"server": server, "status": answer.status}


def at_path(base_url: str, path: str) -> str:
    """Return the URL of a path below a base URL; the path cannot lead to another host."""
    if not path:
        return base_url
    return urljoin(base_url + "/", "./" + path.lstrip("/"))


def _follow(body: object, pointer: str) -> object:
    """Return what a JSON pointer (RFC 6901) leads to, or `_MISSING`."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict) and name in body:
            body = body[name]
        elif isinstance(body, list) and name.isdecimal() and int(name) < len(body):
            body = body[int(name)]
        else:
            return _MISSING
    return body


def _statuses(place: Place) -> tuple[int, ...]:
    expected = place.option("expected_status")
    return (int(expected),) if expected.isdecimal() else _SUCCESS


def _json(answer: HttpAnswer) -> object:
    """Return what the body says, whatever type it claims: one's own services are often careless."""
    try:
        return json_body.parse(answer.body)
    except json_body.InvalidJson as error:
        raise _unexpected(f"The answer is no JSON: {error}.") from None


def _require_value(body: object, pointer: str, expected: str) -> None:
    found = _follow(body, pointer)
    if found is _MISSING:
        raise _unexpected(f"The answer has nothing at {pointer}.")
    if expected and _spelled(found) != expected:
        raise _unexpected(f"At {pointer} the answer has {_spelled(found)[:60]}, not {expected}.")


def _require_word(answer: HttpAnswer, word: str) -> None:
    if word not in answer.body.decode("utf-8", "replace"):
        raise _unexpected(f"The answer does not have {word} in it.")


def _spelled(value: object) -> str:
    """Return a value as JSON spells it, text without its quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _unexpected(message: str) -> Refused:
    return Refused(
        "unexpected_body", message, "Look at what the service says there, or expect something else."
    )
