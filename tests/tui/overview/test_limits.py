from __future__ import annotations

import pytest

from tests.tui.board import Driver, board
from tests.tui.fakes import FakeWorkspace
from tests.tui.gauge_samples import LASTS, NOW, gauge
from tui.overview.rows import gauge_line, gauge_lines, limited
from tui.theme import UNICODE
from tui.widgets.cells import cell_text, cell_width

SIZES = [(80, 24), (120, 40)]
OVER = gauge(
    id="2",
    name="claude-batch",
    subject="i0",
    state="over",
    percent=118.0,
    used=590 * 10**9,
    urgency=0,
)
CALM = gauge(
    id="3", name="calm-one", subject="x", state="ok", percent=12.0, forecast=LASTS, urgency=9
)


def world_with(*gauges: object) -> FakeWorkspace:
    world = FakeWorkspace()
    world.gauges = gauges  # type: ignore[assignment]
    return world


@pytest.mark.parametrize("size", SIZES)
async def test_what_runs_out_first_is_there_at_every_size(size: tuple[int, int]) -> None:
    async with board(world_with(CALM, gauge(), OVER), size) as driver:
        await driver.shows("claude-batch")
        assert "over until Apr 1" in driver.text
        assert "118%" in driver.text
        # 80 columns have room for the first alone.
        assert ("Mar 18 (17 to 20)" in driver.text) == (size[0] > 80)


@pytest.mark.parametrize("size", SIZES)
async def test_the_header_counts_limits_that_are_near(size: tuple[int, int]) -> None:
    async with board(world_with(CALM, gauge(), OVER), size) as driver:
        await driver.shows("limits ✖")
        await driver.settled()


async def test_without_limits_the_panel_says_how_to_set_one() -> None:
    async with board(world_with(), (120, 40)) as driver:
        await driver.shows("Nothing here is limited. 6 sets limits.")
        assert "limits ✖" not in driver.text


async def test_without_limits_a_narrow_wall_keeps_its_lines() -> None:
    heights = []
    for gauges in ((), (OVER,)):
        async with board(world_with(*gauges), (80, 24)) as driver:
            await driver.settled()
            heights.append(driver.app.screen.query_one("#wall").size.height)
    assert heights[0] == heights[1] + 1


async def test_a_filter_keeps_the_limits_of_what_it_shows() -> None:
    async with board(world_with(CALM, OVER), (120, 40)) as driver:
        await driver.shows("calm-one")
        await _filter(driver, "claude")
        assert "118%" in driver.text
        assert "calm-one" not in driver.text


async def _filter(driver: Driver, words: str) -> None:
    await driver.press("slash", *words, "enter")
    await driver.shows(f"/{words}")


def test_what_is_unlimited_is_left_out_and_the_first_comes_first() -> None:
    free = gauge(id="4", state="unlimited", limit=0, percent=None, urgency=0)
    assert limited((CALM, free, OVER)) == (OVER, CALM)


@pytest.mark.parametrize("width", [38, 58, 80, 118])
def test_a_line_is_as_wide_as_its_panel(width: int) -> None:
    for one in (CALM, OVER, gauge(), gauge(state="unmeasured", used=None, percent=None)):
        assert cell_width(gauge_line(one, width, NOW, UNICODE)) == width


def test_what_was_never_measured_says_so() -> None:
    unknown = gauge(state="unmeasured", used=None, percent=None, forecast=None)
    (line,) = gauge_lines((unknown,), 58, NOW, UNICODE)
    assert "not measured" in cell_text(line)
    assert "%" not in cell_text(line)
