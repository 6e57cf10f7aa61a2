"""Spans, days and moments as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.silences.model import DAYS
from engine.silences.words import days_text, minute_text, span_text
from tui.silences import typed

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2h", 7200), ("30min", 1800), ("30 m", 1800), ("1h30m", 5400), ("1 h 30 min", 5400),
        ("2 days", 172_800), ("1w", 604_800), ("90s", 90), (" 1D ", 86_400),
    ],
)  # fmt: skip
def test_spans(text: str, seconds: int) -> None:
    assert typed.span(text) == seconds


@given(seconds=st.integers(1, 40 * 86_400))
def test_a_span_is_read_as_it_is_written(seconds: int) -> None:
    assert typed.span(span_text(seconds)) == seconds


@given(some=st.sets(st.sampled_from(DAYS), min_size=1))
def test_days_are_read_as_they_are_written(some: set[str]) -> None:
    days = tuple(day for day in DAYS if day in some)
    assert typed.days(days_text(days)) == days


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Sunday", ("sun",)), ("mon,wed", ("mon", "wed")), ("wed mon", ("mon", "wed")),
        ("tue-thu", ("tue", "wed", "thu")), ("sat-mon", ("mon", "sat", "sun")),
        ("weekdays", DAYS[:5]), ("daily", DAYS),
    ],
)  # fmt: skip
def test_days(text: str, days: tuple[str, ...]) -> None:
    assert typed.days(text) == days


@given(minute=st.integers(0, 1439))
def test_a_time_of_the_day_is_read_as_it_is_written(minute: int) -> None:
    assert typed.minute(minute_text(minute)) == minute


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-03-20 12:00"),
        ("2h", "2026-03-20 14:00"),
        ("18:00", "2026-03-20 17:00"),  # in Berlin, today
        ("13:00", "2026-03-21 12:00"),  # that is now there, so tomorrow's
        ("2026-03-21", "2026-03-20 23:00"),
        ("2026-03-21 18:00", "2026-03-21 17:00"),
        ("2026-03-21T18:00Z", "2026-03-21 18:00"),
        ("2026-03-21 18:00+02:00", "2026-03-21 16:00"),
        ("2026-07-21 18:00", "2026-07-21 16:00"),
        ("2026-03-29 02:30", "2026-03-29 01:30"),  # which that clock skips
        ("2026-10-25 02:30", "2026-10-25 00:30"),  # which it shows twice
    ],
)
def test_moments(text: str, moment: str) -> None:
    found = typed.moment(text, BERLIN, NOON, "until")
    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2", "h", "-1h", "2y", "٢h", "0h", "1.5h", "2h!"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        typed.span(text)


@pytest.mark.parametrize("text", ["", "su", "someday", "-mon", "mon,,x", "1"])
def test_what_are_no_days_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        typed.days(text)


@pytest.mark.parametrize("text", ["", "24:00", "9", "9:5", "12:60", "noon"])
def test_what_is_no_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        typed.minute(text)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "2026-13-01 10:00", "99999w99999w99999w99999w99999w", "25:00"],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        typed.moment(text, BERLIN, NOON, "until")
    assert caught.value.field == "until"
