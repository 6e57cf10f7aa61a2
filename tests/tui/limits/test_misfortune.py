"""Hands on every key, terminals of every size, and a list that changes below the cursor."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.tui.inventory.driver import TENANT
from tests.tui.limits.conftest import usage
from tui.widgets import screen

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.limits.conftest import Board, Opened

SIZES = ((120, 40), (80, 24), (40, 10))
KEYS = (
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "escape"),
    *("tab", "shift+tab", "space", "backspace", "ctrl+s", "ctrl+t", "ctrl+r", "ctrl+p", "f1"),
    *"abcdefghijklmnoprstuvwxyz0123456789/?+-!SGRZNPX",
)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that a key writes land in a folder of the test's own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


async def back_to_the_list(board: Board) -> None:
    """Leave whatever lies above, as a person does who has lost the thread."""
    for _ in range(12):
        if len(board.app.screen_stack) == 1:
            break
        await board.press("escape")
        if "y" in board.app.screen.active_bindings:  # asks whether to leave what was typed
            await board.press("y")
    assert len(board.app.screen_stack) == 1, board.shown()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(2))
async def test_any_keys_in_any_order(opened: Opened, size: tuple[int, int], seed: int) -> None:
    dice = random.Random(f"{size} {seed}")  # noqa: S311 - a dice for keys
    async with opened(size=size) as board:
        for _ in range(15):
            await board.pilot.press(*(dice.choice(KEYS) for _ in range(dice.randint(1, 5))))
            if dice.random() < 0.2:
                await board.pilot.resize_terminal(*dice.choice(SIZES))
            if dice.random() < 0.3:
                await back_to_the_list(board)
        await back_to_the_list(board)
        assert board.app.return_code is None
        await board.app.action_go("limits")  # type: ignore[attr-defined]
        await board.settled()
        assert "NAME" in board.shown() or size[0] < 80 or "limits" in board.shown().lower()


@pytest.mark.parametrize("size", SIZES)
async def test_every_key_that_help_names_does_something_sane(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(size=size) as board:
        keys = sorted(key for key in board.app.screen.active_bindings if key != "q")
        assert {"e", "b", "w", "s", "slash", "Z"} <= {*keys}
        for key in keys:
            if key in {"ctrl+q", "ctrl+c", "ctrl+z"}:
                continue
            await board.press(key)
            await back_to_the_list(board)
            await board.app.action_go("limits")  # type: ignore[attr-defined]
            await board.settled()
        assert board.app.return_code is None


@pytest.mark.parametrize("size", SIZES)
async def test_the_form_fits_and_is_left_as_it_was(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as board:
        before = await board.workspace.limits.page_gauges(TENANT)
        await board.press("e")
        assert "Limits of" in board.shown()
        for other in (*SIZES, size):
            await board.pilot.resize_terminal(*other)
            await board.pilot.pause()
            assert "Limits of" in board.shown()
        await board.write("9")
        await back_to_the_list(board)
        assert await board.workspace.limits.page_gauges(TENANT) == before


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_in_sight_is_deleted(opened: Opened, size: tuple[int, int]) -> None:
    """In the list, in its story and in its form: each says so or goes on, nothing stops."""
    async with opened(size=size) as board:
        await board.press("enter")
        await board.press("e")
        first = board.screen.item
        assert first is not None
        await board.workspace.integrations.delete_integration(TENANT, first.subject)
        await board.write("9")
        await board.press("ctrl+s")
        await board.until(lambda: "no such integration" in _words(board))
        await back_to_the_list(board)
        await board.press("escape", "escape", "R")
        await board.until(lambda: first.name not in board.names())
        await board.press("e", "escape", "y", "enter", "escape", "G", "j", "k")
        await back_to_the_list(board)
        for item in (await board.workspace.integrations.list_integrations(TENANT)).items:
            await board.workspace.integrations.delete_integration(TENANT, item.id)
        await board.press("R")
        for key in ("e", "enter", "b", "escape", "w", "escape", "y", "s", "escape", "G", "j"):
            await board.press(key)
        await back_to_the_list(board)
        assert board.app.return_code is None


def _words(board: Board) -> str:
    toasts = " ".join(toast.message for toast in board.app._notifications)
    return " ".join((board.shown().replace("│", " ") + toasts).split())


async def test_the_last_of_two_editors_is_told_on_a_small_screen(opened: Opened) -> None:
    async with opened(size=(40, 10)) as board:
        await board.press("e")
        item = board.screen.item
        assert item is not None
        assert item.gauge is not None
        await board.workspace.limits.set_limits(
            item.tenant_id, item.scope, item.subject, token_limit_month=77
        )
        await board.write("9")
        await board.press("ctrl+s")
        assert len(board.app.screen_stack) > 1
        await board.press("escape")
        await back_to_the_list(board)
        story = await board.workspace.limits.get_meter(item.tenant_id, item.scope, item.subject)
        limits = {gauge.measure: gauge.limit for gauge in story.gauges}
        assert (limits["tokens"], limits["budget"]) == (77, item.gauge.limit)


async def test_paused_it_shows_nothing_new_until_it_is_asked(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "LOOKS_A_RELOAD", 0)
    monkeypatch.setattr(screen, "KEYS_REST_S", 0)
    async with opened(refresh_s=3600.0) as board:
        before = _used(board)
        await board.press("Z")
        assert "paused" in board.shown().lower()
        more = [replace(one, call_id=f"more-{one.call_id}") for one in usage("gpt-prod", days=3)]
        await board.workspace.usage.record(TENANT, more)
        await board.workspace.limits.reckon()
        for _ in range(3):
            await board.app.pulse.look()  # type: ignore[attr-defined]
            await board.settled()
        assert board.shown().count(before) >= 1
        await board.press("Z")
        await board.until(lambda: before not in board.shown())


def _used(board: Board) -> str:
    (line,) = [
        text for text in board.shown().splitlines() if "gpt-prod" in text and "budget" in text
    ][:1]
    return next(word for word in line.split() if word.startswith("$"))


async def test_another_tenant_has_its_own(opened: Opened) -> None:
    async with opened() as board:
        await board.workspace.tenants.ensure("empty")
        await board.workspace.tenants.ensure("other")
        await board.workspace.integrations.create_integration(
            "other", "theirs", "openai", secret="planted", budget_limit_cents=500
        )
        for tenant, word in (("other", "theirs"), ("empty", "No limits yet"), (TENANT, "gpt-prod")):
            await board.press("b", "escape")
            board.app.desk.tenant_id = tenant  # type: ignore[attr-defined]
            board.screen.tenant_changed()
            await board.settled()
            await board.until(lambda word=word: word in board.shown())  # type: ignore[misc]
            names = {"theirs", "gpt-prod", "claude-batch"} - {word}
            if tenant != TENANT:
                assert not [name for name in names if name in board.shown()], board.shown()
