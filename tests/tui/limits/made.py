"""Gauges and stories of a held day, made as the facade makes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.limits.results import (
    DEFAULT_LEVELS,
    Forecast,
    GaugeResult,
    LimitTransition,
    MeterStory,
)
from engine.usage.results import UsageTotal
from tui.limits.entries import Entry, gauge_entry
from tui.limits.told import Told
from tui.theme import UNICODE, Glyphs

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
DOLLAR = 1_000_000_000

RUNS_OUT = Forecast(
    days=13,
    pace=23.1 * DOLLAR,
    runs_out_at=datetime(2026, 3, 27, 9, tzinfo=UTC),
    earliest=datetime(2026, 3, 26, 4, tzinfo=UTC),
    latest=datetime(2026, 3, 29, 4, tzinfo=UTC),
    projected=607 * DOLLAR,
    projected_low=560 * DOLLAR,
    projected_high=655 * DOLLAR,
)
LASTS = Forecast(
    days=28,
    weekdays=True,
    pace=4.0 * DOLLAR,
    projected=310 * DOLLAR,
    projected_low=290 * DOLLAR,
    projected_high=330 * DOLLAR,
)
TOO_EARLY = Forecast(days=1, reason="A forecast takes 3 complete days of usage; there is 1 yet.")


def gauge(**changes: object) -> GaugeResult:
    """A budget of $500 that is warned at 82 %."""
    made = GaugeResult(
        id="7",
        tenant_id="acme-prod",
        scope="integration",
        subject="i1",
        name="gpt-prod",
        provider="openai",
        measure="budget",
        state="warned",
        limit=500 * DOLLAR,
        used=410_220_000_000,
        held=0,
        percent=82.044,
        levels=DEFAULT_LEVELS,
        reached=80.0,
        unpriced=0,
        forecast=RUNS_OUT,
        period_start=START,
        resets_at=END,
        urgency=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def rate(**changes: object) -> GaugeResult:
    """A rate of 60 requests a minute."""
    known: dict[str, object] = {
        "id": "9",
        "measure": "rate",
        "state": "ok",
        "limit": 60,
        "used": 3,
        "percent": 5.0,
        "reached": None,
        "forecast": None,
        "resets_at": datetime(2026, 3, 14, 14, 3, tzinfo=UTC),
    }
    return gauge(**(known | changes))


def unlimited(measure: str = "tokens", **changes: object) -> GaugeResult:
    """A gauge without a limit."""
    known: dict[str, object] = {
        "measure": measure,
        "state": "unlimited",
        "limit": 0,
        "used": 48_200_000,
        "percent": None,
        "reached": None,
        "forecast": None,
    }
    return gauge(**(known | changes))


def total(key: str, cost: float = 1.0, **changes: object) -> UsageTotal:
    """What something used, from its cost in dollars."""
    made = UsageTotal(
        key=key,
        calls=max(1, round(cost * 12)),
        tokens_in=round(cost * 90_000),
        tokens_out=round(cost * 21_000),
        cost_nanos=round(cost * DOLLAR),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def days(first: datetime, count: int, dollars: float) -> tuple[UsageTotal, ...]:
    """Days in a row that swing around an amount, weekends lower."""
    found = []
    for number in range(count):
        day = first + timedelta(days=number)
        share = (0.45 if day.weekday() >= 5 else 1.1) + (number * 37 % 11) / 40
        found.append(total(f"{day:%Y-%m-%d}", dollars * share))
    return tuple(found)


def story(**changes: object) -> MeterStory:
    """The story of gpt-prod."""
    made = MeterStory(
        tenant_id="acme-prod",
        scope="integration",
        subject="i1",
        name="gpt-prod",
        gauges=(gauge(), unlimited(), rate()),
        days=days(START, 14, 27.3),
        previous_days=days(datetime(2026, 2, 1, tzinfo=UTC), 28, 21.0),
        models=(total("gpt-5", 301.2), total("gpt-5-mini", 88.0), total("o4", 21.0, unpriced=2)),
        agents=(total("support-bot", 280), total("nightly-eval", 130.2)),
        integrations=(),
        minutes=tuple(number * 37 % 41 for number in range(60)),
        transitions=(reached(80.0, 12), reached(50.0, 7)),
        period_start=START,
        period_end=END,
        version=3,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def reached(level: float, day: int) -> LimitTransition:
    """A level of the budget that was reached on a day of March."""
    return LimitTransition(
        id=day,
        tenant_id="acme-prod",
        scope="integration",
        subject="i1",
        name="gpt-prod",
        measure="budget",
        level=level,
        period_start=START,
        at=datetime(2026, 3, day, 9, 31, tzinfo=UTC),
        used=round(level * 5 * DOLLAR) + 12_000_000,
        limit=500 * DOLLAR,
    )


def told(
    entry: Entry | None = None, found: MeterStory | None = None, glyphs: Glyphs = UNICODE
) -> Told:
    """What the pane knows, with its story unless there is none."""
    return Told(entry=entry or gauge_entry(gauge()), now=NOW, glyphs=glyphs, story=found)
