"""Helicone's requests: what `npx @helicone/export` and its API write, as JSON, JSON lines or CSV.

Names as in https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse and in the columns
of the export tool. Times are UTC, costs dollars, delays milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.mapping import (
    Moments,
    between,
    first,
    milliseconds,
    nanos,
    number,
    provider_word,
    whole,
    word,
)
from engine.usage.readers.base import Format, Found, known_cost, mapping_in, required
from engine.usage.records import UsageRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

_COST = ("costUSD", "cost_usd", "cost", "heliconeMetadata.cost")
_MODEL = ("response_model", "model", "model_override", "request_model")
_SESSION = ("Helicone-Session-Id", "helicone-session-id")
_AGENT = ("Helicone-Session-Name", "app", "appname", "agent", "environment")
_FAILED = 400


def _convert(entry: Mapping[str, object]) -> tuple[Found, ...]:
    moments = Moments()
    start = moments.read(entry.get("request_created_at"), name="request_created_at")
    end = moments.read(entry.get("response_created_at"), name="response_created_at")
    at = start or end
    if at is None:
        raise ValueError("it says no request_created_at")
    properties = mapping_in(first(entry, "request_properties", "properties"))
    error = _error(entry)
    tokens_in = whole(entry.get("prompt_tokens"), name="prompt_tokens")
    tokens_out = whole(entry.get("completion_tokens"), name="completion_tokens")
    cached = whole(entry.get("prompt_cache_read_tokens"), name="cached tokens")
    # Not every version counts cached tokens among those of the prompt.
    tokens_in += cached if cached > tokens_in else 0
    latency = milliseconds(first(entry, "delay_ms", "latency"), name="delay_ms")
    return (
        UsageRecord(
            call_id=required(
                word(first(entry, "request_id", "response_id"), name="request_id"), "request_id"
            ),
            at=at,
            provider=provider_word(entry.get("provider")) or None,
            model=word(first(entry, *_MODEL), name="model"),
            agent=word(first(properties, *_AGENT), name="agent"),
            session=word(first(properties, *_SESSION), name="session") or None,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            tokens_cached=cached,
            cost_nanos=known_cost(
                nanos(first(entry, *_COST), name="cost"),
                tokens=tokens_in + tokens_out,
                failed=error is not None,
            ),
            latency_ms=between(start, end) if latency is None else latency,
            error=error,
        ),
    )


def _error(entry: Mapping[str, object]) -> str | None:
    """Return the status of the answer when it was a failure; below 0 Helicone has none."""
    status = number(entry.get("response_status"), name="response_status")
    if status is None or 0 <= status < _FAILED:
        return None
    return f"http_{int(status)}" if status > 0 else "no_answer"


HELICONE = Format(
    name="helicone",
    title="Helicone requests",
    keys=(
        frozenset({"request_created_at", "request_id"}),
        frozenset({"request_created_at", "response_id"}),
    ),
    convert=_convert,
)
