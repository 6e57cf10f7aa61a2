"""LiteLLM's spend logs: what `/spend/logs` answers, an export of its table, and the table's rows.

The columns are those of `LiteLLM_SpendLogs`. Its times are UTC, its spend is dollars. It writes a
spend of 0 where it knows no price, so 0 for a call that succeeded is taken as not said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.mapping import (
    Moments,
    between,
    first,
    milliseconds,
    nanos,
    provider_word,
    whole,
    word,
)
from engine.usage.readers.base import Format, Found, cause, known_cost, mapping_in, required
from engine.usage.records import UsageRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

COLUMNS = (
    *("request_id", "call_type", "spend", "prompt_tokens", "completion_tokens"),
    *("startTime", "endTime", "model", "custom_llm_provider", "cache_hit", "metadata"),
    *("session_id", "status", "agent_id", "request_duration_ms", "team_id"),
)
"""The columns that are read."""

_CACHED = (
    "usage_object.prompt_tokens_details.cached_tokens",
    "usage_object.cache_read_input_tokens",
    "additional_usage_values.cache_read_input_tokens",
    "additional_usage_values.prompt_tokens_details.cached_tokens",
)


def _convert(entry: Mapping[str, object]) -> tuple[Found, ...]:
    moments = Moments()
    start = moments.read(entry.get("startTime"), name="startTime")
    end = moments.read(entry.get("endTime"), name="endTime")
    at = start or end
    if at is None:
        raise ValueError("it says no startTime")
    more = mapping_in(entry.get("metadata"))
    provider = word(entry.get("custom_llm_provider"), name="custom_llm_provider")
    tokens_in = whole(entry.get("prompt_tokens"), name="prompt_tokens")
    tokens_out = whole(entry.get("completion_tokens"), name="completion_tokens")
    error = _error(entry, more)
    return (
        UsageRecord(
            call_id=required(word(entry.get("request_id"), name="request_id"), "request_id"),
            at=at,
            provider=provider_word(provider) or None,
            model=_model(word(entry.get("model"), name="model"), provider),
            agent=word(_agent(entry, more), name="agent"),
            session=word(entry.get("session_id"), name="session_id") or None,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            tokens_cached=min(whole(first(more, *_CACHED), name="cached tokens"), tokens_in),
            cost_nanos=_cost(entry, tokens_in + tokens_out, failed=error is not None),
            latency_ms=_latency(entry, start, end),
            error=error,
        ),
    )


def _model(model: str, provider: str) -> str:
    """Take the provider off, which LiteLLM writes before the model's own name."""
    return model.removeprefix(f"{provider}/") if provider else model


def _agent(entry: Mapping[str, object], more: Mapping[str, object]) -> object:
    """Return which application called: its agent's id, else its key's name, else its team."""
    own = first(entry, "agent_id")
    named = first(more, "user_api_key_alias", "user_api_key_team_alias")
    return own or named or first(entry, "team_id")


def _cost(entry: Mapping[str, object], tokens: int, *, failed: bool) -> int | None:
    spend = nanos(entry.get("spend"), name="spend")
    from_cache = str(entry.get("cache_hit")).casefold() == "true"
    return spend if from_cache else known_cost(spend, tokens=tokens, failed=failed)


def _latency(
    entry: Mapping[str, object], start: datetime | None, end: datetime | None
) -> int | None:
    told = milliseconds(entry.get("request_duration_ms"), name="request_duration_ms")
    return between(start, end) if told is None else told


def _error(entry: Mapping[str, object], more: Mapping[str, object]) -> str | None:
    status = first(entry, "status") or first(more, "status")
    if status is None or str(status).casefold() == "success":
        return None
    code = first(more, "error_information.error_code", "error_information.error_class")
    return cause(code) or cause(status)


LITELLM = Format(
    name="litellm",
    title="LiteLLM spend logs",
    keys=(
        frozenset({"request_id", "startTime", "spend"}),
        frozenset({"request_id", "call_type", "custom_llm_provider"}),
    ),
    convert=_convert,
)
