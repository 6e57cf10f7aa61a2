"""What is worse than it ever was: told once, and whoever acknowledged less is asked again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from engine.errors import EditConflict
from engine.incidents.turning import turn
from engine.monitor.watching import Watcher
from engine.workspace import Workspace
from storage.health import CheckRow, HealthDriver
from storage.limits.meters import MetersDriver
from tests.engine.conftest import NOON
from tests.engine.incidents.conftest import MINUTE
from tests.engine.incidents.test_conditions import look, reckon

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from tests.engine.incidents.conftest import Board


def test_a_warning_that_turns_critical_is_worse_once_however_often_it_does(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "dddd")
    row = board.one()
    assert (row.gravity, row.worst, row.worsened, row.worsened_at) == (0, 0, 0, None)
    board.checked(number, "f")
    row, at = board.one(), board.at[number]
    assert (row.gravity, row.worst, row.worsened, row.worsened_at) == (100, 100, 1, at)
    board.checked(number, "dfdf")
    row = board.one()
    assert (row.severity, row.worsened, row.worsened_at) == ("critical", 1, at)
    assert board.told(row.number) == ["opened", *["severity"] * 5]


async def test_what_was_acknowledged_as_less_bad_waits_for_somebody_again(
    workspace: Workspace, board: Board
) -> None:
    number = board.add("gpt")
    board.checked(number, "ddd")
    found = board.one().number
    await workspace.incidents.acknowledge("acme", found, "Looking into it")
    board.checked(number, "f")
    shown = await workspace.incidents.get("acme", found)
    assert (shown.state, shown.assignee, shown.acknowledged_by) == ("open", "olga", None)
    assert (shown.worsened, shown.worsened_at) == (1, board.at[number])
    assert (await workspace.incidents.headline("acme")).critical == 1
    *_, last = board.events(found)
    assert (last.what, last.actor, last.said) == ("unacknowledged", None, "It grew worse.")
    # Who has seen the worst of it is left alone.
    await workspace.incidents.acknowledge("acme", found, "Calling them")
    board.checked(number, "dfdf")
    assert (await workspace.incidents.get("acme", found)).state == "acknowledged"
    text = await workspace.incidents.post_mortem("acme", found)
    assert "Acknowledgement taken back**: It grew worse." in text
    assert "| **Grew worse** | once |" in text


async def test_who_is_just_acknowledging_what_it_was_looks_again_first(
    workspace: Workspace, board: Board
) -> None:
    number = board.add("gpt")
    board.checked(number, "ddd")
    seen = await workspace.incidents.get("acme", board.one().number)
    board.checked(number, "f")
    with pytest.raises(EditConflict):
        await workspace.incidents.acknowledge(
            "acme", seen.number, "Mine", expected_version=seen.version
        )
    board.checked(number, "d")
    again = await workspace.incidents.get("acme", seen.number)
    board.checked(number, "f")
    await workspace.incidents.acknowledge(
        "acme", seen.number, "Mine", expected_version=again.version
    )


def test_a_relapse_begins_anew_and_what_grew_worse_stays_counted(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "dddf" + "hh" + "ddd")
    row = board.one()
    assert (row.relapses, row.gravity, row.worst) == (1, 0, 0)
    assert (row.worsened, row.worsened_at) == (1, None)
    board.checked(number, "f")
    row = board.one()
    assert (row.worsened, row.worsened_at) == (2, board.at[number])


def test_what_flaps_is_worse_once_it_fails(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "ddd" + "hdhdhd")
    assert (board.one().flapping, board.one().worsened) == (True, 0)
    board.checked(number, "hfhdhf")
    row = board.one()
    assert (row.flapping, row.severity, row.worsened) == (True, "critical", 1)


def test_a_provider_that_fails_after_it_was_degraded_is_worse(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(4)]
    board.together(dict.fromkeys(numbers[:3], "ddd"))
    assert (board.one().cause, board.one().worsened) == ("provider", 0)
    board.checked(numbers[3], "ddd")
    assert board.one().worsened == 0, "more of the same is not worse"
    board.checked(numbers[0], "fdf")
    row = board.one()
    assert (row.severity, row.worsened, row.worst) == ("critical", 1, 100)


def test_a_monitor_needs_no_more_statements_for_what_grows_worse(board: Board) -> None:
    def statements(state: str, at: int) -> list[str]:
        told: list[str] = []
        row = CheckRow(target_number=number, checked_at=NOON + at * MINUTE, state=state)
        with board.workspace.database.write() as connection:
            turned = HealthDriver(connection).record([row]).turned

            def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
                told.append(statement.split(" ", 1)[0])

            event.listen(connection, "before_cursor_execute", note)
            turn(connection, turned)
            event.remove(connection, "before_cursor_execute", note)
        return told

    number = board.add("gpt")
    board.checked(number, "ddd")
    worse, better = statements("failing", 50), statements("degraded", 51)
    assert worse == better
    assert board.one().worsened == 1
    assert statements("degraded", 52) == []


# Limits


async def test_each_higher_level_is_worse_once_and_over_the_limit_is_too(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", 55)
    await look(workspace)
    number = board.one().number
    await workspace.incidents.acknowledge("acme", number, "We know")
    for percent in (82, 79, 85):
        clock.advance(60)
        reckon(workspace, "warned", percent)
        await look(workspace)
    row = board.one()
    assert (row.title, row.gravity, row.worst) == ("gpt has reached 80 % of its budget", 80, 80)
    assert (row.worsened, row.worsened_at) == (1, NOON + MINUTE)
    assert board.told(number) == ["opened", "acknowledged", "worsened", "unacknowledged"]
    worse = next(one for one in board.events(number) if one.what == "worsened")
    assert (worse.said, worse.actor) == ("gpt has reached 80 % of its budget", None)
    reckon(workspace, "over", 130)
    await look(workspace)
    row = board.one()
    assert (row.title, row.worst, row.worsened) == ("gpt is over its budget", 100, 2)
    assert board.told(number)[4:] == ["severity"]


async def test_a_level_beyond_the_limit_is_worse_than_being_over_it(
    workspace: Workspace, board: Board
) -> None:
    board.add("gpt")
    meter = reckon(workspace, "over", 120)
    with workspace.database.write() as connection:
        MetersDriver(connection).set_limits(meter, warning_levels=(80.0, 150.0), now=NOON)
    await look(workspace)
    reckon(workspace, "over", 151)
    await look(workspace)
    row = board.one()
    assert (row.severity, row.title) == ("critical", "gpt has reached 150 % of its budget")
    assert (row.worst, row.worsened) == (150, 1)


async def look_from(workspace: Workspace, least: int) -> bool:
    """Look as a monitor does that was told from which warning level on incidents are wanted."""
    before = workspace.settings
    workspace.settings = replace(before, incident_limit_percent=least)
    try:
        return await Watcher(workspace).look()
    finally:
        workspace.settings = before


async def test_a_level_below_the_setting_makes_none_worse(
    workspace: Workspace, board: Board
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", 55)
    await look_from(workspace, 0)
    reckon(workspace, "warned", 82)
    await look_from(workspace, 95)
    row = board.one()
    assert (row.title, row.worsened) == ("gpt has reached 80 % of its budget", 0)
    assert not await look_from(workspace, 95)
    # Another monitor, of which it is wanted, tells it though the title says so already.
    await look_from(workspace, 0)
    assert (board.one().worsened, board.one().worst) == (1, 80)
    assert not await look_from(workspace, 0)
    assert not await look_from(workspace, 95)
    reckon(workspace, "warned", 96)
    await look_from(workspace, 95)
    assert (board.one().worsened, board.one().worst) == (2, 95)


@pytest.mark.parametrize(
    ("closed_at", "then", "opens"),
    [
        ([82], 84, False),
        ([82], 96, True),
        ([82], 104, True),
        ([104], 130, False),
        # It was worse, and was not when somebody said that this is all right.
        ([104, 82], 96, True),
        ([104, 82], 104, True),
    ],
)
async def test_what_somebody_closed_opens_again_at_a_higher_level(
    workspace: Workspace, board: Board, closed_at: list[int], then: int, opens: bool
) -> None:
    def is_at(percent: int) -> None:
        reckon(workspace, "over" if percent > 100 else "warned", percent)

    board.add("gpt")
    for percent in closed_at:
        is_at(percent)
        await look(workspace)
    await workspace.incidents.close("acme", board.one().number, "We know")
    is_at(then)
    await look(workspace)
    assert (board.one().closed_at is None) is opens


async def test_monitors_that_watch_at_once_tell_once_that_it_grew_worse(
    workspace: Workspace, board: Board
) -> None:
    board.add("gpt")
    others = [Workspace.open(workspace.settings, clock=workspace.clock) for _ in range(3)]
    try:
        for state, percent in (("warned", 55), ("warned", 82), ("warned", 96), ("over", 104)):
            reckon(workspace, state, percent)
            await asyncio.gather(*(Watcher(one).look() for one in (workspace, *others)))
    finally:
        for one in others:
            await one.aclose()
    row = board.one()
    assert board.told(row.number) == ["opened", "worsened", "worsened", "severity"]
    assert row.worsened == 3


async def test_a_lamp_that_somebody_closed_as_a_warning_opens_when_it_fails(
    workspace: Workspace, board: Board
) -> None:
    number = board.add("gpt")
    board.checked(number, "ddd")
    await workspace.incidents.close("acme", board.one().number, "Slow is all right")
    board.checked(number, "d", error="rate_limited")
    assert board.one().closed_because == "Slow is all right"
    board.checked(number, "f")
    row = board.one()
    assert (row.closed_at, row.severity, row.relapses) == (None, "critical", 1)
    await workspace.incidents.close("acme", row.number, "That too")
    board.checked(number, "df", error="http_500")
    assert board.one().closed_because == "That too"


async def test_a_provider_that_somebody_closed_as_a_warning_opens_when_one_fails(
    workspace: Workspace, board: Board
) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.together(dict.fromkeys(numbers, "ddd"))
    await workspace.incidents.close("acme", board.one().number, "Slow is all right")
    board.checked(numbers[0], "d", error="rate_limited")
    assert board.one().closed_because == "Slow is all right"
    board.checked(numbers[0], "f")
    row = board.one()
    assert (row.closed_at, row.severity, row.members) == (None, "critical", 3)
