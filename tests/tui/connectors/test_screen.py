"""The place of connectors: list, statistics, story, real tests and discovery, deeds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.errors import NotFound
from tests.tui.connectors.conftest import SECRET
from tests.tui.inventory.driver import TENANT
from tui.connectors.offers import Offers
from tui.widgets.dialogs import Choose, Confirm, Report

if TYPE_CHECKING:
    from pathlib import Path

    from engine.connectors import ConnectorInfo
    from tests.tui.connectors.conftest import Board, Opened


async def first(board: Board) -> ConnectorInfo:
    """The first connector of the list, as it is stored now."""
    items = (await board.workspace.connectors.list_connectors(TENANT)).items
    return await board.workspace.connectors.get_connector(TENANT, items[0].id)


def said(board: Board) -> str:
    """What was said aloud so far."""
    return "\n".join(str(note.message) for note in board.app._notifications)


async def test_list_and_statistics_show_what_there_is(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        shown = board.shown()
        assert board.names() == ["crm-db", "docs-db", "orders-db"]
        assert "3 connectors  0 connected  0 error  3 registered" in shown
        assert "NAME▴" in shown
        for title in ("TYPE", "TECHNOLOGY", "STATUS", "CONNECTED", "TAGS", "OWNER", "CAN"):
            assert title in shown
        assert "r/w/q/tx" in shown


async def test_a_test_really_connects_and_shows_its_stages(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        await board.press("t")
        await board.until(lambda: "● healthy" in board.shown())
        assert (await first(board)).status == "connected"
        await board.until(lambda: "1 connected" in board.shown())
        assert "test 0 s ago" in board.shown()


async def test_a_test_that_fails_says_what_to_do(opened: Opened) -> None:
    async with opened((), api=True) as board:
        await board.press("t")
        await board.until(lambda: isinstance(board.app.screen, Report))
        await board.until(lambda: "✖ failing  refused" in board.shown())
        assert (await first(board)).status == "error"


async def test_what_the_other_side_offers_is_discovered_and_opened(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        assert "not asked yet" in board.shown()
        await board.press("i")
        await board.until(lambda: "2 tables  o opens" in board.shown())
        await board.press("o")
        await board.until(lambda: isinstance(board.app.screen, Offers))
        assert "crm-db: 2 tables" in board.shown()
        await board.until(lambda: "email" in board.shown())
        await board.press("down")
        await board.until(lambda: "total" in board.shown())
        await board.press("escape")
        assert board.app.screen is board.screen


async def test_without_discovery_nothing_is_opened(opened: Opened) -> None:
    async with opened() as board:
        await board.press("o")
        await board.until(lambda: "crm-db: nothing discovered" in said(board))


async def test_the_switch_disconnects_and_connects(opened: Opened) -> None:
    async with opened() as board:
        await board.press("x")
        await board.until(lambda: "disconnected" in board.shown())
        assert (await first(board)).status == "disconnected"
        await board.press("x")
        await board.until(lambda: "ready" in board.shown())
        assert (await first(board)).status == "ready"


async def test_marked_ones_are_tested_together_with_a_summary(opened: Opened) -> None:
    async with opened(api=True) as board:
        await board.press("space", "space", "t")
        await board.until(lambda: isinstance(board.app.screen, Report))
        shown = board.shown()
        assert "2 connectors tested." in shown
        assert "✖ 1 failing" in shown
        assert "● 1 healthy" in shown


async def test_marked_ones_are_switched_by_choice(opened: Opened) -> None:
    async with opened() as board:
        await board.press("space", "space", "x")
        assert isinstance(board.app.screen, Choose)
        await board.press("j", "enter")
        await board.until(lambda: "2 connectors disconnected." in said(board))


async def test_deprecating_asks_by_name(opened: Opened) -> None:
    async with opened() as board:
        await board.press("D")
        assert isinstance(board.app.screen, Confirm)
        assert "Deprecate crm-db?" in board.shown()
        await board.press("enter")
        assert (await first(board)).status == "registered"
        await board.press("D", "y")
        await board.until(lambda: "deprecated" in board.shown())
        assert (await first(board)).status == "deprecated"


async def test_deleting_asks_and_frees_the_name(opened: Opened) -> None:
    async with opened() as board:
        found = await first(board)
        await board.press("d", "y")
        await board.until(lambda: "crm-db" not in board.names())
        with pytest.raises(NotFound):
            await board.workspace.connectors.get_connector(TENANT, found.id)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type:http", ["billing-api"]),
        ("technology:sqlite !docs", ["crm-db", "orders-db"]),
        ("tag:prod owner:ann crm", ["crm-db"]),
        ("status:connected", []),
    ],
)
async def test_the_list_is_filtered_by_anything(
    opened: Opened, query: str, names: list[str]
) -> None:
    async with opened(api=True) as board:
        await board.press("slash")
        await board.write(query)
        await board.press("enter")
        await board.until(lambda: board.names() == names)


async def test_read_only_takes_the_writing_keys_away(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        await board.press("n", "e", "d", "D", "x", "t", "c", "i", "space")
        assert board.app.screen is board.screen
        found = await first(board)
        assert (found.status, found.checked_at, dict(found.discovered)) == ("registered", None, {})


async def test_no_secret_is_shown(opened: Opened) -> None:
    async with opened((), api=True, size=(120, 40)) as board:
        await board.until(lambda: "*** stored" in board.shown())
        assert SECRET not in board.shown()
        await board.press("e")
        assert SECRET not in board.shown()


async def test_hostile_offers_reach_no_terminal(opened: Opened, corpora: Path) -> None:
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [str(json.loads(line)["value"]) for line in lines]
    tools = [
        {"name": value, "description": value, "input_schema": {"properties": {value: value}}}
        for value in values
    ]
    async with opened(size=(120, 40)) as board:
        from tui.connectors.discovered import offers

        board.app.push_screen(Offers("x", offers({"tools": tools})))
        for _ in values:
            await board.press("down")
            assert all(one.isprintable() for one in board.shown() if one != "\n")
