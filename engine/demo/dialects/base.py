"""What every dialect is made of: the request as it sees it, its answer, its refusals."""

from __future__ import annotations

import base64
import hmac
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from engine.demo.behaviour import Mood
from engine.demo.dialects.answering import Completions
from engine.demo.dialects.counting import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A request as a dialect sees it.

    Attributes:
        headers: Names in lower case.
        at: When it came, in seconds since 1970.
    """

    method: str = "GET"
    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    at: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An answer: status, a body that is JSON or text, headers."""

    status: int = 200
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


NOT_FOUND = Said(status=404, body={"error": {"message": "Not found"}})


class Dialect(Protocol):
    """One server's way of talking."""

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Return which of the known secrets the request proves, or the refusal."""
        ...

    def answer(self, asked: Asked, mood: Mood) -> Said:
        """Answer who was let in; the mood is ok, impaired or broken."""
        ...

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no, in the server's own form."""
        ...


class ListsModels(ABC):
    """What all providers have in common: models, listed at one path, that answer prompts."""

    path: str

    def __init__(self) -> None:
        self.completions = Completions()
        self.ledger = Ledger()

    @abstractmethod
    def models(self) -> Said:
        """List the models."""

    @abstractmethod
    def complete(self, asked: Asked, body: Mapping[str, Any]) -> Said:
        """Answer a prompt; raises ValueError, KeyError or TypeError where the body is none."""

    @abstractmethod
    def malformed(self) -> Said:
        """Say that a request's body cannot be read."""

    def report(self, asked: Asked) -> Said:  # noqa: ARG002 - most tell nothing
        """Tell what was counted; raises ValueError or KeyError where no days are asked for."""
        return NOT_FOUND

    def answer(self, asked: Asked, mood: Mood) -> Said:  # noqa: ARG002 - a provider is well or away
        """List the models, let one answer, or tell what was counted; there is nothing else."""
        if (asked.method, asked.path) == ("GET", self.path):
            return self.models()
        try:
            if asked.method == "GET":
                return self.report(asked)
            return self.complete(asked, json.loads(asked.body))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.malformed()


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A server that lets in by one header and answers by path.

    Attributes:
        given: Returns what a request proves itself with.
        answers: Path to what is said there: a body, or what makes an answer of request and mood.
        error: Returns an answer of a status and a sentence, in the server's own form.
        methods: The methods that are taken.
    """

    given: Callable[[Asked], str]
    answers: Mapping[str, Any]
    error: Callable[[int, str], Said]
    methods: Collection[str] = ("GET",)

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Let in who gives one of the secrets; with an empty one, who gives none."""
        found = known(self.given(asked), secrets)
        return self.refusal(Mood.UNAUTHORIZED, 0) if found is None else found

    def answer(self, asked: Asked, mood: Mood) -> Said:
        """Say what there is at the path."""
        there = self.answers.get(asked.path)
        if there is None or asked.method not in self.methods:
            return self.error(404, "There is nothing of that name.")
        said = there(asked, mood) if callable(there) else there
        return said if isinstance(said, Said) else Said(body=said)

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in the server's own form."""
        said = self.error(STATUS[mood], _SENTENCES[mood])
        headers = {**said.headers, **retry_headers(mood, retry_after_s)}
        return Said(status=said.status, body=said.body, headers=headers)


def known(given: str, secrets: Collection[str]) -> str | None:
    """Return the one of `secrets` that was given, or None."""
    found = (one for one in secrets if hmac.compare_digest(one.encode(), given.encode()))
    return next(found, None)


def in_header(name: str, prefix: str = "") -> Callable[[Asked], str]:
    """Return what reads a secret out of a header, without what precedes it there."""
    return lambda asked: asked.headers.get(name, "").removeprefix(prefix)


def basic(asked: Asked) -> str:
    """Return the login of a request as `user:password` (RFC 7617)."""
    encoded = asked.headers.get("authorization", "").removeprefix("Basic ")
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return ""


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
_SENTENCES = {
    Mood.UNAUTHORIZED: "These credentials are not valid.",
    Mood.FORBIDDEN: "These credentials may not do this.",
    Mood.RATE_LIMITED: "Too many requests.",
    Mood.SERVER_ERROR: "An internal error has occurred.",
    Mood.UNAVAILABLE: "The service is not available at the moment.",
    Mood.OVERLOADED: "The service has more to do than it takes.",
}


def retry_headers(mood: Mood, seconds: int) -> dict[str, str]:
    """Return the header that tells when to come back, where the mood has one."""
    waits = mood in {Mood.RATE_LIMITED, Mood.UNAVAILABLE}
    return {"Retry-After": str(seconds)} if waits else {}
