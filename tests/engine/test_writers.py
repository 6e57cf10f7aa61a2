"""Eight processes that write to one file: every write is taken, and every total is exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import writers

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES, TURNS = 8, 24


@pytest.mark.processes
async def test_nobody_is_turned_away_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "board.db"
    url = f"sqlite:///{path}"
    writers.seed_integrations(url, writers.TARGETS)
    told = writers.run(url, TURNS, PROCESSES)
    assert [error for one in told for error in one.errors] == []
    assert sum(len(one.seconds) for one in told) == TURNS * writers.KINDS
    assert {asked: off for asked, off in writers.lost(path, TURNS).items() if off} == {}
    assert await writers.faults(url) == 0
