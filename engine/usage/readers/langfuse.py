"""Langfuse's observations: exports to blob storage, from its tables, and of its public API.

Names as in https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields and
in the API's camel case. Times are UTC, costs dollars, latencies seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.mapping import Moments, between, first, milliseconds, nanos, whole, word
from engine.usage.readers.base import Format, Found, known_cost, mapping_in, required
from engine.usage.records import UsageRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALLS = frozenset({"GENERATION", "EMBEDDING"})
_COST = (
    *("total_cost", "totalCost", "calculated_total_cost", "calculatedTotalCost"),
    *("cost_details.total", "costDetails.total"),
)


def _convert(entry: Mapping[str, object]) -> tuple[Found, ...]:
    # A trace, a span and a tool hold calls and are none; their sums repeat those of the calls.
    if word(entry.get("type"), name="type").upper() not in _CALLS:
        return (None,)
    moments = Moments()
    start = moments.read(first(entry, "start_time", "startTime"), name="start time")
    end = moments.read(first(entry, "end_time", "endTime"), name="end time")
    if start is None:
        raise ValueError("it says no start time")
    tokens_in, tokens_out, cached = _tokens(entry)
    failed = word(entry.get("level"), name="level").upper() == "ERROR"
    latency = milliseconds(entry.get("latency"), name="latency", scale=1_000)
    return (
        UsageRecord(
            call_id=required(word(entry.get("id"), name="id"), "id"),
            at=start,
            model=word(
                first(entry, "provided_model_name", "providedModelName", "model"), name="model"
            ),
            agent=word(first(entry, "trace_name", "traceName", "environment"), name="trace name"),
            session=word(
                first(entry, "session_id", "sessionId", "trace_id", "traceId"), name="session"
            )
            or None,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            tokens_cached=cached,
            cost_nanos=known_cost(_cost(entry), tokens=tokens_in + tokens_out, failed=failed),
            latency_ms=between(start, end) if latency is None else latency,
            error="error" if failed else None,
        ),
    )


def _tokens(entry: Mapping[str, object]) -> tuple[int, int, int]:
    """Add up the kinds of tokens, as Langfuse itself does: by what their names contain.

    Its kinds exclude each other: `input` is what no other kind of input has counted.
    """
    details = mapping_in(first(entry, "usage_details", "usageDetails"))
    if not details:
        return _older(entry)
    counts = {str(name).casefold(): whole(value, name=name) for name, value in details.items()}
    inputs = {name: count for name, count in counts.items() if "input" in name}
    read = sum(
        count
        for name, count in inputs.items()
        if "cache" in name and not ("creation" in name or "write" in name)
    )
    return (
        sum(inputs.values()),
        sum(count for name, count in counts.items() if "output" in name),
        read,
    )


def _older(entry: Mapping[str, object]) -> tuple[int, int, int]:
    """Read the counts of exports before the kinds: `usage`, or two columns."""
    usage = mapping_in(entry.get("usage"))
    told_in = first(usage, "input", "promptTokens") or first(
        entry, "prompt_tokens", "promptTokens", "inputUsage", "inputTokens"
    )
    told_out = first(usage, "output", "completionTokens") or first(
        entry, "completion_tokens", "completionTokens", "outputUsage", "outputTokens"
    )
    return whole(told_in, name="input tokens"), whole(told_out, name="output tokens"), 0


def _cost(entry: Mapping[str, object]) -> int | None:
    details = mapping_in(first(entry, "cost_details", "costDetails"))
    told = first(entry, *_COST)
    return nanos(first(details, "total") if told is None else told, name="total cost")


LANGFUSE = Format(
    name="langfuse",
    title="Langfuse observations",
    keys=(
        frozenset({"type", "traceId", "startTime"}),
        frozenset({"type", "trace_id", "start_time"}),
        frozenset({"usageDetails", "startTime"}),
        frozenset({"usage_details", "start_time"}),
    ),
    convert=_convert,
)
