from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Add, Run


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> FixedClock:
    clock = FixedClock(datetime(2026, 3, 14, 14, 2, tzinfo=UTC))
    monkeypatch.setattr("engine.workspace.SystemClock", lambda: clock)
    return clock


def test_the_board_is_shown_as_it_is_and_as_it_was(board: Run, add: Add, held: FixedClock) -> None:
    add("good")
    add("bad", secret="sk-wrong")
    held.advance(3600)
    board("health", "check")
    held.advance(2 * 3600)
    now = board("health", "board", "-o", "json")
    told = [(one["name"], one["state"], one["uptime_365d"]) for one in now.json["items"]]
    assert told == [("bad", "failing", 0.0), ("good", "healthy", 1.0)]
    then = board("health", "board", "--at", "150min", "-o", "json")
    assert {one["state"] for one in then.json["items"]} == {"unknown"}
    assert {one["uptime_24h"] for one in then.json["items"]} == {None}
    assert "As it was at 2026-03-14 14:32:00Z: 2 unknown." in then.err
    shown = board("health", "board", "failing", "--at", "1h")
    assert "bad" in shown.out
    assert "good" not in shown.out
    assert "0.00%" in shown.out
    earlier = board("health", "board", "--at", "2026-03-13")
    assert (earlier.code, earlier.out) == (0, "")
    assert "no lamp" in earlier.err
    soon = board("health", "board", "--at", "2026-03-15")
    assert soon.code == 2
    assert "still to come" in soon.err
    assert board("health", "board", "--at", "yesterday").code == 2
    assert "1 more match" in board("health", "board", "--limit", "1").err


def test_history_begins_where_it_is_told_to(board: Run, add: Add, held: FixedClock) -> None:
    add("good")
    for _ in range(3):
        held.advance(3600)
        board("health", "check")
    assert board("health", "history", "good", "-o", "json").json["total"] == 3
    assert board("health", "history", "good", "--since", "1h", "-o", "json").json["total"] == 2
    assert board("health", "history", "-o", "json").json["total"] == 1
    assert board("health", "history", "--since", "90min", "-o", "json").json["total"] == 0
    assert board("health", "history", "--since", "soon").code == 2
