"""Limits in the background: what time alone changes is marked, and everything is reckoned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.errors import WorkspaceError
from engine.monitor import run_monitor
from engine.monitor.reckoning import EVERY_S, Reckoner

# The board with usage is at home beside limits.
from tests.engine.limits.conftest import board, limits_schema, url  # noqa: F401

if TYPE_CHECKING:
    from tests.engine.limits.conftest import Board


class Background:
    """A reckoner on a board's clock, which goes on as a test says."""

    def __init__(self, board: Board) -> None:  # noqa: F811 - it is that board
        self.board = board
        self.reckoner = Reckoner(board.workspace, board.clock.monotonic())

    async def on(self, seconds: float = EVERY_S) -> None:
        """Goes on that long, and does what is due then."""
        self.board.clock.advance(seconds)
        await self.reckoner.drain(self.board.clock.monotonic())

    async def set_to(self, to: datetime) -> None:
        """Somebody sets the wall clock; the other one goes on a little."""
        self.board.clock._now = to
        await self.on()


@pytest.fixture
def background(board: Board) -> Background:  # noqa: F811 - it is that fixture
    return Background(board)


async def test_what_was_recorded_is_reckoned_at_the_next_look(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(budget_limit_cents=100)
    await background.on()
    board.spend(0.6)
    assert board.row().state == "unmeasured"
    await background.on()
    assert board.row().state == "warned"
    assert board.levels() == [("integration", 50.0)]


async def test_a_rate_falls_when_its_minute_is_over(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(rate_limit_rpm=2)
    board.record(board.call(), board.call())
    await background.on()
    assert board.row("rate").state == "over"
    await background.on(60)
    assert (board.row("rate").state, board.row("rate").used) == ("ok", 0)


async def test_minutes_are_forgotten_after_two_hours(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(rate_limit_rpm=2)
    board.record(board.call())
    await background.on(3600)
    assert _minutes(board)
    await background.on(3700)
    assert not _minutes(board)


def _minutes(board: Board) -> int:  # noqa: F811 - it is that board
    with board.database.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM usage_minutes")
        return int(count.scalar_one())


async def test_reservations_that_nobody_settled_are_given_back(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(token_limit_month=1000)
    board.record(board.call(tokens_in=0, tokens_out=0))
    await board.workspace.limits.check(board.tenant, "gpt", tokens=900, ttl_s=60)
    await background.on()
    blocked = await board.workspace.limits.check(board.tenant, "gpt", tokens=900)
    assert blocked.outcome == "blocked"
    await background.on(60)
    held = {one.measure: one.held for one in board.gauges() if one.scope == "integration"}
    assert held == {"budget": 0, "tokens": 0, "rate": 0}


async def test_a_new_month_empties_every_gauge(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(budget_limit_cents=100)
    await board.integration("other")
    board.record(board.call(), board.call(integration="other"))
    await background.on()
    assert board.row("budget", "tenant").used == 2 * 10**9
    await background.set_to(datetime(2026, 12, 1, tzinfo=UTC))
    assert {row.used for row in board.rows()} == {0}
    assert {row.state for row in board.rows() if row.limit_value} == {"ok"}
    # And a clock that is set back fills them again, and fires nothing twice.
    await background.set_to(datetime(2026, 11, 30, tzinfo=UTC))
    assert board.row("budget", "tenant").used == 2 * 10**9
    assert len(board.levels()) == 4


async def test_a_month_that_ended_while_nobody_looked_is_made_up_for(board: Board) -> None:  # noqa: F811
    await board.integration(budget_limit_cents=100)
    board.spend(1)
    board.reckon()
    board.go(datetime(2026, 12, 1, tzinfo=UTC))
    assert board.row().state == "over"
    await Background(board).on()
    assert (board.row().state, board.row().used) == ("ok", 0)


async def test_forecasts_are_made_anew_every_hour(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(budget_limit_cents=2_000)
    board.week()
    await background.on()
    first = board.row()
    await background.on(1800)
    assert board.row() == first
    await background.on(1801)
    later = board.row()
    assert later.urgency != first.urgency
    assert later.reckoned_at == board.clock.now()


async def test_what_was_never_used_costs_nothing(background: Background) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(budget_limit_cents=2_000)
    board.reckon()
    untouched = board.row("budget", "integration")
    await background.set_to(datetime(2026, 12, 1, tzinfo=UTC))
    await background.on(3601)
    assert board.row("budget", "integration") == untouched


async def test_a_database_that_is_away_is_asked_again(
    background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = background.board  # noqa: F811 - it is that board
    await board.integration(budget_limit_cents=100)
    await background.on()
    board.spend(1)
    await background.set_to(datetime(2026, 11, 22, tzinfo=UTC))
    board.spend(1)

    async def away(*_: object, **__: object) -> None:
        raise WorkspaceError("The database is locked.", temporary=True)

    with monkeypatch.context() as patch:
        patch.setattr(board.workspace, "write", away)
        with pytest.raises(WorkspaceError):
            await background.on(timedelta(minutes=1).total_seconds())
    await background.on()
    assert board.row().used == 2 * 10**9


# Alone in its database: nothing else is due, so nothing waits for a clock that stands still.
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_single_run_reckons_too(board: Board) -> None:  # noqa: F811 - it is that fixture
    made = await board.integration(budget_limit_cents=100)
    board.spend(1)
    await run_monitor(board.workspace, once=True)
    assert board.row().state == "over"
    assert made == board.row().subject
