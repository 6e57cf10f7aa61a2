"""What simulated providers have counted of the calls that they answered, by day and model.

The pages are worded as the providers' own usage and cost interfaces word them; costs are list
prices. A key for calls is not let in, as at the providers.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.usage.records import NANOS_PER_CENT, NANOS_PER_DOLLAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.demo.dialects.answering import Completion
    from engine.demo.dialects.base import Asked

DAY_S = 86_400
_MOST_DAYS = 31


@dataclass(slots=True)
class Counted:
    """Of one model in one day."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0


class Ledger:
    """What one provider has answered since it was started."""

    def __init__(self) -> None:
        self._days: dict[int, dict[str, Counted]] = defaultdict(lambda: defaultdict(Counted))

    def note(self, at: int, model: str, made: Completion) -> None:
        """Count one answer; `at` is in seconds since 1970."""
        counted = self._days[at // DAY_S][model]
        counted.calls += 1
        counted.tokens_in += made.tokens_in
        counted.tokens_out += made.tokens_out
        counted.tokens_cached += made.tokens_cached

    def of(self, day: int) -> list[tuple[str, Counted]]:
        """Return what was counted in a day, by model."""
        return sorted(self._days[day].items()) if day in self._days else []


def is_admin(key: str) -> bool:
    """Tell whether a key is one for reading counts, by the form that providers give it."""
    return "-admin" in key


def openai_page(ledger: Ledger, asked: Asked) -> dict[str, Any]:
    """Return usage or costs of the days that are asked for.

    Raises:
        KeyError, ValueError: The days are missing, or no numbers.
    """
    first, end = (int(asked.query[name]) // DAY_S for name in ("start_time", "end_time"))
    costs = asked.path.endswith("/costs")
    buckets = [
        {
            "object": "bucket",
            "start_time": day * DAY_S,
            "end_time": (day + 1) * DAY_S,
            "results": _results(ledger, day, _openai_cost if costs else _openai_usage),
        }
        for day in _days(first, end)
    ]
    return {"object": "page", "data": buckets, "has_more": False, "next_page": None}


def anthropic_page(ledger: Ledger, asked: Asked) -> dict[str, Any]:
    """Return usage or costs of the days that are asked for.

    Raises:
        KeyError, ValueError: The days are missing, or no times.
    """
    first, end = (
        int(datetime.fromisoformat(asked.query[name]).timestamp()) // DAY_S
        for name in ("starting_at", "ending_at")
    )
    costs = asked.path.endswith("/cost_report")
    buckets = [
        {
            "starting_at": _text(day),
            "ending_at": _text(day + 1),
            "results": _results(ledger, day, _anthropic_cost if costs else _anthropic_usage),
        }
        for day in _days(first, end)
    ]
    return {"data": buckets, "has_more": False, "next_page": None}


def _days(first: int, end: int) -> Iterable[int]:
    return range(first, min(end, first + _MOST_DAYS))


def _results(
    ledger: Ledger, day: int, word: Callable[[int, str, Counted], dict[str, Any]]
) -> list[dict[str, Any]]:
    return [word(day, model, counted) for model, counted in ledger.of(day)]


def _openai_usage(_day: int, model: str, counted: Counted) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": counted.tokens_in,
        "output_tokens": counted.tokens_out,
        "input_cached_tokens": counted.tokens_cached,
        "num_model_requests": counted.calls,
        "project_id": None,
        "model": model,
    }


def _openai_cost(day: int, model: str, counted: Counted) -> dict[str, Any]:
    value = _nanos("openai", day, model, counted) / NANOS_PER_DOLLAR
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        "line_item": f"{model}, input",
        "project_id": None,
    }


def _anthropic_usage(_day: int, model: str, counted: Counted) -> dict[str, Any]:
    return {
        "uncached_input_tokens": counted.tokens_in - counted.tokens_cached,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "cache_read_input_tokens": counted.tokens_cached,
        "output_tokens": counted.tokens_out,
        "server_tool_use": {"web_search_requests": 0},
        "model": model,
        "workspace_id": None,
    }


def _anthropic_cost(day: int, model: str, counted: Counted) -> dict[str, Any]:
    nanos = _nanos("anthropic", day, model, counted)
    return {
        "amount": f"{nanos // NANOS_PER_CENT}.{nanos % NANOS_PER_CENT:07d}",
        "currency": "USD",
        "cost_type": "tokens",
        "model": model,
        "workspace_id": None,
    }


def _nanos(provider: str, day: int, model: str, counted: Counted) -> int:
    # Loaded when somebody asks what it costs: the tables are large.
    from engine.usage.pricing import price

    at = datetime.fromtimestamp(day * DAY_S, UTC)
    tokens = (counted.tokens_in, counted.tokens_out, counted.tokens_cached)
    return price(provider, model, at, *tokens, counted.calls) or 0


def _text(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()}T00:00:00Z"
