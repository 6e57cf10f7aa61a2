from __future__ import annotations

from dataclasses import replace

import pytest

from engine.limits.results import LimitsHeadline, Preview
from tests.tui.limits.made import (
    NOW,
    TOO_EARLY,
    days,
    gauge,
    rate,
    story,
    told,
    total,
    unlimited,
)
from tests.tui.limits.made import START as MARCH
from tui.limits.charts import month_of
from tui.limits.entries import gauge_entry, total_entry
from tui.limits.headline import headline_cell
from tui.limits.means import means_lines
from tui.limits.story import told_lines
from tui.theme import ASCII, UNICODE, ascii_marks
from tui.widgets.cells import cell_text, cell_width


def shown(*parts: object, width: int = 116, full: bool = True, **changes: object) -> str:
    lines = told_lines(told(*parts, **changes), width, 34, full=full)  # type: ignore[arg-type]
    return "\n".join(cell_text(line) for line in lines)


def test_the_story_tells_what_it_means_and_what_it_is_made_of() -> None:
    said = shown(found=story())
    for words in (
        "▲ warned  budget of integration gpt-prod",
        "$410.22 of $500.00 a month",
        "At this pace it lasts until the 27th (26th to 29th).",
        "Mar 1 to Apr 1 00:00 UTC  17 d left",
        "$23.10/day  from 13 days",
        "▲ 50%  ▲ 80%  ○ 95%  ○ 100%",
        "gpt-5-mini",
        "nightly-eval",
        "80% of budget $400.01 of $500.00",
        "budget in March",
        "✖ 27",
        "most  $36.86 on the 9th",
        "requests a minute",
        "most 40 of 60, now 10",
    ):
        assert words in said, words


@pytest.mark.parametrize("width", [40, 76, 116, 200])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_no_line_is_wider_than_its_place(width: int, glyphs: object) -> None:
    for full in (False, True):
        lines = told_lines(told(found=story(), glyphs=glyphs), width, 30, full=full)  # type: ignore[arg-type]
        assert max(cell_width(line) for line in lines) <= width
        if glyphs is ASCII:
            assert all(ascii_marks(cell_text(line)).isascii() for line in lines)


def test_without_its_story_the_row_says_what_it_knows() -> None:
    said = shown()
    assert "$410.22 of $500.00 a month" in said
    assert "budget in March" not in said


def test_what_is_not_measured_is_no_zero() -> None:
    none = gauge(state="unmeasured", used=None, percent=None, forecast=None)
    quiet = story(gauges=(none,), days=(), models=(), agents=(), transitions=(), minutes=(0,) * 60)
    said = shown(gauge_entry(none), quiet)
    assert "○ not measured" in said
    assert "Nothing was measured yet" in said
    assert "$0.00 of" not in said
    assert "No warning level was reached so far." in said


def test_a_forecast_that_cannot_be_made_says_why() -> None:
    early = gauge(state="ok", percent=10.0, forecast=TOO_EARLY)
    assert "A forecast takes 3 complete days of usage" in shown(
        gauge_entry(early), story(gauges=(early,))
    )


def test_unpriced_calls_and_reservations_are_said() -> None:
    more = gauge(unpriced=12, held=1_500_000_000)
    said = shown(gauge_entry(more), story(gauges=(more,)))
    assert "+ 12 calls unpriced: the real cost is higher" in said
    assert "$1.50 by calls under way" in said


def test_of_a_rate_the_last_hour_is_drawn() -> None:
    said = shown(gauge_entry(rate()), story(), full=False)
    assert "requests a minute" in said
    assert "budget in March" not in said
    assert "14:02 to 14:03 UTC  48 s left" in said or "14:03 UTC" in said


def test_of_a_sum_the_month_is_drawn_without_a_limit() -> None:
    free = story(scope="model", subject="gpt-5", gauges=(unlimited("budget"),))
    one = total("gpt-5", 301.2, errors=3, unpriced=2, tokens_cached=400)
    said = shown(total_entry(one, "model", "acme-prod"), free)
    for words in ("$301.20", "400 of those in", "+ 2 calls unpriced", "budget in March"):
        assert words in said
    assert "limit\n" not in said


def test_the_month_adds_up_and_ends_now() -> None:
    chart = month_of(told(found=story()), story())
    assert chart.used[-1] == sum(day.cost_nanos for day in story().days)
    assert chart.days == 31
    assert chart.now == pytest.approx(13.585, abs=0.01)
    assert chart.out == pytest.approx(26.375)


def test_what_is_over_has_no_day_to_come() -> None:
    over = gauge(state="over", percent=101.0)
    assert month_of(told(gauge_entry(over)), story(gauges=(over,))).out is None


def test_negative_days_and_a_first_day_break_nothing() -> None:
    for found in (days(MARCH, 1, 3.0), days(MARCH, 14, -2.0), ()):
        assert shown(found=story(days=found))


def test_hostile_names_are_cleaned() -> None:
    evil = "a\x1b[31mb\u202ec\n"
    made = story(
        name=evil,
        models=(total(evil, 3.0, name=evil),),
        gauges=(gauge(name=evil), unlimited(name=evil)),
    )
    said = shown(gauge_entry(gauge(name=evil)), made)
    assert said.replace("\n", "").isprintable()


def test_the_headline_counts_and_drops_the_month_where_it_is_narrow() -> None:
    found = LimitsHeadline(states={"over": 2, "ok": 11}, first=None)
    wide = cell_text(headline_cell(found, 116, NOW, UNICODE))
    assert "✖ 2 over   ▲ 0 warned   ● 11 ok" in wide
    assert wide.rstrip().endswith("March ends in 17 d, Apr 1 00:00 UTC")
    assert "ends in" not in cell_text(headline_cell(found, 78, NOW, UNICODE))


def test_what_limits_would_mean_is_a_bar_and_a_sentence_each() -> None:
    previews = (
        Preview(gauge=gauge(), sentence="At this pace it lasts until the 27th."),
        Preview(gauge=unlimited(), sentence="Unlimited: nothing is warned of."),
        Preview(gauge=replace(rate()), sentence="The busiest minute had 24 of 60 requests."),
    )
    lines = [cell_text(line) for line in means_lines(previews, 70, UNICODE)]
    assert lines[0].startswith("▲ budget ")
    assert lines[1].strip() == "At this pace it lasts until the 27th."
    assert [line.split()[1] for line in lines if line[0] != " "] == ["budget", "tokens", "rate"]
