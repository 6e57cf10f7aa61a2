"""When silences hold: on days when clocks are changed too."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.silences.model import DAYS
from engine.silences.schedule import holds, next_at, until, zone_of
from storage.silences import SilenceRow

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def row(**said: Any) -> SilenceRow:
    given: dict[str, Any] = {
        "id": "s-1",
        "tenant_id": "acme",
        "schedule": "weekly",
        "starts_at": LONG_AGO,
        "reason": "Maintenance",
        "created_at": LONG_AGO,
        "created_by": "olga",
    }
    return SilenceRow(**{**given, **said})


def weekly(days: str, minute: int, hours: float, zone: str = "Europe/Berlin") -> SilenceRow:
    return row(days=tuple(days.split()), minute=minute, duration_s=int(hours * 3600), timezone=zone)


def test_once_holds_from_its_first_moment_up_to_its_end() -> None:
    one = row(schedule="once", starts_at=utc("2026-03-14 10:00"), ends_at=utc("2026-03-14 12:00"))
    assert not holds(one, one.starts_at - MOMENT)
    assert next_at(one, one.starts_at - MOMENT) == one.starts_at
    assert holds(one, one.starts_at)
    assert until(one, one.starts_at) == one.ends_at
    assert next_at(one, one.starts_at) is None
    assert not holds(one, utc("2026-03-14 12:00"))


def test_what_somebody_ended_holds_no_more() -> None:
    one = weekly("sat", 10 * 60, 4, "UTC")
    ended = row(
        days=one.days,
        minute=600,
        duration_s=14_400,
        timezone="UTC",
        ended_at=utc("2026-03-14 11:00"),
    )
    assert until(one, utc("2026-03-14 10:30")) == utc("2026-03-14 14:00")
    assert until(ended, utc("2026-03-14 10:30")) == utc("2026-03-14 11:00")
    assert not holds(ended, utc("2026-03-14 11:00"))
    assert next_at(ended, utc("2026-03-14 11:00")) is None


def test_a_clock_put_forward_begins_what_it_skips_as_soon_as_it_is_there_again() -> None:
    # On 29 March 2026 Berlin's clock goes from 02:00 to 03:00, at 01:00 UTC.
    one = weekly("sun", 150, 1)
    assert next_at(one, utc("2026-03-28 12:00")) == utc("2026-03-29 01:00")
    assert not holds(one, utc("2026-03-29 01:00") - MOMENT)
    assert until(one, utc("2026-03-29 01:00")) == utc("2026-03-29 02:00")
    # New York's on 8 March, at 07:00 UTC.
    west = weekly("sun", 150, 1, "America/New_York")
    assert next_at(west, utc("2026-03-07 12:00")) == utc("2026-03-08 07:00")
    assert until(west, utc("2026-03-08 07:30")) == utc("2026-03-08 08:00")


def test_a_clock_put_back_begins_what_it_shows_twice_the_first_time_only() -> None:
    # On 25 October 2026 Berlin's clock shows 02:30 at 00:30 and at 01:30 UTC.
    one = weekly("sun", 150, 1)
    assert next_at(one, utc("2026-10-24 12:00")) == utc("2026-10-25 00:30")
    assert until(one, utc("2026-10-25 01:10")) == utc("2026-10-25 01:30")
    assert not holds(one, utc("2026-10-25 01:30"))
    assert next_at(one, utc("2026-10-25 01:10")) == utc("2026-11-01 01:30")
    # New York's shows 01:30 at 05:30 and at 06:30 UTC on 1 November.
    west = weekly("sun", 90, 1, "America/New_York")
    assert next_at(west, utc("2026-10-31 12:00")) == utc("2026-11-01 05:30")
    assert not holds(west, utc("2026-11-01 06:30"))


def test_the_same_holds_of_a_line_of_cron() -> None:
    one = row(schedule="cron", cron="30 2 * * 0", duration_s=3600, timezone="Europe/Berlin")
    assert next_at(one, utc("2026-03-28 12:00")) == utc("2026-03-29 01:00")
    assert next_at(one, utc("2026-10-24 12:00")) == utc("2026-10-25 00:30")
    assert until(one, utc("2026-10-25 01:10")) == utc("2026-10-25 01:30")


def test_two_hours_are_two_hours_while_a_clock_is_changed() -> None:
    one = weekly("sun", 60, 4)  # 01:00 for 4 h
    assert until(one, utc("2026-03-29 00:00")) == utc("2026-03-29 04:00")
    assert until(one, utc("2026-10-24 23:00")) == utc("2026-10-25 03:00")


def test_days_that_touch_are_one_silence() -> None:
    one = weekly("mon tue wed thu fri", 0, 24, "UTC")
    assert until(one, utc("2026-03-09 00:00")) == utc("2026-03-14 00:00")
    assert next_at(one, utc("2026-03-09 00:00")) == utc("2026-03-16 00:00")


@pytest.mark.parametrize(
    "endless",
    [
        weekly(" ".join(DAYS), 0, 24, "UTC"),
        row(schedule="cron", cron="* * * * *", duration_s=60),
        row(schedule="cron", cron="*/5 * * * *", duration_s=7200),
    ],
)
def test_what_always_begins_again_has_no_end_in_sight(endless: SilenceRow) -> None:
    noon = utc("2026-03-14 12:00")
    assert holds(endless, noon)
    assert until(endless, noon) is None
    assert next_at(endless, noon) is None


def test_before_its_first_moment_nothing_holds() -> None:
    one = row(
        days=("sat",),
        minute=600,
        duration_s=14_400,
        timezone="UTC",
        starts_at=utc("2026-03-14 11:00"),
        ends_at=utc("2026-03-14 13:00"),
    )
    assert not holds(one, utc("2026-03-14 10:30"))
    assert next_at(one, utc("2026-03-14 10:30")) == utc("2026-03-14 11:00")
    assert until(one, utc("2026-03-14 12:00")) == utc("2026-03-14 13:00")
    assert next_at(one, utc("2026-03-14 12:00")) is None


@pytest.mark.parametrize(
    "name", ["Nowhere/Else", "America", "", "../etc/passwd", "/etc/localtime", "a\0b", "x" * 300]
)
def test_a_time_zone_that_is_none_is_refused_and_holds_nothing(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        zone_of(name)
    assert caught.value.field == "timezone"
    unread = weekly("sat", 0, 24, name)
    assert not holds(unread, utc("2026-03-14 12:00"))
    assert next_at(unread, utc("2026-03-14 12:00")) is None


_ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
# Around the days on which those clocks are changed, and anywhen else.
_CHANGES = st.sampled_from(
    [
        utc("2026-03-08 07:00"),
        utc("2026-03-29 01:00"),
        utc("2026-10-25 01:00"),
        utc("2026-11-01 06:00"),
        utc("2026-04-04 15:00"),
        utc("2026-10-03 15:30"),
    ]
)
_MINUTES = st.integers(-3 * 1440, 3 * 1440)
_NOWS = st.builds(lambda day, off: day + timedelta(minutes=off), _CHANGES, _MINUTES)
_LASTS = st.integers(1, 3 * 24 * 60).map(lambda minutes: minutes * 60)
_BOUNDS = st.one_of(st.none(), _NOWS)
_WEEKLY = st.fixed_dictionaries(
    {
        "schedule": st.just("weekly"),
        "days": st.sets(st.sampled_from(DAYS), min_size=1).map(
            lambda some: tuple(day for day in DAYS if day in some)
        ),
        "minute": st.integers(0, 1439),
    }
)
_CRON = st.fixed_dictionaries(
    {
        "schedule": st.just("cron"),
        "cron": st.sampled_from(
            [
                "0 2 * * 0",
                "30 2 * * *",
                "15 */6 * * *",
                "30 * * * *",
                "0 1,2,3 * * *",
                "*/20 2 * * *",
            ]
        ),
    }
)
# Lord Howe's clock is changed by half an hour, on which cronsim may lose one beginning of a line
# whose hour is open (`15 */6 * * *`); weekly silences have no such line.
_TIMED = st.one_of(
    st.tuples(_WEEKLY, _ZONES), st.tuples(_CRON, _ZONES.filter(lambda name: "Lord" not in name))
)
_ROWS = st.builds(
    lambda timed, lasts, first, last: row(
        **timed[0],
        timezone=timed[1],
        duration_s=lasts,
        starts_at=first or LONG_AGO,
        ends_at=last,
    ),
    _TIMED,
    _LASTS,
    _BOUNDS,
    _BOUNDS,
)


@given(one=_ROWS, now=_NOWS)
@example(one=weekly("sun", 150, 1), now=utc("2026-10-25 01:10"))
def test_its_end_and_its_next_beginning_agree_with_when_it_holds(
    one: SilenceRow, now: datetime
) -> None:
    end, begin = until(one, now), next_at(one, now)
    if end is not None:
        assert end > now
        assert holds(one, now)
        assert holds(one, end - MOMENT)
        assert not holds(one, end)
    if begin is not None:
        assert begin > (end or now)
        assert holds(one, begin)
        assert not holds(one, begin - MOMENT)
    # Nothing begins or ends between: every quarter of an hour of it is looked at.
    step, at = timedelta(minutes=15), now
    while at < min([now + timedelta(days=2), *(x for x in (end, begin) if x)]):
        assert holds(one, at) == (end is not None or holds(one, now))
        at += step


def begun_by_the_calendar(one: SilenceRow, now: datetime) -> bool:
    """Whether a weekly silence holds, told day by day from the calendar alone."""
    zone, lasts = ZoneInfo(one.timezone), timedelta(seconds=one.duration_s or 0)
    today = now.astimezone(zone).date()
    for back in range(-1, 6):
        day = today - timedelta(days=back)
        if DAYS[day.weekday()] not in one.days:
            continue
        wall = datetime.combine(day, time()) + timedelta(minutes=one.minute or 0)
        begins = wall.replace(tzinfo=zone).astimezone(UTC)
        while begins.astimezone(zone).replace(tzinfo=None) != wall:
            wall += timedelta(minutes=1)
            begins = wall.replace(tzinfo=zone).astimezone(UTC)
        if begins <= now < begins + lasts:
            return True
    return False


@given(times=_WEEKLY, zone=_ZONES, lasts=_LASTS, now=_NOWS)
def test_weekly_silences_hold_as_the_calendar_says(
    times: dict[str, Any], zone: str, lasts: int, now: datetime
) -> None:
    one = row(**times, timezone=zone, duration_s=lasts)
    assert holds(one, now) == begun_by_the_calendar(one, now)
