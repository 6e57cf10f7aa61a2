"""What lists sort by follows usage, and each warning level is noted once a period."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.limits.conftest import Board

ALL = [("integration", 50.0), ("integration", 80.0), ("integration", 95.0), ("integration", 100.0)]


async def test_what_was_recorded_is_reckoned_once(board: Board) -> None:
    await board.integration(budget_limit_cents=10_000, rate_limit_rpm=4)
    board.reckon()
    board.spend(60)

    assert board.reckon() > 0
    assert board.reckon() == 0
    row = board.row()
    assert (row.state, row.used, row.percent) == ("warned", 60 * 10**9, 60.0)
    assert row.reckoned_at == board.clock.now()
    assert (board.row("rate").state, board.row("rate").used) == ("ok", 1)
    assert (board.row("tokens").state, board.row("tokens").used) == ("unlimited", 1000)


async def test_a_chunk_leaves_the_rest_for_the_next(board: Board) -> None:
    for name in ("a", "b", "c"):
        await board.integration(name, budget_limit_cents=100)
    board.reckon()
    board.record(*(board.call(integration=name) for name in ("a", "b", "c")))

    assert [board.reckon(limit=2) for _ in range(5)] == [2, 2, 1, 0, 0]
    assert {row.state for row in board.rows() if row.limit_value} == {"over"}


async def test_each_level_is_noted_once_in_a_month(board: Board) -> None:
    await board.integration(budget_limit_cents=10_000)
    for dollars in (49, 1, 20, 10, 19, 1, 50):
        board.spend(dollars)
        board.reckon()

    assert board.levels() == ALL
    first = board.reached()[-1]
    assert (first.used, first.limit_value) == (50 * 10**9, 100 * 10**9)
    assert first.at == board.clock.now()
    assert first.period_start == datetime(2026, 11, 1, tzinfo=UTC)


async def test_a_leap_over_several_levels_notes_each(board: Board) -> None:
    await board.integration(budget_limit_cents=100)
    board.spend(5)
    board.reckon()
    assert board.levels() == ALL


async def test_a_raised_limit_brings_no_level_a_second_time(board: Board) -> None:
    found = await board.integration(budget_limit_cents=10_000)
    board.spend(60)
    board.reckon()
    await board.workspace.integrations.update_integration(
        board.tenant, found, budget_limit_cents=100_000
    )
    board.reckon()
    assert board.row().state == "ok"
    board.spend(500)
    board.reckon()
    assert board.levels() == ALL[:1]
    board.spend(300)
    board.reckon()
    assert board.levels() == ALL[:2]


async def test_a_lowered_limit_warns_without_any_new_usage(board: Board) -> None:
    found = await board.integration(budget_limit_cents=10_000)
    board.spend(10)
    board.reckon()
    await board.workspace.integrations.update_integration(
        board.tenant, found, budget_limit_cents=1_500
    )
    board.reckon()
    assert (board.row().state, board.levels()) == ("warned", ALL[:1])


async def test_own_levels_take_the_place_of_the_boards(board: Board) -> None:
    found = await board.integration(budget_limit_cents=10_000)
    await board.workspace.limits.set_limits(
        board.tenant, "integration", found, warning_levels=[33.3, 120]
    )
    for dollars in (33, 0.3, 80, 6.7):
        board.spend(dollars)
        board.reckon()
    assert board.levels() == [("integration", 33.3), ("integration", 120.0)]


async def test_many_who_reckon_at_once_note_each_level_once(board: Board) -> None:
    await board.integration(budget_limit_cents=100)
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def go() -> None:
        try:
            start.wait(60)
            for _ in range(5):
                board.spend(1)
                board.reckon()
        except BaseException as error:  # noqa: BLE001 - told by the assertion
            failures.append(error)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    board.reckon()

    assert not failures
    assert sorted(board.levels()) == ALL
    assert board.row().used == 20 * 10**9


async def test_recording_reserving_setting_and_reckoning_go_on_at_once(board: Board) -> None:
    made = await board.integration(budget_limit_cents=10**6, token_limit_month=10**9)
    limits, rounds = board.workspace.limits, 8

    async def record() -> None:
        for _ in range(rounds):
            told = await board.workspace.usage.record(
                board.tenant, [board.call(), board.call(agent="crawler")]
            )
            assert told.new == 2

    async def reserve() -> None:
        for _ in range(rounds):
            said = await limits.check(board.tenant, "gpt", tokens=10, cost=1, model="gpt-4o")
            await limits.release(board.tenant, str(said.reservation_id))

    async def change() -> None:
        for cents in range(rounds):
            for scope, subject in (("integration", made), ("model", "gpt-4o")):
                await limits.set_limits(
                    board.tenant, scope, subject, budget_limit_cents=10**6 + cents
                )

    async def reckon_often() -> None:
        for _ in range(rounds):
            await limits.reckon()

    await asyncio.gather(*(do() for do in (record, reserve, change, reckon_often) * 2))
    board.reckon()
    board.reckon()
    row = board.row()
    assert (row.used, row.limit_value) == (4 * rounds * 10**9, (10**6 + rounds - 1) * 10**7)
    assert {gauge.held for gauge in board.gauges()} == {0}


async def test_a_new_month_warns_anew(board: Board) -> None:
    await board.integration(budget_limit_cents=10_000)
    board.spend(60)
    board.reckon()
    board.go(datetime(2026, 12, 3, tzinfo=UTC))
    board.spend(60)
    board.reckon()

    assert board.levels() == [ALL[0], ALL[0]]
    assert [one.period_start.month for one in board.reached()] == [12, 11]
    assert board.row().used == 60 * 10**9


@pytest.mark.parametrize(("hours", "noted"), [(0.1, ALL[:1]), (23.9, ALL[:1]), (24.1, [])])
async def test_late_records_make_last_months_levels_known_for_a_day(
    board: Board, hours: float, noted: list[tuple[str, float]]
) -> None:
    await board.integration(budget_limit_cents=10_000)
    end = datetime(2026, 12, 1, tzinfo=UTC)
    board.go(end + timedelta(hours=hours))
    board.spend(60, end - timedelta(seconds=1))
    board.reckon()

    assert board.levels() == noted
    assert (board.row().state, board.row().used) == ("ok", 0)


async def test_usage_of_long_ago_alarms_nobody_but_is_measured(board: Board) -> None:
    await board.integration(budget_limit_cents=100)
    board.spend(1000, datetime(2025, 2, 1, tzinfo=UTC))
    board.reckon()
    assert (board.row().state, board.row().used, board.levels()) == ("ok", 0, [])


async def test_a_clock_that_jumps_repeats_nothing(board: Board) -> None:
    await board.integration(budget_limit_cents=10_000)
    board.spend(60)
    board.reckon()
    now = board.clock.now()
    for to in (now + timedelta(days=20), now - timedelta(days=40), now):
        board.go(to)
        await _all_again(board)
    assert board.levels() == ALL[:1]
    assert (board.row().state, board.row().used) == ("warned", 60 * 10**9)


async def _all_again(board: Board) -> None:
    from engine.usage.period import period_of
    from storage.limits.stale import mark_stale

    with board.database.write() as connection:
        now = board.clock.now()
        mark_stale(connection, {row.meter_number for row in board.rows()}, period_of(now).start)
    board.reckon()


async def test_a_rates_levels_are_noted_once_a_day(board: Board) -> None:
    await board.integration(rate_limit_rpm=4)
    for _ in range(2):
        for _ in range(4):
            board.record(board.call())
            board.reckon()
        board.clock.advance(120)
    assert board.levels("rate") == ALL
    board.go(board.clock.now() + timedelta(days=1))
    board.record(board.call(), board.call())
    board.reckon()
    assert board.levels("rate") == [*ALL, ALL[0]]


async def test_a_minute_that_ended_since_is_looked_at_too(board: Board) -> None:
    await board.integration(rate_limit_rpm=2)
    board.clock.advance(59)
    board.record(board.call(), board.call())
    board.clock.advance(2)
    board.reckon()
    assert (board.row("rate").state, board.row("rate").used) == ("ok", 0)
    assert board.levels("rate") == ALL
