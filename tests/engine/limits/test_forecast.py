"""The forecast's promises for any history, and its figures on some reckoned by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.limits.forecast import forecast
from engine.limits.results import Forecast
from engine.usage.period import period_of

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)  # a Sunday
HISTORIES = st.lists(st.integers(-1000, 10**15), min_size=3, max_size=60)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    datetime(2099, 12, 31),  # noqa: DTZ001 - likewise
    timezones=st.just(UTC),
)


def told(days: list[int], *, used: int, limit: int, now: datetime = NOON) -> Forecast:
    return forecast(days, used=used, limit=limit, now=now, period=period_of(now))


def test_an_even_pace_runs_out_when_division_says_so() -> None:
    found = told([100] * 10, used=1000, limit=1500)

    assert (found.days, found.weekdays, found.pace) == (7, False, 100.0)
    assert found.runs_out_at == NOON + timedelta(days=5)
    assert found.earliest == found.latest == found.runs_out_at
    assert found.projected == found.projected_low == found.projected_high == 1000 + 1650


def test_only_the_last_seven_days_make_the_pace() -> None:
    assert told([10**6, 10**6, *[70] * 7], used=0, limit=1).pace == 70


@pytest.mark.parametrize("days", [0, 1, 2])
def test_there_is_none_below_three_complete_days_and_it_says_so(days: int) -> None:
    found = told([5] * days, used=3, limit=10)

    assert found == Forecast(days=days, reason=found.reason)
    assert found.reason.startswith("A forecast takes 3 complete days of usage; there")
    assert "\n" not in found.reason


def test_weekdays_count_as_their_own_from_four_weeks_on() -> None:
    # Yesterday was a Saturday; nothing is used at weekends.
    weeks = [0, 100, 100, 100, 100, 100, 0] * 4
    found = told(weeks, used=0, limit=450)

    assert found.weekdays
    assert found.days == 28
    # The rest of Sunday uses nothing; Monday to Thursday 400; half of Friday.
    assert found.runs_out_at == datetime(2026, 3, 20, 12, tzinfo=UTC)
    assert not told(weeks[1:], used=0, limit=450).weekdays


def test_an_old_habit_is_left_out() -> None:
    old = [10**9] * 28
    assert told([*old, *[10] * 28], used=0, limit=1).pace == 10


def test_what_is_used_up_ran_out_now() -> None:
    found = told([1, 2, 3], used=10, limit=10)
    assert found.runs_out_at == found.earliest == found.latest == NOON


def test_an_idle_account_lasts() -> None:
    found = told([0] * 9, used=5, limit=10)
    assert (found.runs_out_at, found.earliest, found.latest) == (None, None, None)
    assert (found.projected_low, found.projected, found.projected_high) == (5, 5, 5)


def test_a_few_scattered_days_have_a_wider_range_than_many() -> None:
    few, many = told([50, 150, 100], used=0, limit=1), told([50, 150] * 4, used=0, limit=1)
    assert few.projected_high is not None
    assert many.projected_high is not None
    assert few.projected_high > many.projected_high


@given(HISTORIES, st.integers(0, 2**62), st.integers(1, 2**62), MOMENTS)
def test_it_keeps_its_order_whatever_the_history(
    days: list[int], used: int, limit: int, now: datetime
) -> None:
    found = told(days, used=used, limit=limit, now=now)
    ends = datetime.max.replace(tzinfo=UTC)
    moments = [found.earliest or ends, found.runs_out_at or ends, found.latest or ends]

    assert moments == sorted(moments)
    assert all(now <= at < period_of(now).end for at in moments if at != ends)
    assert found.projected is not None
    assert found.projected_low is not None
    assert found.projected_high is not None
    assert used <= found.projected_low <= found.projected <= found.projected_high
    if found.runs_out_at is not None:
        assert found.projected >= limit - 1


@given(HISTORIES, st.integers(0, 10**15), st.integers(1, 10**16), st.integers(0, 10**16))
def test_a_higher_limit_never_runs_out_sooner(
    days: list[int], used: int, limit: int, more: int
) -> None:
    ends = datetime.max.replace(tzinfo=UTC)
    lower = told(days, used=used, limit=limit)
    higher = told(days, used=used, limit=limit + more)
    for which in ("earliest", "runs_out_at", "latest"):
        assert (getattr(lower, which) or ends) <= (getattr(higher, which) or ends)
    assert (lower.projected, lower.pace) == (higher.projected, higher.pace)


@given(
    st.lists(st.integers(0, 10**6), min_size=3, max_size=40),
    st.integers(0, 10**6),
    st.integers(1, 10**7),
    st.integers(1, 40),
)
def test_the_unit_makes_no_difference(
    days: list[int], used: int, limit: int, doublings: int
) -> None:
    # Powers of two scale floats exactly, so that nothing but the rule is compared.
    scale = 2**doublings
    one = told(days, used=used, limit=limit)
    other = told([day * scale for day in days], used=used * scale, limit=limit * scale)
    assert (one.earliest, one.runs_out_at, one.latest) == (
        other.earliest,
        other.runs_out_at,
        other.latest,
    )
    assert one.projected is not None
    assert other.projected is not None
    assert abs(other.projected - one.projected * scale) <= scale


@given(st.lists(st.integers(0, 10**6), min_size=7, max_size=7), st.integers(0, 23))
def test_with_one_mean_the_order_of_the_days_makes_no_difference(
    days: list[int], hour: int
) -> None:
    now = NOON.replace(hour=hour)
    shuffled = sorted(days)
    assert told(days, used=0, limit=10**7, now=now) == told(shuffled, used=0, limit=10**7, now=now)


@pytest.mark.parametrize("length", [3, 5, 7, 28])
def test_eight_of_ten_months_end_inside_the_range(length: int) -> None:
    chance = random.Random(length)  # noqa: S311 - a seeded simulation
    now = datetime(2026, 3, 12, tzinfo=UTC)
    inside = 0
    for _ in range(1000):
        days = [max(0, round(chance.gauss(10_000, 2_500))) for _ in range(length)]
        month = sum(max(0, round(chance.gauss(10_000, 2_500))) for _ in range(20))
        found = told(days, used=0, limit=1, now=now)
        assert found.projected_low is not None
        assert found.projected_high is not None
        inside += found.projected_low <= month <= found.projected_high
    assert 760 <= inside <= 840


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2024, 2, 28, tzinfo=UTC), 2),
        (datetime(2023, 2, 28, tzinfo=UTC), 1),
        (datetime(2026, 12, 31, 12, tzinfo=UTC), 0.5),
        (datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC), 1e-6 / 86_400),
        (datetime(2100, 2, 28, tzinfo=UTC), 1),
    ],
)
def test_months_end_where_the_calendar_says(now: datetime, left: float) -> None:
    found = told([10**6] * 7, used=7, limit=10**9, now=now)
    assert found.projected == 7 + round(left * 10**6)
    assert found.pace == pytest.approx(10**6)
