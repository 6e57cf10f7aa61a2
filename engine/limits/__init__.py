"""Usage against limits: gauges, forecasts, warning levels, and the word before a call."""

from __future__ import annotations

from engine.limits.facade import LimitsFacade, get_limits_facade
from engine.limits.results import (
    Decision,
    Forecast,
    GaugeResult,
    LimitsHeadline,
    LimitTransition,
    MeterStory,
    Preview,
)

__all__ = [
    "Decision",
    "Forecast",
    "GaugeResult",
    "LimitTransition",
    "LimitsFacade",
    "LimitsHeadline",
    "MeterStory",
    "Preview",
    "get_limits_facade",
]
