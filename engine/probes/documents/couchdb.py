"""CouchDB: who one is, whether the node is up, and a database if one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.http import HttpRequest
from engine.probes import json_body
from engine.probes.http_service import object_of, open_service, text_of
from engine.probes.refusals import Refused, no_such, password_rejected, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt
    from engine.probes.http_service import HttpService

_PORT = 5984
_TITLE = "CouchDB"
_NOT_FOUND = 404


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in and look at the database, or at the node where none is named."""
    service = await open_service(attempt, port=_PORT)
    details = _described(await service.get("/"))
    if database := attempt.place.database:
        details["documents"] = await _documents(service, database)
    else:
        await _log_in(service)
        await _require_up(service)
    return details


async def _log_in(service: HttpService) -> None:
    """See that the server knows who one is; it answers strangers as well."""
    user = service.attempt.place.username
    rejected = password_rejected(user, _TITLE)
    session = object_of(await service.get("/_session", refusals={401: rejected}), _TITLE)
    context = session.get("userCtx")
    if user and not (isinstance(context, dict) and context.get("name")):
        raise rejected


async def _require_up(service: HttpService) -> None:
    request = HttpRequest(url=f"{service.base_url}/_up", headers=service.headers)
    answer = await service.attempt.send(request)
    # 404 is a node that is up and not to be used; versions before 2 do not know the path at all.
    if answer.status == _NOT_FOUND and _status(answer.body) not in {"", "ok"}:
        raise Refused(
            "maintenance",
            "The node is in maintenance mode.",
            "Take it out of maintenance mode, or use another node.",
            state=CusHealthState.DEGRADED,
        )


def _status(raw: bytes) -> str:
    try:
        body = json_body.parse(raw)
    except json_body.InvalidJson:
        return ""
    return text_of(body.get("status")) if isinstance(body, dict) else ""


async def _documents(service: HttpService, database: str) -> int:
    place = service.attempt.place
    denied = Refused(
        "access_denied",
        f"The user {place.username or '(none)'} may not read the database {database}.",
        "Make this user a member of the database (its _security), or use another one.",
        status_code=403,
    )
    known = await service.get(
        f"/{quote(database, safe='')}",
        refusals={
            401: password_rejected(place.username, _TITLE),
            403: denied,
            404: no_such("database", database, "Check the database's name, or create it."),
        },
    )
    count = object_of(known, _TITLE).get("doc_count")
    return count if isinstance(count, int) else 0


def _described(root: object) -> dict[str, object]:
    body = object_of(root, _TITLE)
    if "couchdb" not in body and "express-pouchdb" not in body:
        raise wrong_protocol(_TITLE)
    return {"server": f"{_TITLE} {text_of(body.get('version'))}".strip()}
