from __future__ import annotations

import pytest

from engine.monitor.pacing import Pace


def starts(pace: Pace, seconds: float, tick: float = 0.001) -> list[float]:
    """Takes every token that there is, looking every `tick` seconds."""
    found = []
    for step in range(round(seconds / tick)):
        now = step * tick
        while pace.delay(now) == 0:
            pace.take(now)
            found.append(now)
    return found


def test_the_rate_is_kept_and_even() -> None:
    found = starts(Pace(10_000), 6.0)
    assert len(found) == pytest.approx(1000, abs=8)
    a_tenth = [sum(1 for at in found if i / 10 <= at < (i + 1) / 10) for i in range(60)]
    assert max(a_tenth[1:]) <= 20


def test_late_looks_are_made_up_for() -> None:
    assert len(starts(Pace(6000), 10.0, tick=0.016)) == pytest.approx(1000, rel=0.02)


def test_idle_time_is_not_saved_up_for_a_flood() -> None:
    pace = Pace(6000)
    pace.take(0.0)
    burst = 0
    while pace.delay(3600.0) == 0:
        pace.take(3600.0)
        burst += 1
    assert burst <= 3


def test_without_a_rate_nothing_waits() -> None:
    pace = Pace(None)
    for _ in range(1000):
        assert pace.delay(1.0) == 0
        pace.take(1.0)


def test_the_delay_is_what_is_missing() -> None:
    pace = Pace(60, catch_up_s=0)
    pace.take(100.0)
    assert pace.delay(100.25) == pytest.approx(0.75)
