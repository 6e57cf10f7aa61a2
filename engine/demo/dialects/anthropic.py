"""Anthropic: dated versions, errors named by type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import Asked, ListsModels, Said, known, retry_headers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Anthropic(ListsModels):
    """Anthropic: a dated version with every request, errors named by type, 529 for overload."""

    path = "/v1/models"
    _ERRORS: Mapping[Mood, tuple[int, str, str]] = {
        Mood.UNAUTHORIZED: (401, "authentication_error", "invalid x-api-key"),
        Mood.FORBIDDEN: (403, "permission_error", "The key may not use this resource."),
        Mood.RATE_LIMITED: (429, "rate_limit_error", "Requests exceed the organization's limit."),
        Mood.SERVER_ERROR: (500, "api_error", "Internal server error"),
        Mood.UNAVAILABLE: (503, "api_error", "Service unavailable"),
        Mood.OVERLOADED: (529, "overloaded_error", "Overloaded"),
    }

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Let in who has a known `x-api-key` and says which version it speaks."""
        found = known(asked.headers.get("x-api-key", ""), secrets)
        if found is None:
            return self.refusal(Mood.UNAUTHORIZED, 0)
        if "anthropic-version" not in asked.headers:
            return self._error(400, "invalid_request_error", "anthropic-version: required header")
        return found

    def models(self) -> Said:
        """List them, newest first, with the cursor of the page."""
        listed = [
            {"type": "model", "id": name, "display_name": title, "created_at": created}
            for name, title, created in (
                ("claude-opus-4-5", "Claude Opus 4.5", "2025-11-24T00:00:00Z"),
                ("claude-sonnet-4-5", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z"),
                ("claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-15T00:00:00Z"),
            )
        ]
        page = {"first_id": listed[0]["id"], "last_id": listed[-1]["id"], "has_more": False}
        return Said(status=200, body={"data": listed, **page})

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in an `error` object inside a `type: error` one."""
        status, kind, message = self._ERRORS[mood]
        return self._error(status, kind, message, retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(status: int, kind: str, message: str, more: Mapping[str, str] | None = None) -> Said:
        error = {"type": kind, "message": message}
        body = {"type": "error", "error": error, "request_id": "req_011CSimulated"}
        return Said(status=status, body=body, headers=more or {})
