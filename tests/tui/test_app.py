from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest.mock import AsyncMock

import pytest
from textual import events

from engine.errors import WorkspaceError
from engine.health.model import MonitorStatus
from tests.resting import until
from tests.tui.board import board
from tests.tui.fakes import FakeWorkspace, lamp, settings_for
from tui import themes
from tui.app import BoardApp
from tui.widgets.screen import BoardScreen

if TYPE_CHECKING:
    from pathlib import Path

    from engine.health.model import Overview


async def test_the_first_frame_comes_before_the_workspace() -> None:
    world = FakeWorkspace()
    opened = asyncio.Event()
    loop = asyncio.get_running_loop()
    frames: list[str] = []

    def open_late(settings: object) -> object:
        frames.append(app.export_screenshot())
        loop.call_soon_threadsafe(opened.set)
        return world

    app = BoardApp(settings_for(), open_late, world.clock)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)):
        await opened.wait()
        assert "Over" in frames[0]
        assert "acme-prod" in frames[0]
        assert "Loading" in frames[0]


def test_importing_the_app_loads_nothing_heavy() -> None:
    code = "import sys, tui.app; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"sqlalchemy", "httpx", "aiohttp", "pydantic", "alembic", "cryptography", "yaml",
             "keyring", "structlog", "rich_click", "engine.workspace"}  # fmt: skip
    assert not heavy & set(loaded.stdout.split())


async def test_every_place_is_reached_by_its_number() -> None:
    async with board() as driver:
        assert "47 lamps" in driver.text
        await driver.press("5")
        assert "Health 47" in driver.text
        await driver.press("9")
        assert "newest first" in driver.text
        await driver.press("1")
        assert "worst first" in driver.text


async def test_going_by_name() -> None:
    async with board() as driver:
        await driver.press("colon", "h", "e", "a", "l")
        await driver.shows("The live board")
        await driver.press("enter")
        await driver.shows("Health 47")


async def test_the_header_tells_counts_monitor_and_time() -> None:
    async with board() as driver:
        header = driver.lines[0]
        assert "acme-prod" in header
        assert "● 38  ▲ 3  ✖ 3  ○ 3" in header
        assert "12 checks/min" in header
        assert "14:02:11 UTC" in header
        driver.world.monitor = MonitorStatus(alive=False)
        await driver.change("monitors")
        assert "not running" in driver.lines[0]


async def test_the_header_is_counted_after_the_first_page() -> None:
    world = FakeWorkspace()
    asked: list[bool] = []
    world.health.counts = counted = AsyncMock(side_effect=world.health.counts)  # type: ignore[method-assign]
    overview = world.health.overview

    async def slow(tenant_id: str, **how: object) -> Overview:
        for _ in range(50):
            await asyncio.sleep(0)
        asked.append(bool(counted.await_count))
        return await overview(tenant_id, **how)

    world.health.overview = slow  # type: ignore[method-assign]
    async with board(world) as driver:
        assert asked[0] is False
        await driver.shows("● 38  ▲ 3  ✖ 3  ○ 3")


async def test_a_change_reloads_what_is_in_sight_and_only_that() -> None:
    async with board() as driver:
        await driver.press("5", "1")
        driver.world.calls.clear()
        driver.world.lamps = (lamp(1, "failing"),)
        await driver.change("health")
        assert "overview" in driver.world.calls
        assert "board" not in driver.world.calls
        assert "1 lamp" in driver.text
        await driver.press("5")
        assert "board" in driver.world.calls
        assert "Health 1" in driver.text


async def test_pause_holds_the_board_and_going_on_catches_up() -> None:
    async with board() as driver:
        await driver.press("Z")
        assert "paused" in driver.lines[0]
        driver.world.lamps = (lamp(1, "failing"),)
        await driver.change("health")
        assert "47 lamps" in driver.text
        await driver.press("Z")
        assert "1 lamp" in driver.text


async def test_another_tenant_is_shown_everywhere() -> None:
    async with board() as driver:
        await driver.press("5", "ctrl+t")
        await driver.shows("zeta")
        await driver.press("z", "e")
        await driver.press("down", "enter")
        await driver.shows("zeta ▾")
        assert driver.app.desk.tenant_id == "zeta"


async def test_help_lists_the_keys_of_the_place() -> None:
    async with board(size=(120, 60)) as driver:
        await driver.press("5", "question_mark")
        assert "Check this lamp now" in driver.text
        assert "Change the tenant" in driver.text
        await driver.press("escape")
        assert "Check this lamp now" not in driver.text


async def test_read_only_says_so_and_takes_writing_keys_away() -> None:
    async with board(size=(120, 60), read_only=True) as driver:
        assert "read-only" in driver.lines[0]
        await driver.press("5")
        assert "test" not in driver.lines[-1]
        await driver.press("question_mark")
        assert "Check this lamp now" not in driver.text


@pytest.mark.parametrize("theme", themes.TITLES)
async def test_every_theme_draws_every_place(theme: str) -> None:
    async with board(size=(80, 24), theme=theme) as driver:
        assert driver.app.theme == theme
        await driver.press("5", "9")
        assert "newest first" in driver.text


@pytest.mark.parametrize(
    "keys",
    [
        ("j",),
        ("4",),
        ("5", "down", "enter"),
        ("9",),
        ("4", "n"),
        ("4", "d"),
        ("4", "s"),
        ("4", "slash", *"provider:anthropic"),
        ("question_mark",),
        ("colon",),
        ("ctrl+p",),
        ("ctrl+t",),
    ],
    ids=" ".join,
)
async def test_ascii_draws_nothing_else(keys: tuple[str, ...]) -> None:
    async with board(size=(80, 24), ascii=True) as driver:
        driver.app.notify("Said aloud.", title="Word")
        await driver.press(*keys)
        assert driver.text.isascii(), {letter for letter in driver.text if not letter.isascii()}


async def test_what_is_cut_is_marked_in_ascii_too() -> None:
    async with board(size=(80, 24), ascii=True) as driver:
        driver.app.show_tenant("a-tenant-whose-name-is-longer-than-its-room")
        await driver.settled()
        assert "a-tenant-whose-name-is-~" in driver.text


async def test_without_colour_none_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with board() as driver:
        strips = driver.app.screen._compositor.render_strips()
        filters = driver.app.get_line_filters()
        background = driver.app.screen.background_colors[1]
        sent = [
            strip.apply_filter(one, background)
            for strip in strips
            for one in filters
            if one.enabled
        ]
        styles = [part.style for strip in sent for part in strip if part.style is not None]
        assert styles
        assert all(style.color is None or style.color.is_default for style in styles)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)


async def test_hostile_names_show_on_every_screen(corpora: Path) -> None:
    lines = (corpora / "hostile_text.jsonl").read_text().splitlines()
    values = [json.loads(line)["value"] for line in lines]
    world = FakeWorkspace()
    world.lamps = tuple(
        lamp(n, "failing", name=value, message=value, remedy=value, error=value, technology=value)
        for n, value in enumerate(values)
    )
    async with board(world, tenant=values[0]) as driver:
        for key in ("1", "j", "l", "5", "j", "j", "j", "pagedown", "9"):
            await driver.press(key)
            assert all(line.isprintable() for line in driver.lines)


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting_closes_the_workspace(key: str) -> None:
    async with board() as driver:
        await driver.pilot.press(key)
        await driver.pilot.pause()
    assert driver.world.closed
    assert driver.app.return_code == 0


async def test_a_workspace_that_cannot_open_is_an_error_with_a_way_on() -> None:
    world = FakeWorkspace()
    tries: list[int] = []

    def open_second_time(_settings: object) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise WorkspaceError("The database is locked by another program.", hint="Wait for it.")
        return world

    app = BoardApp(settings_for(), open_second_time, world.clock)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, BoardScreen)
        await until(lambda: screen.state == "error")
        await pilot.press("R")
        await until(lambda: screen.state == "normal")


SECRET = "sk-planted-canary-7f3a"


def test_a_crash_tells_no_secret(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "lampboard.log"
    code = f"""
import asyncio
from tests.tui.fakes import FakeWorkspace, opener, settings_for
from tui.app import BoardApp
class Crashing(BoardApp):
    def begin(self):
        secret = {SECRET!r}
        raise ValueError("bad value " + secret)
app = Crashing(settings_for(log_file={str(log)!r}), opener(FakeWorkspace()))
app.run(headless=True)
raise SystemExit(app.return_code)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60,
        env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    written = log.read_text()
    assert done.returncode == 1
    assert SECRET not in done.stdout + done.stderr + written
    assert "Traceback" not in done.stderr
    assert "ValueError" in done.stderr
    assert "lampboard.log" in done.stderr
    assert "in begin" in written
    assert log.stat().st_mode & 0o777 == 0o600


async def test_an_unexpected_error_of_a_load_is_shown_without_its_words(tmp_path: Path) -> None:
    log = tmp_path / "lampboard.log"
    world = FakeWorkspace()
    world.fail = ValueError(f"bad value {SECRET}")
    async with board(world, log_file=str(log)) as driver:
        await driver.shows("unexpected ValueError")
        assert str(log)[:20] in driver.text
        assert SECRET not in driver.app.export_screenshot()
    assert SECRET not in log.read_text()
    assert "fakes.py" in log.read_text()


async def test_letters_typed_before_the_filter_is_open_are_not_lost() -> None:
    async with board() as driver:
        await driver.press("5")
        # In one piece, as a slow line or a paste brings them.
        for letter in "/gpt":
            key = "slash" if letter == "/" else letter
            driver.app.post_message(events.Key(key, letter))
        await driver.shows("/ gpt")
