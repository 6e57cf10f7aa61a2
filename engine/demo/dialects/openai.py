"""OpenAI, and everything that is compatible with it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from engine.demo.behaviour import Mood
from engine.demo.dialects.answering import Completion, Prompt, count, messages_text
from engine.demo.dialects.base import (
    NOT_FOUND,
    STATUS,
    Asked,
    ListsModels,
    Said,
    known,
    masked,
    retry_headers,
)
from engine.demo.dialects.counting import is_admin, openai_page

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_REPORTS = ("/v1/organization/usage/completions", "/v1/organization/costs")


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
        super().__init__()
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

    def complete(self, asked: Asked, body: Mapping[str, Any]) -> Said:
        """Answer a chat, or embed a text."""
        if asked.path not in {"/v1/chat/completions", "/v1/embeddings"}:
            return NOT_FOUND
        model = str(body["model"])
        if model not in self._names:
            told = f"The model `{model}` does not exist or you do not have access to it."
            return self._error(404, "invalid_request_error", "model_not_found", told)
        if asked.path.endswith("embeddings"):
            return embedding(model, str(body["input"]))
        made = self.completions.complete(chat_prompt(body))
        self.ledger.note(asked.at, model, made)
        return chat_completion(model, made, asked.at)

    def report(self, asked: Asked) -> Said:
        """Tell an admin what was counted, or what it costs."""
        if asked.path not in _REPORTS:
            return NOT_FOUND
        if not is_admin(asked.headers.get("authorization", "")):
            told = "You have insufficient permissions for this operation."
            return self._error(403, "invalid_request_error", None, told)
        return Said(body=openai_page(self.ledger, asked))

    def malformed(self) -> Said:
        """Say that the body is not what it should be."""
        told = "We could not parse the JSON body of your request."
        return self._error(400, "invalid_request_error", None, told)

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in an `error` object with type and code."""
        kind, code, message = self._ERRORS[mood]
        return self._error(STATUS[mood], kind, code, message, **retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(status: int, kind: str, code: str | None, message: str, **headers: str) -> Said:
        error = {"message": message, "type": kind, "param": None, "code": code}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Said(status=status, body={"error": error}, headers=named)


def chat_prompt(body: Mapping[str, Any]) -> Prompt:
    """Return what a chat asks; raises ValueError, KeyError or TypeError where it is none."""
    text = messages_text(body["messages"])
    most = body.get("max_tokens")
    return Prompt(text=text) if most is None else Prompt(text=text, max_tokens=int(most))


def chat_completion(model: str, made: Completion, at: int) -> Said:
    """Return an answer as OpenAI words it, and Azure after it."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": made.text, "refusal": None},
        "finish_reason": "length" if made.cut else "stop",
    }
    usage = {
        "prompt_tokens": made.tokens_in,
        "completion_tokens": made.tokens_out,
        "total_tokens": made.tokens_in + made.tokens_out,
        "prompt_tokens_details": {"cached_tokens": made.tokens_cached},
    }
    head = {"id": f"chatcmpl-{made.id}", "object": "chat.completion", "created": at, "model": model}
    return Said(body={**head, "choices": [choice], "usage": usage})


def embedding(model: str, text: str) -> Said:
    """Return a vector; a short one, because nobody here looks into it."""
    tokens = count(text)
    vector = {"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    body = {"object": "list", "data": [vector], "model": model, "usage": usage}
    return Said(body=body, headers={"x-request-id": f"req_{secrets.token_hex(12)}"})
