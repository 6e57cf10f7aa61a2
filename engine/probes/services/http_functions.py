"""Functions that are reached over HTTP at Google and Azure, without running one.

Google answers an unauthenticated or wrong identity token with 401 or 403 before the function
runs; an OPTIONS request with a right one reaches the function's own preflight, which is free of
effects by the definition of HTTP. Azure lists an app's functions to its master key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from engine.http import HttpRequest
from engine.probes import json_body, verdicts
from engine.probes.http_service import strictly
from engine.probes.refusals import Refused, require_web_url

if TYPE_CHECKING:
    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_NOT_ALLOWED, _NO_CONTENT = 405, 204
# The preflight's own answers: allowed, empty, or a function that takes no OPTIONS.
_REACHED = frozenset({200, _NO_CONTENT, _NOT_ALLOWED})
_AZURE_LIST = "/admin/functions"


async def probe_google(attempt: Attempt) -> dict[str, object]:
    """Ask the function, or the project's address, for its preflight."""
    place = attempt.place
    answer = await attempt.send(
        HttpRequest(url=google_url(place), method="OPTIONS", headers=google_headers(place))
    )
    async with attempt.stage("describe"):
        if answer.status not in _REACHED:
            raise refusal(answer, "Google Cloud Functions")
    return {"server": "Google Cloud Functions"}


async def probe_azure(attempt: Attempt) -> dict[str, object]:
    """List the app's functions by its administration interface."""
    names = await azure_functions(attempt)
    function = attempt.place.option("function")
    async with attempt.stage("describe"):
        if function and function not in names:
            raise Refused(
                "not_found",
                "The app has no function of that name.",
                "Check the function's name, or that it is deployed.",
            )
    return {"server": "Azure Functions", "functions": len(names)}


async def azure_functions(attempt: Attempt) -> list[str]:
    """Return the names of the app's functions.

    Raises:
        Refused: The app refused, or answered something else.
    """
    place = attempt.place
    answer = await attempt.send(
        HttpRequest(url=_base(place) + _AZURE_LIST, headers=azure_headers(place))
    )
    async with attempt.stage("list"):
        if answer.status != 200:  # noqa: PLR2004 - what success is here
            raise refusal(answer, "Azure Functions")
        try:
            told = json_body.parse(answer.body)
        except json_body.InvalidJson:
            told = None
        if not isinstance(told, list):
            raise Refused(
                "wrong_protocol",
                "What answered is not an Azure function app.",
                "Check the URL; it looks like https://my-app.azurewebsites.net.",
            )
    return [str(one["name"]) for one in told if isinstance(one, dict) and one.get("name")]


def google_url(place: Place, function: str | None = None) -> str:
    """Return the address of a function, or of the URL itself where none is named."""
    name = function or place.option("function")
    return f"{_base(place)}/{quote(name, safe='')}" if name else _base(place)


def google_headers(place: Place) -> dict[str, str]:
    """Return the headers that say who asks."""
    return {"Authorization": f"Bearer {place.api_key}"} if place.api_key else {}


def azure_url(place: Place, function: str) -> str:
    """Return the address of a function of the app."""
    return f"{_base(place)}/api/{quote(function, safe='')}"


def azure_headers(place: Place) -> dict[str, str]:
    """Return the headers that say who asks."""
    return {"x-functions-key": place.api_key} if place.api_key else {}


def refusal(answer: HttpAnswer, title: str) -> Refused:
    """Return what an answer that is no success means."""
    verdict = verdicts.verdict_of(answer.status, answer.body)
    remedies = {
        401: f"Enter a valid key for {title}.",
        403: f"Give this key the right to use {title}, or use another one.",
        404: "Check the URL and the function's name.",
    }
    refused = Refused(
        "not_found" if answer.status == 404 else verdict.error,  # noqa: PLR2004 - HTTP's own
        f"{answer.status} {verdict.headline}.",
        remedies.get(answer.status, verdict.remedy),
        state=verdict.state,
        status_code=answer.status,
    )
    return strictly(refused)


def _base(place: Place) -> str:
    require_web_url(place.url or "")
    parts = urlsplit(place.url or "")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
