from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.tui.gauge_samples import LASTS, NOW, TOO_LITTLE, forecast, gauge
from tui import gauges

if TYPE_CHECKING:
    from engine.limits.results import GaugeResult

SURE = forecast(
    earliest=datetime(2026, 3, 18, 1, tzinfo=UTC), latest=datetime(2026, 3, 18, 9, tzinfo=UTC)
)
MINUTE_END = datetime(2026, 3, 14, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (gauge(), "Mar 18 (17 to 20)"),
        (gauge(forecast=forecast(latest=None)), "Mar 18 (17 or later)"),
        (gauge(forecast=SURE), "Mar 18"),
        (gauge(forecast=LASTS), "lasts, 62% at the end"),
        (gauge(forecast=TOO_LITTLE), "no forecast yet"),
        (gauge(state="over", percent=118.0), "over until Apr 1"),
        (
            gauge(state="over", measure="rate", forecast=None, resets_at=MINUTE_END),
            "over until 14:03",
        ),
        (gauge(state="unmeasured", used=None, percent=None, forecast=None), "-"),
        (gauge(measure="rate", forecast=None), "-"),
    ],
)
def test_when_a_gauge_runs_out(shown: GaugeResult, said: str) -> None:
    assert gauges.runs_out_words(shown, NOW) == said


def test_what_was_never_measured_is_not_zero() -> None:
    assert gauges.used_words(gauge(used=None)) == "not measured"
    assert gauges.used_words(gauge(used=0)) == "$0.00"


def test_calls_without_a_price_are_said_of_budgets_alone() -> None:
    assert gauges.unpriced_words(gauge(unpriced=12)) == "+ 12 calls unpriced"
    assert gauges.unpriced_words(gauge(unpriced=0)) == ""
    assert gauges.unpriced_words(gauge(measure="tokens", unpriced=12)) == ""


def test_a_budget_that_knows_no_price_promises_nothing() -> None:
    blind = gauge(used=None, percent=None, state="unmeasured", unpriced=12, forecast=None)
    assert gauges.runs_out_words(blind, NOW) == "not known: unpriced"
    assert (gauges.used_words(blind), gauges.state_word(blind)) == ("unpriced", "unpriced")
    assert gauges.unpriced_words(blind) == "12 calls unpriced"
    some = gauge(unpriced=12, state="ok", forecast=LASTS)
    assert gauges.runs_out_words(some, NOW) == "lasts, 62%+ at the end"


def test_limits_with_their_period() -> None:
    assert gauges.limit_words("budget", 500 * 10**9) == "$500.00 a month"
    assert gauges.limit_words("tokens", 2_000_000) == "2,000,000 tokens a month"
    assert gauges.limit_words("rate", 60) == "60 requests a minute"
    assert gauges.limit_words("rate", 0) == "unlimited"


def test_paces() -> None:
    assert gauges.pace_words(gauge()) == "$23.10/day"
    assert (
        gauges.pace_words(gauge(measure="tokens", forecast=forecast(pace=1234567.8)))
        == "1,234,568/day"
    )
    assert gauges.pace_words(gauge(forecast=None)) == "-"


def test_exported_gauges_all_have_the_same_columns() -> None:
    whole = gauges.exported(gauge())
    assert whole["used"] == 412_200_000_000
    assert whole["unit"] == "billionths of a dollar"
    assert whole["forecast"]["runs_out_at"] == "2026-03-18T06:00:00Z"
    flat = gauges.exported(gauge(), flat=True)
    assert flat["forecast_runs_out_at"] == "2026-03-18T06:00:00Z"
    without = gauges.exported(gauge(forecast=None), flat=True)
    assert list(without) == list(flat)
    assert without["forecast_days"] is None
