"""Callers in several processes: none lets through too much, none keeps what it cannot use."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from storage.limits.reservations import expire

if TYPE_CHECKING:
    from tests.engine.limits.conftest import Board

pytestmark = pytest.mark.processes

PROGRAM = """
import asyncio, json, os, signal, sys
from datetime import UTC, datetime
from engine.clock import FixedClock
from engine.settings import Settings
from engine.workspace import Workspace

url, tenant, way = sys.argv[1:4]
noon = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

async def ask(workspace, times):
    asked = {"tokens": 7, "model": "m"}
    return [(await workspace.limits.check(tenant, "gpt", **asked)).reservation_id
            for _ in range(times)]

async def main():
    workspace = Workspace.open(Settings(database=url), clock=FixedClock(noon))
    found = await asyncio.gather(*(ask(workspace, 10) for _ in range(6)))
    print(json.dumps([one for some in found for one in some if one]), flush=True)
    if way == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    await workspace.aclose()

asyncio.run(main())
"""


def together(url: str, tenant: str, ways: list[str]) -> list[list[str]]:
    """Runs callers at once; each asks sixty times, six at a time. Gives what each reserved."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, tenant, way],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for way in ways
    ]
    done = [process.communicate(timeout=300) for process in running]
    expected = [-9 if way == "die" else 0 for way in ways]
    assert [process.returncode for process in running] == expected, done
    return [json.loads(out) for out, _ in done]


def standing(board: Board, scope: str = "integration") -> tuple[int, int]:
    """What is used and what is held of the tokens."""
    gauge = next(g for g in board.gauges() if (g.measure, g.scope) == ("tokens", scope))
    return gauge.used or 0, gauge.held


async def test_processes_reserve_to_the_limit_and_no_further(board: Board, url: str) -> None:
    await board.integration(token_limit_month=1000)
    limits = board.workspace.limits
    await limits.set_limits(board.tenant, "model", "m", token_limit_month=10_000)
    kept = [one for some in together(url, board.tenant, ["live"] * 3) for one in some]
    assert len(kept) == len(set(kept)) == 1000 // 7
    assert standing(board) == standing(board, "model") == (0, 142 * 7)
    calls = [board.call(tokens_in=7, tokens_out=0, model="m", reservation_id=one) for one in kept]
    board.record(*calls)
    assert standing(board) == standing(board, "model") == (142 * 7, 0)
    assert (await limits.check(board.tenant, "gpt", tokens=7)).outcome == "blocked"


async def test_what_killed_callers_held_comes_back_when_it_expires(board: Board, url: str) -> None:
    await board.integration(token_limit_month=1000)
    died, lived = together(url, board.tenant, ["die", "live"])
    assert len(died) + len(lived) == 120
    board.record(*(board.call(tokens_in=7, tokens_out=0, reservation_id=one) for one in lived))
    assert standing(board) == (len(lived) * 7, len(died) * 7)
    board.clock.advance(301)
    with board.database.write() as connection:
        assert expire(connection, board.clock.now()) == len(died)
    assert standing(board) == (len(lived) * 7, 0)
