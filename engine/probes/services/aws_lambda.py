"""AWS Lambda: `GET /functions`, or one function's configuration; signed with Signature 4."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.http import HttpRequest
from engine.http.sigv4 import AwsKeys, Scope, parse_keys, sign
from engine.probes import json_body, verdicts
from engine.probes.http_service import strictly
from engine.probes.refusals import Refused, require_web_url

if TYPE_CHECKING:
    from datetime import datetime

    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

TITLE = "AWS Lambda"
SERVICE = "lambda"
REGION = "us-east-1"
FUNCTIONS = "/2015-03-31/functions"
_KEYS = "Enter KEY_ID:SECRET, KEY_ID:SECRET:TOKEN, or the JSON that AWS tools print."
_BAD_KEYS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "InvalidClientTokenId",
        "IncompleteSignatureException",
        "MissingAuthenticationTokenException",
        "ExpiredTokenException",
    }
)


async def probe(attempt: Attempt) -> dict[str, object]:
    """List the functions, or describe the one that must be there; run none."""
    place = attempt.place
    function = place.option("function")
    path = f"{FUNCTIONS}/{quote(function, safe='')}/configuration" if function else FUNCTIONS + "/"
    request = signed(place, "GET", path, now=attempt.tools.now())
    answer = await attempt.send(request)
    async with attempt.stage("describe" if function else "list"):
        body = read(answer)
    if function:
        return {"server": TITLE, "function": function, "runtime": str(body.get("Runtime", ""))}
    found = body.get("Functions")
    return {"server": TITLE, "functions": len(found) if isinstance(found, list) else 0}


def signed(
    place: Place, method: str, path: str, *, now: datetime, body: bytes | None = None
) -> HttpRequest:
    """Return a request to the region's Lambda, signed for `now`.

    Raises:
        Refused: The access key cannot be read, or the endpoint is no URL.
    """
    region = place.option("region", REGION)
    url = _base(place, region) + path
    headers = sign(
        method,
        url,
        _keys(place),
        Scope(region=region, service=SERVICE, now=now),
        headers={"Content-Type": "application/json"} if body else None,
        body=body,
    )
    return HttpRequest(method=method, url=url, headers=headers, body=body)


def read(answer: HttpAnswer) -> dict[str, object]:
    """Return the answer's JSON object.

    Raises:
        Refused: It is a refusal, or nothing that Lambda says.
    """
    told = _told(answer)
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - what success is in HTTP
        raise _refusal(answer, told)
    if not isinstance(told, dict):
        raise Refused(
            "wrong_protocol",
            f"What answered does not speak {TITLE}'s protocol.",
            "Check the endpoint, or leave it empty for the region's own.",
        )
    return told


def _told(answer: HttpAnswer) -> object:
    try:
        return json_body.parse(answer.body)
    except json_body.InvalidJson:
        return None


def _refusal(answer: HttpAnswer, told: object) -> Refused:
    kind = answer.headers.get("x-amzn-errortype", "").partition(":")[0]
    if not kind and isinstance(told, dict):
        kind = str(told.get("__type") or told.get("code") or "").rpartition("#")[2]
    said = json_body.error_text(told)
    if kind in _BAD_KEYS:
        return Refused(
            "auth_failed", f"AWS rejected the access key: {said or kind}", _KEYS, status_code=403
        )
    if kind == "AccessDeniedException":
        return Refused(
            "access_denied",
            f"AWS denies access: {said or kind}",
            "Allow lambda:ListFunctions, lambda:GetFunctionConfiguration, lambda:InvokeFunction.",
            status_code=403,
        )
    if kind == "ResourceNotFoundException":
        return Refused(
            "not_found",
            "There is no function of that name in this region.",
            "Check the function's name and the region.",
            status_code=404,
        )
    verdict = verdicts.verdict_of(answer.status, answer.body)
    refused = Refused(
        verdict.error,
        f"{answer.status} {verdict.headline}: {said or kind}".rstrip(": .") + ".",
        verdict.remedy,
        state=verdict.state,
        status_code=answer.status,
    )
    return strictly(refused)


def _base(place: Place, region: str) -> str:
    if place.url:
        require_web_url(place.url)
        return place.url.rstrip("/")
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://{SERVICE}.{region}.{domain}"


def _keys(place: Place) -> AwsKeys:
    keys = parse_keys(place.api_key or "")
    if keys is None:
        raise Refused("auth_failed", "The access key is missing, or has no valid form.", _KEYS)
    return keys
