"""Azure OpenAI: a resource's own address, errors whose code is the status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.demo.behaviour import Mood
from engine.demo.dialects.base import (
    NOT_FOUND,
    STATUS,
    Asked,
    ListsModels,
    Said,
    known,
    retry_headers,
)
from engine.demo.dialects.openai import chat_completion, chat_prompt

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_MODELS = ("gpt-4o-2024-11-20", "gpt-4.1-2025-04-14", "text-embedding-3-large")
_CHAT = re.compile(r"/openai/deployments/[^/]+/chat/completions")


class AzureOpenAi(ListsModels):
    """Azure OpenAI: a resource of its own, a version in the query, codes that repeat the status."""

    path = "/openai/models"
    _MESSAGES: Mapping[Mood, str] = {
        Mood.UNAUTHORIZED: "Access denied due to invalid subscription key or wrong API endpoint.",
        Mood.FORBIDDEN: "Access denied due to Virtual Network/Firewall rules.",
        Mood.RATE_LIMITED: "Requests have exceeded the call rate limit of the pricing tier.",
        Mood.SERVER_ERROR: "The server had an error processing the request.",
        Mood.UNAVAILABLE: "The service is temporarily unable to process the request.",
        Mood.OVERLOADED: "The system is currently experiencing high demand.",
    }

    def secret(self, asked: Asked, secrets: Collection[str]) -> str | Said:
        """Let in who has a known `api-key` and names a version of the API."""
        found = known(asked.headers.get("api-key", ""), secrets)
        if found is None:
            return self.refusal(Mood.UNAUTHORIZED, 0)
        if "api-version" not in asked.query:
            return self._error(404, "Resource not found")
        return found

    def models(self) -> Said:
        """List base models with their capabilities."""
        abilities = {"fine_tune": False, "inference": True, "chat_completion": True}
        listed = [
            {"id": name, "object": "model", "status": "succeeded", "capabilities": abilities}
            for name in _MODELS
        ]
        headers = {"apim-request-id": "7c1e0000-simulated", "x-ms-region": "West Europe"}
        return Said(status=200, body={"object": "list", "data": listed}, headers=headers)

    def complete(self, asked: Asked, body: Mapping[str, Any]) -> Said:
        """Answer a chat of a deployment; it has the model that the body names, or the first."""
        if not _CHAT.fullmatch(asked.path):
            return NOT_FOUND
        model = body.get("model")
        made = self.completions.complete(chat_prompt(body))
        return chat_completion(model if model in _MODELS else _MODELS[0], made, asked.at)

    def malformed(self) -> Said:
        """Say that the body is not what it should be."""
        return self._error(400, "The request body is not valid.")

    def refusal(self, mood: Mood, retry_after_s: int) -> Said:
        """Say no in an `error` object whose code is the status."""
        return self._error(STATUS[mood], self._MESSAGES[mood], retry_headers(mood, retry_after_s))

    @staticmethod
    def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Said:
        body = {"error": {"code": str(status), "message": message}}
        return Said(status=status, body=body, headers=headers or {})
