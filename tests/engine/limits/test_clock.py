"""A clock set back and forth over month ends: nothing is lost, held for ever or told twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.usage.period import minute_of, period_of
from tests.engine.limits.conftest import DOLLAR
from tests.engine.limits.test_checking import ask, held

if TYPE_CHECKING:
    from tests.engine.limits.conftest import Board

ENDS = tuple(datetime(*month, 1, tzinfo=UTC) for month in ((2026, 11), (2026, 12), (2027, 1)))
JUMPS = (
    *(timedelta(milliseconds=-1), timedelta(), timedelta(seconds=30), timedelta(days=3)),
    *(timedelta(days=-31), timedelta(hours=-1), timedelta(days=14)),
)


def purge(board: Board) -> None:
    from storage.limits.reservations import expire
    from storage.usage.driver import UsageDriver

    now = board.clock.now()
    with board.database.write() as connection:
        expire(connection, now)
        UsageDriver(connection).purge_minutes(minute_of(now) - 120)


@pytest.mark.parametrize("seed", range(3))
async def test_any_walk_of_the_clock(board: Board, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a dice for moments
    await board.integration(budget_limit_cents=3_000, token_limit_month=40_000, rate_limit_rpm=9)
    open_: list[str] = []
    spent: Counter[datetime] = Counter()
    for _ in range(40):
        board.go(dice.choice(ENDS) + dice.choice(JUMPS))
        if dice.random() < 0.6:
            said = await ask(board, tokens=1000, cost=1)
            if said.reservation_id:
                open_.append(said.reservation_id)
        settles = open_.pop(dice.randrange(len(open_))) if open_ and dice.random() < 0.7 else None
        if settles is not None and dice.random() < 0.3:
            await board.workspace.limits.release(board.tenant, settles)
        else:
            board.record(board.call(reservation_id=settles))
            spent[period_of(board.clock.now()).start] += 1
        if dice.random() < 0.5:
            board.reckon()
        if dice.random() < 0.3:
            purge(board)
    for month, calls in spent.items():
        # Once a month is read at its end, everything is in it, whenever it was recorded.
        board.go(period_of(month).end - timedelta(seconds=1))
        used = {
            gauge.measure: gauge.used for gauge in board.gauges() if gauge.scope == "integration"
        }
        assert (used["budget"], used["tokens"]) == (calls * DOLLAR, calls * 1000)
    noted = Counter((one.meter_number, one.measure, one.period_start, one.level)
                    for one in board.reached())  # fmt: skip
    assert not noted or max(noted.values()) == 1
    # A day after the latest moment of all, nothing is held any more.
    board.go(max(ENDS) + timedelta(days=40))
    purge(board)
    assert held(board) == (0, 0, 0, 0)
    said = await ask(board, tokens=1000, cost=1)
    assert said.outcome == "allowed"


async def test_a_clock_that_is_set_back_frees_nothing_that_was_used(board: Board) -> None:
    await board.integration(token_limit_month=5_000)
    november = board.clock.now()
    board.record(*(board.call() for _ in range(5)))
    assert (await ask(board, tokens=1)).outcome == "blocked"
    board.go(november + timedelta(days=31))
    assert (await ask(board, tokens=5_000)).outcome == "warned"
    board.record(board.call(tokens_in=4_000, tokens_out=0))
    for _ in range(3):
        board.go(november)
        assert (await ask(board, tokens=1)).outcome == "blocked"
        board.go(november + timedelta(days=31, minutes=10))
        assert (await ask(board, tokens=1_001)).outcome == "blocked"
