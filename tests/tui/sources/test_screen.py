"""The list with its statistics, tags, roles and steps of life, one or many, and read-only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tui.inventory.labels import LabelsDialog
from tui.sources.form import SourceForm
from tui.widgets.dialogs import Choose, Confirm, Report

if TYPE_CHECKING:
    from engine.sources.model import CustomerDataSource
    from tests.tui.sources.conftest import Board, Opened

TENANT = "acme-prod"


async def stored(board: Board, name: str) -> CustomerDataSource:
    items, _ = await board.workspace.sources.page_sources(TENANT, query=f'name:"{name}"')
    return await board.workspace.sources.get_source(TENANT, items[0].id)


async def test_all_columns_are_in_sight_at_120_with_the_story_below(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        await board.until(lambda: "db-1.acme.example" in board.shown())
        shown = board.shown()
        for title in ("TYPE", "TECHNOLOGY", "CONNECTED", "TAGS", "OWNER"):
            assert title in shown
        assert "4 sources  0 active  0 error  4 pending" in shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type:vector", ["wiki-vectors"]),
        ("technology:kafka", ["events"]),
        ("tag:prod !type:database", ["events", "wiki-vectors"]),
        ("owner:ann status:active", []),
    ],
)
async def test_a_filter_looks_into_every_field(
    opened: Opened, query: str, names: list[str]
) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write(query)
        await board.until(lambda: board.names() == names)


async def test_no_sources_says_what_to_do(opened: Opened) -> None:
    async with opened(()) as board:
        await board.until(lambda: "Press n to add the first." in board.shown())
        await board.press("n")
        assert isinstance(board.app.screen, SourceForm)


async def test_a_test_shows_stages_code_and_remedy(opened: Opened) -> None:
    async with opened() as board:
        await board.press("t")
        await board.until(lambda: "Check the password." in board.shown())
        shown = board.shown()
        assert "✖ failing  auth_failed  31ms" in shown
        assert "✖ authenticate" in shown


async def test_one_is_activated_and_deactivated(opened: Opened) -> None:
    async with opened() as board:
        await board.press("x")
        assert (await stored(board, "billing-db")).status == "active"
        await board.press("x")
        assert (await stored(board, "billing-db")).status == "inactive"


async def test_marked_ones_are_activated_by_choice(opened: Opened) -> None:
    async with opened() as board:
        await board.press("space", "space", "x")
        assert isinstance(board.app.screen, Choose)
        await board.press("enter")
        assert (await stored(board, "billing-db")).status == "active"
        assert (await stored(board, "events")).status == "active"


async def test_a_bulk_refusal_names_what_was_refused(opened: Opened) -> None:
    async with opened() as board:
        source = await stored(board, "events")
        await board.workspace.sources.deprecate_source(TENANT, source.source_id)
        await board.press("space", "space", "x", "down", "enter")
        await board.until(lambda: isinstance(board.app.screen, Report))
        assert "1 of 2 sources deactivated, 1 not." in board.shown()


async def test_deprecation_and_deletion_ask_by_name(opened: Opened) -> None:
    async with opened() as board:
        await board.press("D")
        assert isinstance(board.app.screen, Confirm)
        assert "Deprecate billing-db?" in board.shown()
        await board.press("y")
        assert (await stored(board, "billing-db")).status == "deprecated"
        await board.press("d", "y")
        await board.until(lambda: "billing-db" not in board.names())


async def test_tags_are_edited_as_a_list(opened: Opened) -> None:
    async with opened() as board:
        await board.press("number_sign")
        assert isinstance(board.app.screen, LabelsDialog)
        await board.write(", pii")
        assert "adds pii" in board.shown()
        await board.press("enter")
        assert (await stored(board, "billing-db")).tags == ["prod", "pii"]


async def test_marked_ones_get_and_lose_tags_together(opened: Opened) -> None:
    async with opened() as board:
        await board.press("space", "space", "number_sign")
        await board.write("pii, -prod")
        await board.press("enter")
        assert (await stored(board, "billing-db")).tags == ["pii"]
        assert (await stored(board, "events")).tags == ["pii"]


async def test_roles_that_hide_it_from_oneself_are_asked_about(opened: Opened) -> None:
    async with opened() as board:
        await board.press("r")
        await board.write("dba")
        assert "You will not see it any more" in board.shown()
        await board.press("enter")
        assert isinstance(board.app.screen, Confirm)
        await board.press("n")
        assert (await stored(board, "billing-db")).access_roles == []
        await board.press("r")
        await board.write("dba")
        await board.press("enter", "y")
        await board.until(lambda: "billing-db" not in board.names())


async def test_several_roles_are_granted_at_once_though_the_first_hides_it(
    opened: Opened,
) -> None:
    async with opened() as board:
        await board.press("r")
        await board.write("dba, on-call")
        await board.press("enter", "y")
        await board.until(lambda: "billing-db" not in board.names())
        registry = board.workspace.sources.registry
        found = await asyncio.to_thread(registry.get_by_name, TENANT, "billing-db")
        assert found is not None
        assert found.access_roles == ["dba", "on-call"]


async def test_read_only_takes_the_writing_keys_away(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        await board.press("n", "e", "d", "x", "t", "c", "D", "number_sign", "r", "space")
        assert board.app.screen is board.screen
        assert not board.checks.checked


async def test_another_place_can_send_here_for_one(opened: Opened) -> None:
    async with opened() as board:
        source = await stored(board, "orders-db")
        await board.app.action_go("health")
        board.app.desk.wanted = source.source_id
        await board.app.action_go("sources")
        await board.until(
            lambda: board.screen.item is not None and board.screen.item.name == "orders-db"
        )
