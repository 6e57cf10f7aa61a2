from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.health.model import Uptime
from tests.tui.gauge_samples import gauge
from tui.health.story import uptime_lines
from tui.integrations.story import credential_words, limit_lines
from tui.theme import UNICODE
from tui.widgets.cells import cell_text

if TYPE_CHECKING:
    from engine.limits.results import GaugeResult

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)


def told(*gauges: GaugeResult, width: int = 44) -> str:
    return "\n".join(cell_text(line) for line in limit_lines(gauges, width, NOW, UNICODE))


def test_a_gauge_says_how_much_what_is_unknown_and_until_when() -> None:
    said = told(gauge(unpriced=12))
    assert "until Apr 1 00:00 UTC" in said
    assert " 82% of $500" in said
    assert "$412.20 used + 12 calls unpriced" in said
    assert "runs out Mar 18 (17 to 20)" in said


def test_what_is_not_measured_is_not_zero() -> None:
    said = told(gauge(state="unmeasured", used=None, percent=None, forecast=None))
    assert "$500  not measured" in said
    assert "0%" not in said


def test_a_limit_can_be_passed() -> None:
    passed = gauge(state="over", used=590 * 10**9, percent=118.0)
    assert "118% of $500" in told(passed)
    assert "over until Apr 1" in told(passed)


def test_what_is_unlimited_still_says_what_was_used() -> None:
    free = gauge(measure="tokens", state="unlimited", limit=0, used=1200, percent=None)
    assert "unlimited, 1,200 used" in told(free)
    assert "%" not in told(free)


def test_a_rate_begins_anew_each_minute() -> None:
    rate = gauge(measure="rate", limit=60, used=3, percent=5.0, state="ok", forecast=None)
    said = told(rate)
    assert "  5% of 60/min" in said
    assert "until" not in said


def test_uptimes_take_a_second_line_where_there_is_no_room() -> None:
    uptime = Uptime(day=0.996, week=0.999, month=0.999)
    assert len(uptime_lines(uptime, 36)) == 2
    assert len(uptime_lines(uptime, 60)) == 1


def test_a_credential_is_only_ever_told_by_where_it_is() -> None:
    assert credential_words("encrypted://1234") == "encrypted here"
    assert credential_words(None) == "none"
