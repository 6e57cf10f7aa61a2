"""Anthropic: dated versions, errors named by type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.demo.behaviour import Mood
from engine.demo.dialects.answering import Completion, Prompt, messages_text
from engine.demo.dialects.base import NOT_FOUND, Asked, ListsModels, Said, known, retry_headers
from engine.demo.dialects.counting import anthropic_page, is_admin

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


_MODELS = (
    ("claude-opus-4-5", "Claude Opus 4.5", "2025-11-24T00:00:00Z"),
    ("claude-sonnet-4-5", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z"),
    ("claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-15T00:00:00Z"),
)
_REPORTS = ("/v1/organizations/usage_report/messages", "/v1/organizations/cost_report")


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
            for name, title, created in _MODELS
        ]
        page = {"first_id": listed[0]["id"], "last_id": listed[-1]["id"], "has_more": False}
        return Said(status=200, body={"data": listed, **page})

    def complete(self, asked: Asked, body: Mapping[str, Any]) -> Said:
        """Answer messages; unlike elsewhere, the longest answer must be told."""
        if asked.path != "/v1/messages":
            return NOT_FOUND
        model = str(body["model"])
        if model not in {name for name, _, _ in _MODELS}:
            return self._error(404, "not_found_error", f"model: {model}")
        text = f"{body.get('system', '')}{messages_text(body['messages'])}"
        prompt = Prompt(text=text, max_tokens=int(body["max_tokens"]))
        made = self.completions.complete(prompt)
        self.ledger.note(asked.at, model, made)
        return _message(model, made)

    def report(self, asked: Asked) -> Said:
        """Tell an admin what was counted, or what it costs."""
        if asked.path not in _REPORTS:
            return NOT_FOUND
        if not is_admin(asked.headers.get("x-api-key", "")):
            return self._error(403, "permission_error", "This takes an Admin API key.")
        return Said(body=anthropic_page(self.ledger, asked))

    def malformed(self) -> Said:
        """Say that the body is not what it should be."""
        told = "The request body is not valid: max_tokens and messages are required."
        return self._error(400, "invalid_request_error", told)

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in an `error` object inside a `type: error` one."""
        status, kind, message = self._ERRORS[mood]
        return self._error(status, kind, message, retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(status: int, kind: str, message: str, more: Mapping[str, str] | None = None) -> Said:
        error = {"type": kind, "message": message}
        body = {"type": "error", "error": error, "request_id": "req_011CSimulated"}
        return Said(status=status, body=body, headers=more or {})


def _message(model: str, made: Completion) -> Said:
    """Return an answer; what was read from the cache is not among `input_tokens` here."""
    usage = {
        "input_tokens": made.tokens_in - made.tokens_cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": made.tokens_cached,
        "output_tokens": made.tokens_out,
        "service_tier": "standard",
    }
    body = {
        "id": f"msg_{made.id}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": made.text}],
        "stop_reason": "max_tokens" if made.cut else "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }
    return Said(body=body)
