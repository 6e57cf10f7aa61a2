"""Snowflake, over its SQL API with a token."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from engine.http import HttpRequest
from engine.probes import json_body
from engine.probes.http_service import object_of, strictly, text_of, told_by
from engine.probes.refusals import Refused, no_such, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "Snowflake"
_PATH = "/api/v2/statements"
_DONE, _RUNNING = 200, 202
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,252}")
_CONTEXT = ("warehouse", "role", "schema")
_UNAUTHORIZED = 401
# Snowflake's own codes; what is not there and what may not be seen it tells alike.
_TOKEN = frozenset({"390100", "390144", "390303", "390304", "390318", "394300", "394304"})
_NOT_THERE = frozenset({"390201", "002003", "002043"})
_MEANINGS = {
    "390189": (
        "access_denied",
        "The role is not granted to this user.",
        "Check the role, or grant it.",
    ),
    "390422": (
        "access_denied",
        "The account's network policy does not let this machine in.",
        "Allow this machine's address in the network policy.",
    ),
    "003001": (
        "access_denied",
        "This role may not do this.",
        "Grant it USAGE on the database and the warehouse, or use another role.",
    ),
}


async def probe(attempt: Attempt) -> dict[str, object]:
    """Run a statement that needs no warehouse; return the version."""
    place = attempt.place
    request = _request(place, attempt.remaining_s)
    answer = await attempt.send(request)
    if answer.status not in {_DONE, _RUNNING} and (refused := _refusal(answer, place)):
        raise refused
    try:
        body = told_by(attempt, request, answer, statuses=(_DONE, _RUNNING)).read()
    except Refused as refused:
        raise strictly(refused) from None
    if answer.status == _RUNNING:
        raise Refused(
            "overloaded",
            "The statement is still queued.",
            "Look at the account's load.",
            state=CusHealthState.DEGRADED,
        )
    return {"server": f"{_TITLE} {_version(body)}"}


def _request(place: Place, remaining_s: float) -> HttpRequest:
    if not place.api_key:
        raise Refused("invalid_request", "No token is given.", "Enter a token for the SQL API.")
    context = {name: place.option(name) for name in _CONTEXT}
    body = {
        "statement": "SELECT CURRENT_VERSION()",
        "timeout": max(1, round(remaining_s)),
        "database": place.database,
        **context,
    }
    return HttpRequest(
        method="POST",
        url=_base_url(place) + _PATH,
        headers={
            "Authorization": f"Bearer {place.api_key}",
            "X-Snowflake-Authorization-Token-Type": place.option(
                "token_type", "PROGRAMMATIC_ACCESS_TOKEN"
            ),
            "Content-Type": "application/json",
        },
        body=json.dumps({name: value for name, value in body.items() if value}).encode(),
    )


def _base_url(place: Place) -> str:
    endpoint = place.option("endpoint") or place.url or ""
    if endpoint.startswith(("https://", "http://")):
        return endpoint.rstrip("/")
    account = place.option("account") or place.host or ""
    if not _ACCOUNT.fullmatch(account):
        raise Refused(
            "invalid_request",
            "No account is given." if not account else "The account is not a valid identifier.",
            "Enter the account's identifier, such as myorg-account1.",
        )
    host = account.replace("_", "-").lower()
    whole = host.endswith((".snowflakecomputing.com", ".snowflakecomputing.cn"))
    return f"https://{host}" if whole else f"https://{host}.snowflakecomputing.com"


def _refusal(answer: HttpAnswer, place: Place) -> Refused | None:
    code = _code(answer.body)
    if answer.status == _UNAUTHORIZED or code in _TOKEN:
        return Refused(
            "auth_failed",
            f"{_TITLE} rejected the token.",
            "Enter a valid token, and check that its kind is right and it has not expired.",
            status_code=answer.status,
        )
    if code in _NOT_THERE:
        return no_such(
            "database, schema or warehouse",
            f"of these names that this role may use (database {place.database})",
            "Check the names, and grant the role USAGE on them.",
        )
    return Refused(*_MEANINGS[code], status_code=answer.status) if code in _MEANINGS else None


def _code(raw: bytes) -> str:
    try:
        body = json_body.parse(raw)
    except json_body.InvalidJson:
        return ""
    return text_of(body.get("code")) if isinstance(body, dict) else ""


def _version(body: object) -> str:
    rows = object_of(body, _TITLE).get("data")
    first = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(first, list) or not first:
        raise wrong_protocol(_TITLE)
    return text_of(first[0])
