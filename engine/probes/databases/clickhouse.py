"""ClickHouse, over its HTTP interface."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from engine.http import HttpRequest
from engine.probes.http_service import object_of, open_service, strictly, text_of, told_by
from engine.probes.refusals import Refused, no_such, password_rejected, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

PORT = 8123
_TLS_PORT = 8443
_TITLE = "ClickHouse"
_ASK = b"SELECT version() AS version, count() AS tables FROM system.tables\
 WHERE database = currentDatabase() FORMAT JSON"
# Numbers of src/Common/ErrorCodes.cpp; newer servers tell every failed login as 516.
_PASSWORD = frozenset({"516", "192", "193", "194"})
_NO_DATABASE = "81"
_BUSY = (
    "overloaded",
    "The server has more to do than it takes.",
    "Wait, or raise its limits of queries and memory.",
)
_MEANINGS = {
    "195": (
        "access_denied",
        "This user may not connect from this machine.",
        "Allow this machine's address in the user's HOST clause.",
    ),
    "497": (
        "access_denied",
        "This user may not read the database.",
        "Grant it SELECT or SHOW on the database.",
    ),
    "202": _BUSY,
    "241": _BUSY,
}


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in and ask for the version and the tables of the database."""
    place = attempt.place
    service = await open_service(attempt, port=_TLS_PORT if place.tls else PORT)
    query = urlencode({"database": place.database}) if place.database else ""
    request = HttpRequest(
        method="POST", url=f"{service.base_url}/?{query}", headers=service.headers, body=_ASK
    )
    answer = await attempt.send(request)
    if code := answer.headers.get("x-clickhouse-exception-code"):
        raise _refusal(code, answer, place)
    try:
        body = told_by(attempt, request, answer).read()
    except Refused as refused:
        raise strictly(refused) from None
    return _described(body)


def _described(body: object) -> dict[str, object]:
    rows = object_of(body, _TITLE).get("data")
    row = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(row, dict) or "version" not in row:
        raise wrong_protocol(_TITLE)
    # Numbers of 64 bits come as text unless the server is told otherwise.
    tables = str(row.get("tables", ""))
    return {
        "server": f"{_TITLE} {text_of(row['version'])}",
        "tables": int(tables) if tables.isdecimal() else 0,
    }


def _refusal(code: str, answer: HttpAnswer, place: Place) -> Refused:
    if code in _PASSWORD:
        return password_rejected(place.username or "default", _TITLE)
    if code == _NO_DATABASE:
        return no_such("database", place.database, "Check the database's name, or create it.")
    if code in _MEANINGS:
        state = CusHealthState.DEGRADED if _MEANINGS[code] is _BUSY else CusHealthState.FAILING
        return Refused(*_MEANINGS[code], state=state, status_code=answer.status)
    said = answer.body.decode("utf-8", "replace")
    return Refused(
        "query_failed",
        f"{_TITLE} refused (code {code}): {said}",
        "Look at the server's log.",
        status_code=answer.status,
    )
