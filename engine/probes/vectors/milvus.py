"""Milvus (and Zilliz Cloud), over the second version of its REST interface.

It answers a refusal with status 200 and a code of its own in the body.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.probes.http_service import KeyHeader, object_of, open_service, text_of
from engine.probes.refusals import Refused, no_such, password_rejected, wrong_protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.probes.attempt import Attempt
    from engine.probes.http_service import HttpService
    from engine.probes.place import Place

_TITLE = "Milvus"
_PORT = 19530
_NOT_FOUND = 404
_DATABASE = "default"
_BEARER = KeyHeader(name="Authorization", prefix="Bearer ")
_BASIC = "Basic "
# https://milvus.io/docs/error-codes.md, the same in its source (merr/errors.go).
_OK = frozenset({0, 200})
_NOT_AUTHENTICATED, _NOT_PERMITTED = frozenset({1400, 1800}), frozenset({1401, 65534})
_NO_DATABASE, _NO_COLLECTION, _STARTING = 800, 100, frozenset({1, 5})


async def probe(attempt: Attempt) -> dict[str, object]:
    """List the collections, or describe the one that must be there."""
    place = attempt.place
    opened = await open_service(attempt, port=_PORT, key_header=_BEARER)
    service = replace(opened, headers=with_bearer(opened.headers))
    database = place.database or _DATABASE
    found = await _ask(service, "list", {"dbName": database}, place)
    details: dict[str, object] = {"server": _TITLE, "database": database}
    if name := place.option("collection"):
        told = await _ask(service, "describe", {"dbName": database, "collectionName": name}, place)
        return details | {"collection": name, "load": object_of(told, _TITLE).get("load")}
    return details | {"collections": len(found) if isinstance(found, list) else 0}


def with_bearer(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with user and password as Milvus takes them: as a bearer's token."""
    given = headers.get("Authorization", "")
    if not given.startswith(_BASIC):
        return dict(headers)
    login = base64.b64decode(given.removeprefix(_BASIC)).decode()
    return {**headers, "Authorization": f"Bearer {login}"}


async def _ask(service: HttpService, what: str, body: dict[str, str], place: Place) -> Any:
    path = f"/v2/vectordb/collections/{what}"
    answer = object_of(
        await service.post(path, body, refusals={_NOT_FOUND: wrong_protocol(_TITLE)}), _TITLE
    )
    code = answer.get("code")
    if not isinstance(code, int):
        raise wrong_protocol(_TITLE)
    if code not in _OK:
        raise refusal_of(code, text_of(answer.get("message")), body, place)
    return answer.get("data")


def refusal_of(code: int, said: str, body: Mapping[str, Any], place: Place) -> Refused:
    """Return what a code of Milvus's own means, which was answered to this body."""
    if code in _NOT_AUTHENTICATED:
        return password_rejected(place.username, _TITLE)
    if code in _NOT_PERMITTED:
        return Refused(
            "access_denied",
            f"This user may not see the collections: {said}.",
            "Grant the user a role with ShowCollections on this database.",
        )
    if code == _NO_DATABASE:
        return no_such("database", body["dbName"], "Check the database's name, or create it.")
    if code == _NO_COLLECTION:
        name = body.get("collectionName")
        return no_such("collection", name, "Check the collection's name, or create it.")
    if code in _STARTING:
        return Refused("starting", f"The server is not ready: {said}.", "Wait a moment.")
    return Refused("server_error", f"{_TITLE} refused ({code}): {said}.", "Look at its log.")
