from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.monitor.schedule import next_plan, phase_ms, wait_s

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = 60


def settled(number: int, rounds: int = 40, late: float = 0.0) -> list[datetime]:
    """Starts of a target that is new at `NOW` and always starts `late` seconds after its plan."""
    starts = [NOW]
    planned = NOW
    for _ in range(rounds):
        started = starts[-1]
        planned = next_plan(
            number=number, interval_s=MINUTE, planned=planned, started=started
        ).due_at
        starts.append(planned + timedelta(seconds=late))
    return starts


def test_no_gap_is_shorter_than_the_interval_or_longer_by_a_tenth() -> None:
    for number in range(1, 200):
        gaps = [(b - a).total_seconds() for a, b in pairwise(settled(number))]
        assert min(gaps) >= MINUTE
        assert max(gaps) <= MINUTE * 1.1


def test_a_thousand_targets_that_were_due_at_once_end_up_evenly_spread() -> None:
    ends = [settled(number)[-1] for number in range(1, 1001)]
    a_second = [0] * MINUTE
    for end in ends:
        a_second[end.second] += 1
    assert max(a_second) <= 18
    assert min(a_second) >= 15


def test_a_settled_target_stays_on_its_phase_though_every_start_is_a_little_late() -> None:
    starts = settled(7, rounds=100, late=0.8)
    gaps = {(b - a).total_seconds() for a, b in pairwise(starts[40:])}
    assert gaps == {60.0}


def test_a_start_that_is_much_too_late_does_not_bring_the_next_one_near() -> None:
    plan = next_plan(number=7, interval_s=MINUTE, planned=NOW, started=NOW + timedelta(seconds=30))
    assert plan.due_at >= NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("failures", "expected"), [(0, 60), (1, 60), (2, 120), (3, 240), (4, 480), (5, 600), (99, 600)]
)
def test_failing_doubles_the_wait_up_to_ten_minutes(failures: int, expected: int) -> None:
    assert wait_s(60, failures) == expected


def test_back_off_never_shortens_a_long_interval() -> None:
    assert wait_s(3600, 9) == 3600


def test_retry_after_is_obeyed_where_it_is_longer() -> None:
    plan = next_plan(number=1, interval_s=MINUTE, planned=NOW, started=NOW, retry_after_s=300)
    assert plan.due_at == plan.retry_at == NOW + timedelta(seconds=300)


def test_retry_after_does_not_bring_a_check_forward() -> None:
    plan = next_plan(number=1, interval_s=MINUTE, planned=NOW, started=NOW, retry_after_s=1)
    assert plan.due_at >= NOW + timedelta(seconds=60)
    assert plan.retry_at == NOW + timedelta(seconds=1)


def test_an_absurd_retry_after_is_cut_to_a_day() -> None:
    plan = next_plan(number=1, interval_s=MINUTE, planned=NOW, started=NOW, retry_after_s=1e12)
    assert plan.due_at == NOW + timedelta(days=1)


@given(
    number=st.integers(1, 2**40),
    interval=st.integers(1, 86_400),
    failures=st.integers(0, 10_000),
    late_ms=st.integers(-86_400_000, 86_400_000),
)
def test_the_next_check_is_always_ahead_and_never_too_far(
    number: int, interval: int, failures: int, late_ms: int
) -> None:
    started = NOW + timedelta(milliseconds=late_ms)
    plan = next_plan(
        number=number,
        interval_s=interval,
        planned=NOW,
        started=started,
        failures_in_row=failures,
    )
    wait = wait_s(interval, failures)
    ahead = (plan.due_at - started).total_seconds()
    assert wait - interval / 50 - 0.001 <= ahead <= wait * 1.05 + interval / 50 + 0.001


@given(number=st.integers(0, 2**50), interval=st.integers(1, 10**8))
def test_a_phase_is_within_the_interval(number: int, interval: int) -> None:
    assert 0 <= phase_ms(number, interval) < interval
