"""Gauges as the facade gives them, for tests of what is made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from engine.limits.results import DEFAULT_LEVELS, Forecast, GaugeResult

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
MONTH_END = datetime(2026, 4, 1, tzinfo=UTC)


def gauge(**more: Any) -> GaugeResult:
    """A budget of $500, $412.20 of it used, on the 14th of March."""
    said: dict[str, Any] = {
        "id": "1",
        "tenant_id": "acme",
        "scope": "integration",
        "subject": "id-1",
        "name": "gpt-prod",
        "provider": "openai",
        "measure": "budget",
        "state": "warned",
        "limit": 500 * 10**9,
        "used": 412_200_000_000,
        "held": 0,
        "percent": 82.44,
        "levels": DEFAULT_LEVELS,
        "reached": 80.0,
        "unpriced": 0,
        "forecast": forecast(),
        "period_start": datetime(2026, 3, 1, tzinfo=UTC),
        "resets_at": MONTH_END,
        "urgency": 1,
    }
    return GaugeResult(**said | more)


def forecast(**more: Any) -> Forecast:
    """It runs out on the 18th, between the 17th and the 20th."""
    said: dict[str, Any] = {
        "days": 13,
        "pace": 23_100_000_000.0,
        "runs_out_at": datetime(2026, 3, 18, 6, tzinfo=UTC),
        "earliest": datetime(2026, 3, 17, 6, tzinfo=UTC),
        "latest": datetime(2026, 3, 20, 6, tzinfo=UTC),
        "projected": 810 * 10**9,
        "projected_low": 740 * 10**9,
        "projected_high": 900 * 10**9,
    }
    return Forecast(**said | more)


LASTS = forecast(
    runs_out_at=None, earliest=None, latest=None, projected=310 * 10**9, projected_low=290 * 10**9
)
TOO_LITTLE = Forecast(days=1, reason="A forecast takes 3 complete days, and there is 1.")
