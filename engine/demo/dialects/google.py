"""Google Gemini: errors with a status word and details."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.demo.behaviour import Mood
from engine.demo.dialects.answering import Completion, Prompt, parts_text
from engine.demo.dialects.base import NOT_FOUND, Asked, ListsModels, Said, known, retry_headers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_MODELS = ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001")
_GENERATE = re.compile(r"/v1beta/models/([^/:]+):generateContent")


class Google(ListsModels):
    """Google Gemini: a wrong key is a 400 whose details say so."""

    path = "/v1beta/models"
    _ERRORS: Mapping[Mood, tuple[int, str, str]] = {
        Mood.UNAUTHORIZED: (400, "INVALID_ARGUMENT", "API key not valid."),
        Mood.FORBIDDEN: (403, "PERMISSION_DENIED", "The Generative Language API is not enabled."),
        Mood.RATE_LIMITED: (429, "RESOURCE_EXHAUSTED", "The quota for this minute is used up."),
        Mood.SERVER_ERROR: (500, "INTERNAL", "An internal error has occurred."),
        Mood.UNAVAILABLE: (503, "UNAVAILABLE", "The service is currently unavailable."),
        Mood.OVERLOADED: (503, "UNAVAILABLE", "The model is overloaded; try again later."),
    }

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Let in who has a known `x-goog-api-key`."""
        given = asked.headers.get("x-goog-api-key", "")
        if not given:
            return self._error(403, "PERMISSION_DENIED", "Unregistered callers are not allowed.")
        found = known(given, secrets)
        return self.refusal(Mood.UNAUTHORIZED, 0) if found is None else found

    def models(self) -> Said:
        """List them by resource name."""
        methods = ["generateContent", "countTokens"]
        listed = [
            {"name": f"models/{name}", "supportedGenerationMethods": methods} for name in _MODELS
        ]
        return Said(status=200, body={"models": listed})

    def complete(self, asked: Asked, body: Mapping[str, Any]) -> Said:
        """Answer contents."""
        named = _GENERATE.fullmatch(asked.path)
        if named is None:
            return NOT_FOUND
        if named[1] not in _MODELS:
            return self._error(404, "NOT_FOUND", f"models/{named[1]} is not found.")
        text = "\n".join(parts_text(content["parts"]) for content in body["contents"])
        most = int(body["generationConfig"]["maxOutputTokens"])
        return _generated(named[1], self.completions.complete(Prompt(text=text, max_tokens=most)))

    def malformed(self) -> Said:
        """Say that the body is not what it should be."""
        return self._error(400, "INVALID_ARGUMENT", "The request body is not valid.")

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in an `error` object with a status word and details."""
        status, word, message = self._ERRORS[mood]
        reason = "API_KEY_INVALID" if mood is Mood.UNAUTHORIZED else ""
        return self._error(status, word, message, reason, retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(
        status: int,
        word: str,
        message: str,
        reason: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        error: dict[str, object] = {"code": status, "message": message, "status": word}
        if reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com"}]
        return Said(status=status, body={"error": error}, headers=headers or {})


def _generated(model: str, made: Completion) -> Said:
    candidate = {
        "content": {"parts": [{"text": made.text}], "role": "model"},
        "finishReason": "MAX_TOKENS" if made.cut else "STOP",
        "index": 0,
    }
    usage = {
        "promptTokenCount": made.tokens_in,
        "candidatesTokenCount": made.tokens_out,
        "totalTokenCount": made.tokens_in + made.tokens_out,
        "cachedContentTokenCount": made.tokens_cached,
    }
    head = {"modelVersion": model, "responseId": made.id}
    return Said(body={**head, "candidates": [candidate], "usageMetadata": usage})
