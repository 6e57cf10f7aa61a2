"""What stands against a check, as a probe says it: a code, a sentence and a remedy."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.http import HttpFault


class Refused(Exception):  # noqa: N818 - an outcome of a check, not a mistake of ours
    """A check that ended before its last stage was passed.

    Attributes:
        code: The cause as a word, the same for every technology: `auth_failed`, `access_denied`,
            `not_found` (a database, bucket, topic …), `refused`, `timeout`, `tls_expired`,
            `wrong_protocol`, `driver_missing` ….
        message: One sentence for people; the caller masks the secrets of the place in it.
        remedy: What to do about it.
        state: What the lamp shows.
        retry_after_s: Seconds for which the other side asked to be left alone.
        status_code: The HTTP status, where there was one.
        details: Facts that are worth keeping all the same.
    """

    def __init__(  # noqa: PLR0913 - a record of what happened, all by name
        self,
        code: str,
        message: str,
        remedy: str = "",
        *,
        state: CusHealthState = CusHealthState.FAILING,
        retry_after_s: float | None = None,
        status_code: int | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.state = state
        self.retry_after_s = retry_after_s
        self.status_code = status_code
        self.details: Mapping[str, object] = details or {}


# There was no way to ask: the lamp is unknown, never failing.
NO_WAY = frozenset(
    {
        *("address_blocked", "invalid_host", "invalid_port", "invalid_url", "invalid_request"),
        *("local_limit", "driver_missing"),
    }
)
# What a server that is asked for TLS and has none comes to.
NO_TLS = (
    "tls_not_supported",
    "The server does not offer TLS.",
    "Switch TLS off here, or enable it on the server.",
)


@contextmanager
def translated(meaning: Callable[[Exception], Refused | None]) -> Iterator[None]:
    """Raise a driver's errors as what they mean; those without a meaning stay as they are."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        refused = meaning(error)
        if refused is None:
            raise
        raise refused from error


def of_fault(fault: HttpFault) -> Refused:
    """Return the refusal that a fault of the network is."""
    state = CusHealthState.UNKNOWN if fault.code in NO_WAY else CusHealthState.FAILING
    return Refused(fault.code, fault.message, fault.remedy, state=state)


def of_error(error: OSError, stage: str) -> Refused:
    """Return the refusal that an error of the system is, in the words that HTTP checks use."""
    from engine.http.faults import connect_fault  # brings aiohttp, 120 ms at its first import

    return of_fault(connect_fault(error, stage))


def require_web_url(url: str) -> None:
    """Refuse what is no plain http:// or https:// URL.

    Raises:
        Refused: It is none; the sentence does not repeat it.
    """
    from engine.http.messages import HttpFault
    from engine.http.urls import require_url

    try:
        require_url(url)
    except HttpFault as fault:
        raise of_fault(fault) from fault


def blocked(host: str, addresses: list[str]) -> Refused:
    """Return the refusal of a host that leads only to addresses that may not be connected to."""
    from engine.http.faults import blocked_fault

    return of_fault(blocked_fault(host, addresses))


def password_rejected(user: str | None, title: str) -> Refused:
    """Return the refusal of a login."""
    whom = f"for user {user}" if user else "without a user"
    return Refused(
        "auth_failed",
        f"{title} rejected the password {whom}.",
        "Check user and password, and that this user may connect from this host.",
    )


def no_user() -> Refused:
    """Return the refusal of a login without a name; the system's own is not guessed."""
    return Refused("invalid_request", "No user is given.", "Enter the user to log in as.")


def no_such(what: str, name: str | None, remedy: str) -> Refused:
    """Return the refusal of a database, bucket or the like that is not there."""
    return Refused("not_found", f"There is no {what} {name or ''}".rstrip() + ".", remedy)


def closed(stage: str, title: str) -> Refused:
    """Return the refusal of a connection that ended without an answer."""
    return Refused(
        "closed",
        f"The server closed the connection during {stage}.",
        f"Check that {title} listens on this port, and whether it wants TLS.",
    )


def wrong_protocol(title: str) -> Refused:
    """Return the refusal of a server that speaks something else."""
    return Refused(
        "wrong_protocol",
        f"What answered does not speak {title}'s protocol.",
        "Check host and port; another service may listen there.",
    )
