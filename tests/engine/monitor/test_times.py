from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import FixedClock
from engine.monitor.times import Watch


class SetClock(FixedClock):
    """A clock whose wall time can be set without time passing."""

    def set_by(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.mark.parametrize("seconds", [-3600, 3600, -31_536_000, 31_536_000, -3, 3])
def test_a_set_clock_is_noticed_once(seconds: float) -> None:
    clock = SetClock(datetime(2026, 11, 21, tzinfo=UTC))
    watch = Watch(clock)
    clock.advance(10)
    assert watch.jump() == 0
    clock.set_by(seconds)
    assert watch.jump() == pytest.approx(seconds)
    assert watch.jump() == 0


def test_slow_drift_is_noticed_when_it_has_added_up() -> None:
    clock = SetClock(datetime(2026, 11, 21, tzinfo=UTC))
    watch = Watch(clock)
    jumps = []
    for _ in range(30):
        clock.advance(1)
        clock.set_by(0.1)
        jumps.append(watch.jump())
    assert sum(1 for jump in jumps if jump) == 1
