from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.health import rules
from engine.overall import all_states, is_stale, overall_health

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "overall"),
    [
        ({}, "unknown"),
        ({"unknown": 3}, "unknown"),
        ({"healthy": 1}, "healthy"),
        ({"healthy": 1, "unknown": 1}, "healthy"),
        ({"healthy": 9, "degraded": 1}, "degraded"),
        ({"healthy": 9, "degraded": 1, "failing": 1, "unknown": 1}, "failing"),
        ({"failing": 0, "degraded": 0, "unknown": 1, "healthy": 0}, "unknown"),
    ],
)
def test_the_worst_lamp_decides(counts: dict[str, int], overall: str) -> None:
    assert overall_health(counts) == overall


def test_all_states_are_told_worst_first() -> None:
    assert list(all_states({"healthy": 2})) == ["failing", "degraded", "unknown", "healthy"]


@pytest.mark.parametrize(
    ("age_s", "stale", "fresh"),
    [
        (0, False, True),
        (59.9, False, True),
        (60, False, False),
        (300, False, False),
        (301, True, False),
    ],
)
def test_a_check_grows_old(age_s: float, stale: bool, fresh: bool) -> None:
    checked_at = NOON - timedelta(seconds=age_s)
    assert is_stale(checked_at, NOON) is stale
    assert rules.is_fresh(checked_at, NOON) is fresh


def test_a_clock_set_back_blocks_no_check_and_makes_no_negative_age() -> None:
    future = NOON + timedelta(hours=1)
    assert not rules.is_fresh(future, NOON)
    assert rules.age_s(future, NOON) == 0
    assert rules.age_s(None, NOON) is None
    assert not is_stale(None, NOON)
