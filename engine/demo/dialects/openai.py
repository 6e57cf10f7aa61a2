"""OpenAI, and everything that is compatible with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import (
    STATUS,
    Asked,
    ListsModels,
    Said,
    known,
    masked,
    retry_headers,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class OpenAi(ListsModels):
    """OpenAI, and what is compatible with it."""

    path = "/v1/models"
    _ERRORS: Mapping[Mood, tuple[str, str | None, str]] = {
        Mood.UNAUTHORIZED: ("invalid_request_error", "invalid_api_key", "Incorrect API key."),
        Mood.FORBIDDEN: ("request_forbidden", "access_denied", "The project may not list models."),
        Mood.RATE_LIMITED: ("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
        Mood.SERVER_ERROR: ("server_error", None, "The server had an error with this request."),
        Mood.UNAVAILABLE: ("server_error", None, "The service is temporarily unavailable."),
        Mood.OVERLOADED: ("server_error", None, "The engine is overloaded; try again later."),
    }

    def __init__(
        self, names: Collection[str], owner: str = "system", *, keyless: bool = False
    ) -> None:
        self._names = tuple(names)
        self._owner = owner
        self._keyless = keyless

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Let in who has a known bearer token; anybody where no key is wanted."""
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self._keyless:
            return next(iter(secrets))
        found = known(given, secrets)
        if found is not None:
            return found
        told = f"Incorrect API key provided: {masked(given)}." if given else "No API key provided."
        return self._error(401, "invalid_request_error", "invalid_api_key", told)

    def models(self) -> Said:
        """List them under `data`."""
        listed = [
            {"id": name, "object": "model", "created": 1_735_000_000 + n, "owned_by": self._owner}
            for n, name in enumerate(self._names)
        ]
        return Said(status=200, body={"object": "list", "data": listed})

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in an `error` object with type and code."""
        kind, code, message = self._ERRORS[mood]
        return self._error(STATUS[mood], kind, code, message, **retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(status: int, kind: str, code: str | None, message: str, **headers: str) -> Said:
        error = {"message": message, "type": kind, "param": None, "code": code}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Said(status=status, body={"error": error}, headers=named)
