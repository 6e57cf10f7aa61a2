"""A server that answers HTTP with JSON: its base URL, who one says one is, and what it answers.

Everything is sent through the attempt, so addresses are judged, steps are timed, and nothing
outlives the deadline. Whatever is not the JSON that was asked for is refused and failing, because
a login page where a database's API should be is no database.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, unquote, urlencode, urlsplit

from engine.http import HttpRequest
from engine.probes import verdicts
from engine.probes.answers import Answer
from engine.probes.refusals import Refused, wrong_protocol
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_MEANT = {"apikey": "api_key", "token": "bearer", "oauth": "oauth2", "password": "basic"}
_OK = (200,)
# A server that asks for patience is up and let us in; every other misfit is no working service.
_PATIENCE = frozenset({"rate_limited", "overloaded"})
_BAD_CLIENT = frozenset({"invalid_client", "unauthorized_client", "invalid_grant"})


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyHeader:
    """The header in which a technology expects its API key, and what precedes the key."""

    name: str = "X-API-Key"
    prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpService:
    """One server's API, and the headers that prove who one is.

    Attributes:
        attempt: The check under way.
        base_url: Without a slash at its end.
        headers: Sent with each request; they hold secrets.
    """

    attempt: Attempt
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def get(self, path: str = "", *, refusals: Mapping[int, Refused] | None = None) -> Any:
        """Return the JSON at a path.

        Args:
            path: What follows the base URL, with its slash and query.
            refusals: What a status means here, such as 404 for a collection.

        Raises:
            Refused: There is no usable answer.
        """
        request = HttpRequest(url=self.base_url + path, headers=self.headers)
        return await ask_json(self.attempt, request, refusals=refusals)

    async def post(
        self, path: str, body: object, *, refusals: Mapping[int, Refused] | None = None
    ) -> Any:
        """Return the JSON that answers JSON sent to a path; raises as `get`."""
        request = HttpRequest(
            method="POST",
            url=self.base_url + path,
            headers={**self.headers, "Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        return await ask_json(self.attempt, request, refusals=refusals)


async def open_service(
    attempt: Attempt, *, port: int, key_header: KeyHeader | None = None
) -> HttpService:
    """Return the service that a place means, logged in where that takes a request of its own.

    The base URL is the place's own, else made of host, port and TLS. How to prove who one is says
    `auth_type`; where it says nothing, it follows from what is given: OAuth, key, user, nothing.

    Args:
        attempt: The check under way.
        port: The technology's own port, for a host without one.
        key_header: Where an API key goes, unless the option `api_key_header` names a header.

    Raises:
        Refused: Fields are missing, or there is no token to be had.
    """
    url, user, password = _base_url(attempt.place, port)
    headers = await _authorization(attempt, user, password, key_header or KeyHeader())
    return HttpService(attempt=attempt, base_url=url, headers=headers)


async def ask_json(
    attempt: Attempt,
    request: HttpRequest,
    *,
    statuses: tuple[int, ...] = _OK,
    refusals: Mapping[int, Refused] | None = None,
) -> Any:
    """Send a request and return the JSON that answers it.

    Raises:
        Refused: There is no usable answer; its sentence repeats what the server says.
    """
    answer = await attempt.send(request)
    if refusals and answer.status in refusals:
        raise refusals[answer.status]
    try:
        return told_by(attempt, request, answer, statuses=statuses).read()
    except Refused as refused:
        raise strictly(refused) from None


def told_by(
    attempt: Attempt, request: HttpRequest, answer: HttpAnswer, *, statuses: tuple[int, ...] = _OK
) -> Answer:
    """Return the answer as something that can be read and refused."""
    return Answer(
        request=request,
        answer=answer,
        came=attempt.tools.now(),
        wording=verdicts.SERVER,
        statuses=statuses,
    )


def strictly(refused: Refused) -> Refused:
    """Make a refusal failing unless the server only asks for patience; return it."""
    if refused.state is CusHealthState.DEGRADED and refused.code not in _PATIENCE:
        refused.state = CusHealthState.FAILING
    return refused


def object_of(body: object, title: str) -> dict[str, Any]:
    """Return a body that is a JSON object.

    Raises:
        Refused: It is not, so what answers is not what it was taken for.
    """
    if isinstance(body, dict):
        return body
    raise wrong_protocol(title)


def text_of(value: object, default: str = "") -> str:
    """Return a value of somebody else's JSON where it is text."""
    return value if isinstance(value, str) else default


def _base_url(place: Place, port: int) -> tuple[str, str | None, str | None]:
    """Return base URL, user and password; a login in the URL is moved out of it."""
    if not place.url:
        if not place.host:
            raise Refused("invalid_url", "There is neither a URL nor a host.", "Enter one.")
        scheme = "https" if place.tls else "http"
        host = f"[{place.host}]" if ":" in place.host else place.host
        return f"{scheme}://{host}:{place.port or port}", place.username, place.password
    try:
        parts = urlsplit(place.url.strip())
    except ValueError:
        raise Refused("invalid_url", "The URL is not valid.", "Check it.") from None
    user_info, _, server = parts.netloc.rpartition("@")
    user, _, password = user_info.partition(":")
    url = parts._replace(netloc=server, query="", fragment="").geturl().rstrip("/")
    return (
        url,
        place.username or unquote(user) or None,
        place.password or unquote(password) or None,
    )


async def _authorization(
    attempt: Attempt, user: str | None, password: str | None, key_header: KeyHeader
) -> dict[str, str]:
    place = attempt.place
    match _auth_type(place, user):
        case "basic":
            return {"Authorization": _basic(user or "", password or "")}
        case "bearer":
            token = place.api_key or password
            return {"Authorization": f"Bearer {_required(token, 'token')}"}
        case "api_key":
            name = place.option("api_key_header", key_header.name)
            prefix = key_header.prefix if name == key_header.name else ""
            return {name: prefix + _required(place.api_key or password, "API key")}
        case "oauth2":
            return {"Authorization": f"Bearer {await _token(attempt)}"}
        case "none":
            return {}
        case other:
            raise _misconfigured(f"There is no way of authentication called {other}.")


def _auth_type(place: Place, user: str | None) -> str:
    if place.auth_type:
        word = place.auth_type.lower().replace("-", "_")
        return _MEANT.get(word, word)
    if place.oauth:
        return "oauth2"
    if place.api_key:
        return "api_key"
    return "basic" if user else "none"


async def _token(attempt: Attempt) -> str:
    """Return an access token by client credentials (RFC 6749, 4.4)."""
    given = attempt.place.oauth
    client = _required(given.get("client_id"), "OAuth client id")
    secret = _required(given.get("client_secret"), "OAuth client secret")
    form = {"grant_type": "client_credentials"}
    form |= {name: given[name] for name in ("scope", "audience", "resource") if given.get(name)}
    request = HttpRequest(
        method="POST",
        url=_required(given.get("token_url"), "OAuth token URL"),
        headers={
            # RFC 6749, 2.3.1: both are encoded like a form before they are joined.
            "Authorization": _basic(quote_plus(client), quote_plus(secret)),
            "Content-Type": "application/x-www-form-urlencoded",
        },
        body=urlencode(form).encode(),
    )
    answer = await attempt.send(request)
    try:
        body = told_by(attempt, request, answer).read(_token_refusal)
    except Refused as refused:
        refused.message = f"No OAuth token: {refused.message}"
        raise strictly(refused) from None
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise Refused(
            "unexpected_body",
            "What answers at the OAuth token URL gives no access token.",
            "Check the token URL.",
        )
    return token


def _token_refusal(status: int, headers: Mapping[str, str], body: object) -> str | None:
    del status, headers
    error = body.get("error") if isinstance(body, dict) else None
    return "auth_failed" if error in _BAD_CLIENT else None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _required(value: str | None, what: str) -> str:
    if value:
        return value
    raise _misconfigured(f"The {what} is missing.")


def _misconfigured(message: str) -> Refused:
    return Refused("invalid_request", message, "Check how this is authenticated.")
