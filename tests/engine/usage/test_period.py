"""The calendar month in UTC, whatever the zone and the month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.usage.period import date_of, day_of, minute_end, minute_of, period_of

MOMENTS = st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2200, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.timezones(),
    allow_imaginary=False,
)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        (datetime(2026, 11, 21, 12, tzinfo=UTC), (2026, 11, 1), (2026, 12, 1)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), (2026, 12, 1), (2027, 1, 1)),
        (datetime(2028, 2, 29, tzinfo=UTC), (2028, 2, 1), (2028, 3, 1)),
        (
            datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))),
            (2026, 11, 1),
            (2026, 12, 1),
        ),
    ],
)
def test_a_period_is_the_calendar_month_in_utc(
    now: datetime, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    found = period_of(now)
    assert (found.start, found.end) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))


@given(MOMENTS)
def test_months_follow_each_other_without_a_gap(moment: datetime) -> None:
    found = period_of(moment)
    assert found.start <= moment < found.end
    assert found.next().start == found.end
    assert found.next().previous() == found
    assert found.previous().end == found.start
    assert day_of(moment) in found.days
    assert 28 <= len(found.days) <= 31


@given(MOMENTS)
def test_days_and_minutes_are_those_of_utc(moment: datetime) -> None:
    utc = moment.astimezone(UTC)
    assert date_of(day_of(moment)) == utc.date()
    assert minute_of(moment) == int(utc.timestamp() // 60)
    assert timedelta() < minute_end(moment) - utc <= timedelta(minutes=1)
