"""Several who write at once on a shared server: nothing is opened twice, and nothing is missed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from engine.incidents.conditions import close_retired
from engine.incidents.turning import turn
from engine.monitor.watching import Watcher
from engine.workspace import Workspace
from storage.health import CheckRow, HealthDriver
from storage.integrations import IntegrationsDriver
from tests.engine.conftest import NOON
from tests.engine.incidents.conftest import MINUTE
from tests.engine.incidents.test_conditions import reckon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.engine.incidents.conftest import Board

RECORDERS = 4
_WAITING = "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def record(workspace: Workspace, numbers: Sequence[int], at: int, state: str) -> None:
    rows = [
        CheckRow(target_number=number, checked_at=NOON + at * MINUTE, state=state, error=None)
        for number in numbers
    ]
    with workspace.database.write() as connection:
        turn(connection, HealthDriver(connection).record(rows).turned)


async def test_recorders_at_once_find_one_provider(workspace: Workspace, board: Board) -> None:
    """Each has some of the targets: none alone has half of them, and some wait for the others."""
    numbers = [board.add(f"gpt-{at:02}") for at in range(16)]
    shares = [numbers[at::RECORDERS] for at in range(RECORDERS)]
    states = ["failing"] * 3 + ["healthy"] * 2 + ["failing"] * 3
    with ThreadPoolExecutor(RECORDERS) as pool:
        for at, state in enumerate(states):
            done = [pool.submit(record, workspace, share, at, state) for share in shares]
            for one in done:
                one.result(timeout=60)
    waiting = [row for row in board.all() if row.closed_at is None]
    assert [(row.cause, row.members) for row in waiting] == [("provider", 16)]
    assert waiting[0].relapses == 1
    # Whichever came before there were enough of them, was closed as a part of it.
    own = [row for row in board.all() if row.cause == "lamp"]
    assert {row.merged_into for row in own} <= {waiting[0].number}
    assert board.told(waiting[0].number).count("opened") == 1
    assert board.told(waiting[0].number).count("closed") == 1


async def test_results_of_the_same_target_at_once_open_one(
    workspace: Workspace, board: Board
) -> None:
    number = board.add("gpt")
    with ThreadPoolExecutor(RECORDERS) as pool:
        done = [
            pool.submit(record, workspace, [number], at, "failing") for at in range(3 * RECORDERS)
        ]
        for one in done:
            one.result(timeout=60)
    # Older results than the lamp shows count for nothing, so it may take one more.
    for at in range(3):
        record(workspace, [number], 100 + at, "failing")
    assert [(row.cause, row.closed_at) for row in board.all()] == [("lamp", None)]


async def test_monitors_that_watch_at_once_tell_once(workspace: Workspace, board: Board) -> None:
    board.add("gpt")
    others = [
        Workspace.open(workspace.settings, clock=workspace.clock) for _ in range(RECORDERS - 1)
    ]
    try:
        for state, percent in (("warned", 85.0), ("over", 104.0), ("ok", 1.0)):
            reckon(workspace, state, percent)
            await asyncio.gather(*(Watcher(one).look() for one in (workspace, *others)))
    finally:
        for one in others:
            await one.aclose()
    row = board.one()
    assert board.told(row.number) == ["opened", "severity", "closed"]


async def test_an_acknowledgement_while_results_are_written_is_kept(
    workspace: Workspace, board: Board
) -> None:
    number = board.add("gpt")
    board.checked(number, "fff")
    seen = board.one()
    loop = asyncio.get_running_loop()
    writing = loop.run_in_executor(None, record, workspace, [number], 50, "degraded")
    said = await workspace.incidents.acknowledge("acme", seen.number, "Looking into it")
    await asyncio.wait_for(writing, 60)
    row = board.one()
    assert (row.severity, row.acknowledged_by, row.assignee) == ("warning", "olga", "olga")
    assert said.acknowledged_because == "Looking into it"
    assert sorted(board.told(row.number)) == ["acknowledged", "opened", "severity"]


async def test_an_acknowledgement_while_it_grows_worse_is_of_what_it_is_by_then(
    workspace: Workspace, board: Board
) -> None:
    """Whichever comes first: what was given to something less bad is taken back, and told."""
    number = board.add("gpt")
    board.checked(number, "ddd")
    seen = board.one()
    loop = asyncio.get_running_loop()
    writing = loop.run_in_executor(None, record, workspace, [number], 50, "failing")
    await workspace.incidents.acknowledge("acme", seen.number, "Looking into it")
    await asyncio.wait_for(writing, 60)
    row, told = board.one(), board.told(seen.number)
    assert (row.severity, row.worsened, row.assignee) == ("critical", 1, "olga")
    if row.acknowledged_at is None:
        assert told == ["opened", "acknowledged", "severity", "unacknowledged"]
    else:
        assert told == ["opened", "severity", "acknowledged"]


async def test_results_at_once_make_it_worse_once(workspace: Workspace, board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(8)]
    board.together(dict.fromkeys(numbers, "ddd"))
    with ThreadPoolExecutor(RECORDERS) as pool:
        shares = [numbers[at::RECORDERS] for at in range(RECORDERS)]
        done = [pool.submit(record, workspace, share, 50, "failing") for share in shares]
        for one in done:
            one.result(timeout=60)
    row = board.one()
    assert (row.severity, row.worsened) == ("critical", 1)
    assert board.told(row.number).count("severity") == 1


async def test_the_same_results_again_tell_nothing_again(
    workspace: Workspace, board: Board
) -> None:
    """A recorder that died after its commit, and did not know it."""
    number = board.add("gpt")
    for _ in range(2):
        for at in range(3):
            record(workspace, [number], at, "failing")
    row = board.one()
    assert board.told(row.number) == ["opened"]


@pytest.mark.parametrize(
    "settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
async def test_a_provider_takes_in_a_target_whose_result_is_just_being_written(
    workspace: Workspace, board: Board
) -> None:
    """Its writer may be waiting for the turn of the one who takes it in."""
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.checked(numbers[0], "fff")
    row = CheckRow(target_number=numbers[0], checked_at=NOON + 50 * MINUTE, state="degraded")
    with workspace.database.write() as first:
        turned = HealthDriver(first).record([row]).turned
        with workspace.database.write() as second:
            second.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
            rows = [
                CheckRow(target_number=number, checked_at=NOON + at * MINUTE, state="failing")
                for number in numbers[1:]
                for at in range(3)
            ]
            turn(second, HealthDriver(second).record(rows).turned)
        turn(first, turned)
    (provider,) = [row for row in board.all() if row.cause == "provider"]
    assert board.members(provider.number) == {"gpt-0", "gpt-1", "gpt-2"}


@pytest.mark.parametrize(
    "settings", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_what_is_out_of_use_is_closed_while_its_last_result_is_being_written(
    workspace: Workspace, board: Board
) -> None:
    """Both lock targets first and take turns then: else each had what the other waits for."""
    gone, other = board.add("gpt-0"), board.add("gpt-1")
    board.checked(gone, "fff")
    with workspace.database.write() as connection:
        IntegrationsDriver(connection).update("acme", "acme-gpt-0", {"active": False})
    rows = [
        CheckRow(target_number=number, checked_at=NOON + at * MINUTE, state="failing")
        for number in (gone, other)
        for at in range(50, 53)
    ]

    def close() -> int:
        with workspace.database.write() as connection:
            return close_retired(connection, NOON + 60 * MINUTE)

    with ThreadPoolExecutor(1) as pool:
        with workspace.database.write() as connection:
            turned = HealthDriver(connection).record(rows).turned
            closing = pool.submit(close)
            while not closing.done() and not connection.exec_driver_sql(_WAITING).scalar():
                pass
            turn(connection, turned)
        assert closing.result(timeout=60) == 1
    assert {row.closed_because for row in board.all()} == {"retired", None}
