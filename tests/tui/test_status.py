from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.health.model import MonitorStatus
from tui.status import BoardStatus, header
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
LAMPS = {"healthy": 41, "degraded": 2, "failing": 1, "unknown": 3}
AT_WORK = MonitorStatus(alive=True, checks_per_minute=12)
NEAR = {"over": 1, "warned": 2, "ok": 7, "unlimited": 30}


def line(width: int, **more: Any) -> str:
    said: dict[str, Any] = {"tenant": "acme-prod", "counts": LAMPS, "monitor": AT_WORK} | more
    shown = cell_text(header(BoardStatus(**said), NOW, width, UNICODE))
    assert len(shown) == width
    return shown


def test_limits_stand_beside_the_lamps() -> None:
    assert "○ 3   limits ✖ 1 ▲ 2   monitor ● 12 checks/min   14:02:11" in line(120, gauges=NEAR)


@pytest.mark.parametrize("width", [80, 120])
def test_where_no_limit_is_near_nothing_is_said(width: int) -> None:
    assert line(width, gauges={"ok": 7, "unlimited": 30}) == line(width)
    assert "limits" not in line(width)
    assert "monitor ●" in line(width)


def test_at_80_columns_the_number_of_all_is_said_with_the_worst_glyph() -> None:
    shown = line(80, gauges=NEAR)
    assert "limits ✖3" in shown
    assert "○ 3" in shown
    assert "14:02:11" in shown


def test_limits_go_before_a_monitor_that_works_and_not_before_one_that_does_not() -> None:
    crowded = dict.fromkeys(LAMPS, 1000)
    shown = line(86, counts=crowded, gauges=NEAR)
    assert "limits ✖3" in shown
    assert "monitor" not in shown
    silent = line(92, counts=crowded, gauges=NEAR, monitor=MonitorStatus(alive=False))
    assert "monitor ✖ none" in silent
    assert "limits" not in silent


def test_plain_letters_where_those_are_wanted() -> None:
    status = BoardStatus(tenant="a", counts=LAMPS, gauges=NEAR, monitor=AT_WORK)
    assert "limits x 1 ! 2" in cell_text(header(status, NOW, 120, ASCII))


@pytest.mark.parametrize("width", range(10, 130))
def test_it_never_takes_more_than_there_is(width: int) -> None:
    status = BoardStatus(tenant="a" * 40, counts=LAMPS, gauges=NEAR, monitor=AT_WORK)
    assert len(cell_text(header(status, NOW, width, UNICODE))) <= max(width, 40)
