"""How an agent words a prompt for each provider, and reads from the answer what it used.

It is the other side of `engine.demo.dialects`, after the same API references.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from engine.http.messages import HttpRequest
from engine.http.sigv4 import Scope, parse_keys, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from engine.demo.agents.plan import Caller

_DEADLINE_S = 8.0
_ANTHROPIC_VERSION = "2023-06-01"
_AZURE_VERSION = "2024-10-21"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """One prompt of a caller: its instructions, what follows them, when it is asked."""

    caller: Caller
    instructions: str
    question: str
    at: datetime

    @property
    def messages(self) -> list[dict[str, str]]:
        """The prompt as a chat."""
        return [
            {"role": "system", "content": self.instructions},
            {"role": "user", "content": self.question},
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """What an answer says of itself; cached tokens are among those in."""

    call_id: str
    model: str
    tokens_in: int
    tokens_out: int = 0
    tokens_cached: int = 0


def word(asking: Asking) -> HttpRequest:
    """Return the request that asks a caller's provider."""
    return _WORDED[asking.caller.provider](asking)


def read(provider: str, model: str, headers: Mapping[str, str], body: bytes) -> Used:
    """Return what an answer says that it used.

    Raises:
        ValueError: It is no answer of that provider; likewise KeyError and TypeError.
    """
    return _READ[provider](json.loads(body), model, headers)


def is_embedding(model: str) -> bool:
    """Tell whether a model makes vectors, and no text."""
    return "embed" in model


def _openai(asking: Asking) -> HttpRequest:
    caller = asking.caller
    headers = {"Authorization": f"Bearer {caller.secret}"} if caller.secret else {}
    if is_embedding(caller.model):
        body: dict[str, Any] = {"model": caller.model, "input": asking.question}
        return _post(f"{caller.base_url}/embeddings", headers, body)
    return _post(f"{caller.base_url}/chat/completions", headers, _chat(asking))


def _azure(asking: Asking) -> HttpRequest:
    caller = asking.caller
    path = f"/openai/deployments/{caller.config['deployment']}/chat/completions"
    url = f"{caller.base_url}{path}?api-version={_AZURE_VERSION}"
    return _post(url, {"api-key": caller.secret}, _chat(asking))


def _chat(asking: Asking) -> dict[str, Any]:
    caller = asking.caller
    most = caller.agent.answer
    return {"model": caller.model, "messages": asking.messages, "max_tokens": most}


def _anthropic(asking: Asking) -> HttpRequest:
    caller = asking.caller
    headers = {"x-api-key": caller.secret, "anthropic-version": _ANTHROPIC_VERSION}
    body = {
        "model": caller.model,
        "system": asking.instructions,
        "messages": asking.messages[1:],
        "max_tokens": caller.agent.answer,
    }
    return _post(f"{caller.base_url}/v1/messages", headers, body)


def _google(asking: Asking) -> HttpRequest:
    caller = asking.caller
    url = f"{caller.base_url}/v1beta/models/{caller.model}:generateContent"
    parts = [{"text": asking.instructions}, {"text": asking.question}]
    body = {
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": {"maxOutputTokens": caller.agent.answer},
    }
    return _post(url, {"x-goog-api-key": caller.secret}, body)


def _bedrock(asking: Asking) -> HttpRequest:
    caller = asking.caller
    url = f"{caller.base_url}/model/{quote(caller.model, safe=':')}/converse"
    text = f"{asking.instructions}{asking.question}"
    body = {
        "messages": [{"role": "user", "content": [{"text": text}]}],
        "inferenceConfig": {"maxTokens": caller.agent.answer},
    }
    request = _post(url, {}, body)
    keys = parse_keys(caller.secret)
    if keys is None:
        return request
    scope = Scope(region=caller.config["region"], service="bedrock", now=asking.at)
    signed = sign("POST", url, keys, scope, body=request.body)
    return _post(url, signed, body)


def _post(url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> HttpRequest:
    return HttpRequest(
        method="POST",
        url=url,
        headers={"Content-Type": "application/json", **headers},
        body=json.dumps(body).encode(),
        deadline_s=_DEADLINE_S,
    )


def _read_openai(body: Mapping[str, Any], model: str, headers: Mapping[str, str]) -> Used:
    del model
    usage = body["usage"]
    return Used(
        # Vectors come without an id of their own; only the header has one.
        call_id=str(body.get("id") or headers["x-request-id"]),
        model=str(body["model"]),
        tokens_in=usage["prompt_tokens"],
        tokens_out=usage.get("completion_tokens", 0),
        tokens_cached=usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
    )


def _read_anthropic(body: Mapping[str, Any], model: str, headers: Mapping[str, str]) -> Used:
    del model, headers
    usage = body["usage"]
    cached = usage["cache_read_input_tokens"]
    return Used(
        call_id=str(body["id"]),
        model=str(body["model"]),
        tokens_in=usage["input_tokens"] + usage["cache_creation_input_tokens"] + cached,
        tokens_out=usage["output_tokens"],
        tokens_cached=cached,
    )


def _read_google(body: Mapping[str, Any], model: str, headers: Mapping[str, str]) -> Used:
    del model, headers
    usage = body["usageMetadata"]
    return Used(
        call_id=str(body["responseId"]),
        model=str(body["modelVersion"]),
        tokens_in=usage["promptTokenCount"],
        tokens_out=usage["candidatesTokenCount"],
        tokens_cached=usage.get("cachedContentTokenCount", 0),
    )


def _read_bedrock(body: Mapping[str, Any], model: str, headers: Mapping[str, str]) -> Used:
    usage = body["usage"]
    cached = usage.get("cacheReadInputTokens", 0)
    return Used(
        call_id=headers["x-amzn-requestid"],
        model=model,
        tokens_in=usage["inputTokens"] + cached,
        tokens_out=usage["outputTokens"],
        tokens_cached=cached,
    )


_WORDED: Mapping[str, Callable[[Asking], HttpRequest]] = {
    "openai": _openai,
    "custom": _openai,
    "azure_openai": _azure,
    "anthropic": _anthropic,
    "google": _google,
    "bedrock": _bedrock,
}
_READ: Mapping[str, Callable[[Mapping[str, Any], str, Mapping[str, str]], Used]] = {
    "openai": _read_openai,
    "custom": _read_openai,
    "azure_openai": _read_openai,
    "anthropic": _read_anthropic,
    "google": _read_google,
    "bedrock": _read_bedrock,
}
