"""What every dialect is made of: the request as it sees it, its answer, its refusals."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from engine.demo.behaviour import Mood

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request as a dialect sees it: names of headers in lower case."""

    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An answer: status, JSON body, headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """One provider's way of talking."""

    path: str

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Return which of the known secrets the request proves, or the refusal."""
        ...

    def models(self) -> Said:
        """List the models."""
        ...

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no, in the provider's own form."""
        ...


def known(given: str, secrets: Collection[str]) -> str | None:
    """Return the one of `secrets` that was given, or None."""
    found = (one for one in secrets if hmac.compare_digest(one.encode(), given.encode()))
    return next(found, None)


def masked(key: str) -> str:
    """Return a key as providers repeat it in errors."""
    return f"{key[:6]}***{key[-4:]}" if len(key) > 12 else "***"  # noqa: PLR2004 - enough to hide


STATUS = {
    Mood.UNAUTHORIZED: 401,
    Mood.FORBIDDEN: 403,
    Mood.RATE_LIMITED: 429,
    Mood.SERVER_ERROR: 500,
    Mood.UNAVAILABLE: 503,
    Mood.OVERLOADED: 503,
}


def retry_headers(mood: Mood, seconds: int) -> dict[str, str]:
    """Return the header that tells when to come back, where the mood has one."""
    waits = mood in {Mood.RATE_LIMITED, Mood.UNAVAILABLE}
    return {"Retry-After": str(seconds)} if waits else {}
