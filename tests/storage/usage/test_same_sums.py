"""Whatever order, copies and transactions calls come in, their sums are those of plain addition."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage.tables import usage_minutes
from storage.types import DAY_MS
from storage.usage.driver import UsageDriver
from storage.usage.windows import days_of
from tests.storage.usage.calls import KINDS, NOW, Board, Call

if TYPE_CHECKING:
    from storage.database import Database

EDGES = [
    datetime(2024, 2, 29, tzinfo=UTC),
    datetime(2024, 3, 1, tzinfo=UTC),
    datetime(2025, 3, 1, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    NOW,
]
MOMENTS = st.builds(
    lambda edge, ms: edge + timedelta(milliseconds=ms),
    st.sampled_from(EDGES),
    st.sampled_from([-DAY_MS, -1, 0, 1, DAY_MS - 1]),
)
TOKENS = st.integers(0, 20) | st.integers(0, 10**13)
ORDINARY = st.builds(
    Call,
    kind=st.integers(0, len(KINDS) - 1),
    at=MOMENTS,
    calls=st.sampled_from([1, 1, 1, 7]),
    tokens_in=TOKENS,
    tokens_out=TOKENS,
    tokens_cached=st.integers(0, 20),
    cost_nanos=st.none() | st.integers(0, 10**15),
    latency_ms=st.none() | st.integers(0, 9_000),
    policy=st.none() | st.integers(0, 2),
    error=st.none() | st.sampled_from(["timeout", "rate_limited"]),
)
CORRECTIONS = st.builds(
    Call,
    kind=st.integers(0, len(KINDS) - 1),
    at=MOMENTS,
    calls=st.just(0),
    tokens_in=st.integers(-20, 20),
    cost_nanos=st.none() | st.integers(-100, 100),
)
CALLS = st.dictionaries(st.integers(0, 40), ORDINARY | CORRECTIONS, min_size=1, max_size=25)
ANY_DATABASE = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def ways(draw: st.DrawFn) -> tuple[dict[int, Call], list[list[int]]]:
    """Calls, and batches of their ids in any order: each at least once, some of them again."""
    calls = draw(CALLS)
    again = draw(st.lists(st.sampled_from(sorted(calls)), max_size=15))
    order = draw(st.permutations([*calls, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=4)))
    edges = [0, *cuts, len(order)]
    return calls, [list(order[a:b]) for a, b in pairwise(edges)]


@ANY_DATABASE
@given(ways())
def test_any_order_copies_and_batches(
    database: Database, way: tuple[dict[int, Call], list[list[int]]]
) -> None:
    calls, batches = way
    board = Board(database)
    written = [board.record([(name, calls[name]) for name in batch]) for batch in batches]
    assert board.stored() == board.expected(calls.values())
    assert sum(done.new for done in written) == len(calls)
    unpriced = sum(call.calls for call in calls.values() if call.cost_nanos is None)
    assert sum(done.unpriced for done in written) == unpriced


@ANY_DATABASE
@given(CALLS)
def test_spans_have_their_days_and_no_others(database: Database, calls: dict[int, Call]) -> None:
    board = Board(database)
    board.record(calls)
    expected = board.expected(calls.values())
    spans = [(19_782, 19_783), (19_753, 19_782), (20_454, 20_485), (20_758, 20_788)]
    with database.read() as connection:
        for first, end in spans:
            found = days_of(connection, board.numbers, range(first, end))
            used = {(row.meter_number, row.day): (row.cost_nanos, row.tokens) for row in found}
            assert used == {
                key: (sums["cost_nanos"], sums["tokens_in"] + sums["tokens_out"])
                for key, sums in expected.items()
                if first <= key[1] < end
            }


@ANY_DATABASE
@given(CALLS)
def test_who_used_most_adds_up_to_all(database: Database, calls: dict[int, Call]) -> None:
    board = Board(database)
    board.record(calls)
    with database.read() as connection:
        driver = UsageDriver(connection)
        span = {"first_day": 0, "end_day": 10**6, "limit": 100}
        for by, place in (("provider", 0), ("model", 1), ("agent", 2)):
            found = driver.top(board.tenant_id, by=by, **span)
            for sums in found:
                mine = [c for c in calls.values() if KINDS[c.kind][place] == sums.subject]
                assert sums.tokens_in == sum(call.tokens_in for call in mine)
                assert sums.cost_nanos == sum(call.cost_nanos or 0 for call in mine)
            assert found == sorted(found, key=lambda s: (-s.cost_nanos, -s.tokens, s.subject))
            narrowed = [
                row
                for provider in ("anthropic", "openai")
                for row in driver.top(board.tenant_id, by=by, provider=provider, **span)
            ]
            assert sum(s.calls for s in narrowed) == sum(s.calls for s in found)


AGES = st.sampled_from([-61, -60, -1, 0, 1, 59, 60, 61, 7_199, 7_200, 7_201])
LATELY = st.dictionaries(
    st.integers(0, 40),
    st.builds(
        lambda age, calls, policy: Call(
            at=NOW - timedelta(seconds=age), calls=calls, policy=policy
        ),
        AGES,
        st.sampled_from([1, 1, 7]),
        st.sampled_from([None, 0, 1, 2]),
    ),
    min_size=1,
    max_size=25,
)


@ANY_DATABASE
@given(LATELY)
def test_minutes_hold_the_calls_of_the_last_two_hours(
    database: Database, calls: dict[int, Call]
) -> None:
    board = Board(database)
    board.record(calls)
    meter = board.meters[board.series[0]][0]
    with database.read() as connection:
        asked = select(usage_minutes.c.minute, usage_minutes.c.calls)
        rows = connection.execute(asked.where(usage_minutes.c.meter_number == meter))
        found = {minute: made for minute, made in rows}  # noqa: C416 - rows are no pairs to mypy
    expected: dict[int, int] = {}
    for call in calls.values():
        if timedelta(hours=-2) <= call.at - NOW <= timedelta(minutes=1):
            minute = int(call.at.timestamp()) // 60
            made = 0 if call.policy == 2 else call.calls  # what was blocked was not made
            expected[minute] = expected.get(minute, 0) + made
    assert found == expected


@pytest.mark.parametrize("seed", range(2))
def test_writers_at_once(database: Database, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - calls, no secrets
    board = Board(database)
    calls = {
        name: Call(
            kind=chance.randrange(len(KINDS)),
            at=NOW - timedelta(hours=chance.randrange(1_000)),
            tokens_in=chance.randrange(10**6),
            cost_nanos=chance.choice([None, 5, 7]),
        )
        for name in range(400)
    }

    def write(mine: int) -> int:
        own = random.Random(f"{seed}-{mine}")  # noqa: S311
        names = own.sample(sorted(calls), 300)
        return sum(
            board.record([(name, calls[name]) for name in names[first : first + 30]]).new
            for first in range(0, len(names), 30)
        )

    with ThreadPoolExecutor(4) as pool:
        new = sum(pool.map(write, range(4)))
    new += board.record(calls).new
    assert new == len(calls)
    assert board.stored() == board.expected(calls.values())


def test_sums_beyond_what_a_float_can_tell_apart(database: Database) -> None:
    board = Board(database)
    odd = 10**13 - 1
    calls = {name: Call(tokens_in=odd, cost_nanos=10**15 - 1) for name in range(2_001)}
    board.record(calls)
    board.record({"one": Call(tokens_in=1, cost_nanos=1)})
    with database.read() as connection:
        meter = board.meters[board.series[0]][0]
        (sums,) = UsageDriver(connection).days(meter, 20_758, 20_788)
    assert sums.tokens_in == odd * 2_001 + 1 > 2**53
    assert sums.cost_nanos == (10**15 - 1) * 2_001 + 1 > 2**53
    assert sums.tokens == sums.tokens_in + sums.tokens_out
