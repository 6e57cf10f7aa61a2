"""What runs out first sorts first, whatever its measure."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from engine.limits.gauge import passed, percent_of, state_of
from engine.limits.results import DEFAULT_LEVELS, Forecast
from engine.limits.urgency import urgency_of
from storage.limits.rows import UNLIMITED, UNMEASURED

AMOUNTS = st.integers(0, 2**63 - 1)
LIMITS = st.integers(1, 2**63 - 1)


def over(used: int, limit: int) -> int:
    return urgency_of(state="over", used=used, limit=limit, forecast=None)


def ok(used: int, limit: int, forecast: Forecast | None) -> int:
    return urgency_of(state="ok", used=used, limit=limit, forecast=forecast)


def test_the_kinds_of_gauges_stand_in_their_order() -> None:
    at = datetime(2026, 3, 20, tzinfo=UTC)
    places = [
        over(300, 100),
        over(100, 100),
        ok(50, 100, Forecast(projected=120, runs_out_at=at)),
        ok(50, 100, Forecast(projected=101, runs_out_at=at.replace(day=21))),
        ok(50, 100, Forecast(projected=99)),
        ok(1, 100, Forecast(projected=20)),
        ok(80, 100, None),
        ok(1, 100, Forecast(reason="Too little.")),
        urgency_of(state="unmeasured", used=None, limit=100, forecast=None),
        urgency_of(state="unlimited", used=5, limit=0, forecast=None),
    ]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


@given(AMOUNTS, LIMITS, AMOUNTS)
def test_every_place_fits_a_whole_number_of_64_bits(used: int, limit: int, projected: int) -> None:
    for state in ("over", "warned", "ok", "unmeasured", "unlimited"):
        for forecast in (None, Forecast(projected=projected)):
            place = urgency_of(state=state, used=used, limit=limit, forecast=forecast)
            assert -(2**63) <= place < 2**63
            assert place <= UNMEASURED or place == UNLIMITED


@given(AMOUNTS, LIMITS)
def test_states_follow_from_whole_numbers(used: int, limit: int) -> None:
    state = state_of(used, limit, DEFAULT_LEVELS)
    assert (state == "over") == (used >= limit)
    assert (state == "ok") == (used * 2 < limit)
    assert (100.0 in passed(used, limit, DEFAULT_LEVELS)) == (used >= limit)
    assert percent_of(used, limit) == 100 * used / limit


def test_a_level_is_reached_exactly_beyond_what_floats_can_tell() -> None:
    limit = 2 * 10**18
    assert passed(limit - 1, limit, (100.0,)) == ()
    assert passed(limit, limit, (100.0,)) == (100.0,)
    assert passed(333, 1000, (33.3, 33.301)) == (33.3,)


def test_never_measured_is_not_nothing_used() -> None:
    assert state_of(None, 5, DEFAULT_LEVELS) == "unmeasured"
    assert state_of(0, 5, DEFAULT_LEVELS) == "ok"
    assert state_of(None, 0, DEFAULT_LEVELS) == "unlimited"
    assert percent_of(None, 5) is percent_of(5, 0) is None
