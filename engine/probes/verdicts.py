"""The table of verdicts: what each HTTP status means for the lamp, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from engine.probes.states import CusHealthState

DEGRADED, FAILING = CusHealthState.DEGRADED, CusHealthState.FAILING

# A provider that asks for more is asked again tomorrow all the same.
_MAX_RETRY_S = 86_400.0
_MAX_DIGITS = 12
_SUCCESS, _REDIRECT, _CLIENT, _SERVER, _BEYOND = 200, 300, 400, 500, 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """How the other side is spoken of, so that a sentence fits what was checked.

    Attributes:
        who: What answered.
        news: Where to look when it is in trouble.
        where: What says where it is.
        api: What is expected there.
        right: What a credential must be allowed to do.
        fields: What else may be wrong.
        fault: The code of an error in an answer whose status is fine.
    """

    who: str
    news: str
    where: str
    api: str
    right: str
    fields: str
    fault: str


PROVIDER = Wording(
    who="the provider",
    news="the provider's status page",
    where="the base URL",
    api="the provider's API",
    right="list models",
    fields="the integration's own fields, such as version, region or deployment",
    fault="provider_error",
)
SERVER = Wording(
    who="the server",
    news="the server's log",
    where="the address",
    api="the right service",
    right="read this",
    fields="the fields, and that address and server belong together",
    fault="server_error",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a refusal means; `{who}` and the like stand for a `Wording`.

    Attributes:
        state: What the lamp shows.
        error: Its code.
        headline: What happened, without a full stop; the other side's own words follow it.
        remedy: What to do.
        otherwise: What follows the headline when the other side says nothing.
    """

    state: CusHealthState
    error: str
    headline: str
    remedy: str
    otherwise: str = ""

    def of(self, wording: Wording) -> Verdict:
        """Return the verdict on that side, in its words."""
        return replace(
            self, headline=told(self.headline, wording), remedy=told(self.remedy, wording)
        )


def told(sentence: str, wording: Wording) -> str:
    """Return a sentence with the wording's words in it, capital where it begins with one."""
    words = {name: getattr(wording, name) for name in wording.__slots__}
    filled = sentence.format_map(words)
    return filled[:1].upper() + filled[1:]


AUTH_FAILED = Verdict(
    state=FAILING,
    error="auth_failed",
    headline="Authentication failed",
    remedy="Enter a valid credential, or rotate it at {who}.",
    otherwise="invalid credentials",
)
ACCESS_DENIED = Verdict(
    state=FAILING,
    error="access_denied",
    headline="Access denied",
    remedy="Give this credential the right to {right}, or use another one.",
    otherwise="the credential is not allowed to do this",
)
RATE_LIMITED = Verdict(
    state=DEGRADED,
    error="rate_limited",
    headline="Rate limited",
    remedy="Wait; send less, or raise the limit at {who}.",
)
BAD_REQUEST = Verdict(
    state=DEGRADED,
    error="bad_request",
    headline="Bad request",
    remedy="Check {fields}.",
)
OVERLOADED = Verdict(
    state=DEGRADED,
    error="overloaded",
    headline="{who} is overloaded",
    remedy="Wait; look at {news}.",
)
PROVIDER_ERROR = Verdict(
    state=DEGRADED,
    error="provider_error",
    headline="The answer is an error, although its status is 200",
    remedy="Look at what it says, and at {news}.",
)
NOT_HTTP = Verdict(
    state=FAILING,
    error="not_http",
    headline="Not an HTTP service: the port expects TLS",
    remedy="Try https:// instead of http://, or another port.",
)
NOT_THE_API = "Check that {where} leads to {api}."
# What nginx, Apache and Go say to a plain request on their TLS port, with status 400.
_WANTS_TLS = (
    b"plain HTTP request was sent to HTTPS port",
    b"speaking plain HTTP to an SSL-enabled server port",
    b"sent an HTTP request to an HTTPS server",
)
_BY_STATUS = {
    400: BAD_REQUEST,
    401: AUTH_FAILED,
    403: ACCESS_DENIED,
    429: RATE_LIMITED,
    529: OVERLOADED,
}
BY_CODE = {verdict.error: verdict for verdict in (AUTH_FAILED, ACCESS_DENIED, RATE_LIMITED)}
_SPECIAL = {
    402: ("Payment required", "Settle the account at {who}."),
    404: ("Not found", "Check {where} and its path."),
    407: ("A proxy asks for a login", "Use an address that is reached without a proxy."),
    408: ("{who} gave up waiting", "Look at {news}."),
    410: ("Gone", "Check {where}: this part of the API was removed."),
}


def verdict_of(status: int, body: bytes = b"", wording: Wording = PROVIDER) -> Verdict:
    """Return what a status other than 200 and a redirect means.

    Args:
        status: The HTTP status.
        body: The raw body, for the one refusal that is told by its words alone.
        wording: How the other side is spoken of.
    """
    return _verdict(status, body).of(wording)


def _verdict(status: int, body: bytes) -> Verdict:
    if status == _CLIENT and any(words in body for words in _WANTS_TLS):
        return NOT_HTTP
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if _SUCCESS <= status < _REDIRECT:
        return Verdict(
            state=DEGRADED,
            error="unexpected_status",
            headline="Unexpected status",
            remedy=NOT_THE_API,
        )
    headline, remedy = _SPECIAL.get(status, _by_class(status))
    return Verdict(state=FAILING, error=f"http_{status}", headline=headline, remedy=remedy)


def is_redirect(status: int) -> bool:
    """Tell whether a status sends the client elsewhere."""
    return _REDIRECT <= status < _CLIENT


def retry_after_s(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, from 0 to a day.

    Args:
        value: Seconds or an HTTP date (RFC 9110, 10.2.3); empty when there is none.
        now: The aware time at which the answer came.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:_MAX_DIGITS]), _MAX_RETRY_S)
    try:
        until = parsedate_to_datetime(text)
        # A date without a zone is meant in UTC.
        until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
        seconds = (until - now).total_seconds()
    except (ValueError, OverflowError, IndexError):
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_S)


def error_in_answer(wording: Wording) -> Verdict:
    """Return the verdict on an answer that is an error although its status is fine."""
    return replace(PROVIDER_ERROR, error=wording.fault)


def _by_class(status: int) -> tuple[str, str]:
    if _SERVER <= status < _BEYOND:
        return "Server error", "Look at {news}."
    if _CLIENT <= status < _SERVER:
        return "The request was refused", "Check {where} and {fields}."
    return "Unknown status", NOT_THE_API
