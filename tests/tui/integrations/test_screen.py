"""The list, its filter and order, what is done to one or many, and what read-only takes away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.errors import NotFound
from engine.usage.records import UsageRecord
from tui.integrations.form import IntegrationForm
from tui.widgets.dialogs import Choose, Confirm, Report

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.integrations.conftest import Opened

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
TENANT = "acme-prod"


async def test_the_list_shows_every_column_at_80(opened: Opened) -> None:
    async with opened() as board:
        shown = board.shown()
        for title in ("NAME▴", "PROVIDER", "STATUS", "HEALTH", "LATENCY", "LIMITS", "AGE"):
            assert title in shown
        assert "Integrations 4" in shown
        assert board.names() == ["azure-eu", "claude-batch", "gemini-new", "gpt-prod"]


async def test_the_side_pane_takes_no_column_at_120(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        await board.until(lambda: "A_KEY" in board.shown())
        shown = board.shown()
        assert "LIMITS" in shown
        assert "not measured yet" in shown


async def test_usage_moves_the_meter_in_the_list_and_in_the_story(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        facade, limits = board.workspace.usage, board.workspace.limits
        (found, *_), _ = await board.workspace.integrations.page_integrations(TENANT)
        await limits.set_limits(TENANT, "integration", found.id, budget_limit_cents=1000)
        call = UsageRecord(
            call_id="c-1", at=NOW, integration=found.id, tokens_in=9, cost_nanos=8_200_000_000
        )
        assert (await facade.record(TENANT, [call])).new == 1
        await limits.reckon()
        await board.press("R")
        await board.until(lambda: board.shown().count("82%") == 2)
        assert "82% of $10 " in board.shown()
        assert "$8.20 used" in board.shown()


async def test_no_integrations_says_what_to_do(opened: Opened) -> None:
    async with opened(()) as board:
        await board.until(lambda: "Press n to add the first." in board.shown())
        await board.press("n")
        assert isinstance(board.app.screen, IntegrationForm)


async def test_a_filter_applies_as_one_types_and_esc_clears_it(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash", *"gpt")
        await board.until(lambda: board.names() == ["gpt-prod"])
        await board.press("enter")
        assert board.screen.table.has_focus
        assert "/gpt" in board.shown()
        await board.press("escape")
        await board.until(lambda: len(board.names()) == 4)


async def test_a_filter_can_exclude(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash", "exclamation_mark", *"gpt")
        await board.until(lambda: board.names() == ["azure-eu", "claude-batch", "gemini-new"])


async def test_a_filter_that_fits_nothing_says_so(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash", *"zzz", "enter")
        await board.until(lambda: "Nothing matches /zzz. esc clears the filter." in board.shown())


async def test_the_order_is_chosen_and_turned_round(opened: Opened) -> None:
    async with opened() as board:
        await board.press("S")
        assert board.names()[0] == "gpt-prod"
        assert "NAME▾" in board.shown()
        await board.press("s")
        assert isinstance(board.app.screen, Choose)
        await board.press("j", "enter")
        assert "PROVIDER▴" in board.shown()


async def test_enter_opens_the_story_and_esc_goes_back(opened: Opened) -> None:
    async with opened() as board:
        await board.press("enter")
        await board.until(lambda: "env://A_KEY" in board.shown())
        assert "esc back" in board.shown()
        await board.press("escape")
        assert board.screen.table.has_focus


async def test_a_test_shows_stages_latency_and_remedy(opened: Opened) -> None:
    async with opened() as board:
        await board.press("t")
        await board.until(lambda: "Replace the key." in board.shown())
        shown = board.shown()
        assert "✖ failing" in shown
        assert "212ms" in shown
        assert "✖ response" in shown
        assert len(board.checks.checked) == 1


async def test_a_test_is_told_in_the_pane_where_it_is_in_sight(opened: Opened) -> None:
    async with opened(size=(120, 40)) as board:
        await board.press("t")
        await board.until(lambda: "✖ response" in board.shown())
        assert board.app.screen is board.screen


async def test_one_is_switched_on_and_off(opened: Opened) -> None:
    async with opened() as board:
        await board.press("x")
        assert board.shown().count("enabled") >= 1
        await board.press("x")
        await board.until(lambda: "disabled" in board.shown())


async def test_marked_rows_are_done_together_and_summed_up(opened: Opened) -> None:
    async with opened() as board:
        await board.press("space", "space")
        assert "2 marked" in board.shown()
        await board.press("t")
        await board.until(lambda: isinstance(board.app.screen, Report))
        assert "2 integrations tested." in board.shown()
        assert len(board.checks.checked) == 2


async def test_a_bulk_refusal_names_what_was_refused(opened: Opened) -> None:
    async with opened() as board:
        await board.press("x", "space", "space", "x")
        assert isinstance(board.app.screen, Choose)
        await board.press("j", "enter")
        await board.until(lambda: isinstance(board.app.screen, Report))
        shown = board.shown()
        assert "1 of 2 integrations disabled, 1 not." in shown
        assert "claude-batch" in shown


async def test_deleting_asks_by_name_and_no_is_the_default(opened: Opened) -> None:
    async with opened() as board:
        await board.press("d")
        assert isinstance(board.app.screen, Confirm)
        assert "Delete azure-eu?" in board.shown()
        await board.press("enter")
        assert "azure-eu" in board.names()
        await board.press("d", "y")
        await board.until(lambda: "azure-eu" not in board.names())


async def test_the_id_is_copied(opened: Opened) -> None:
    async with opened() as board:
        await board.press("y")
        assert board.screen.item is not None
        assert board.app.clipboard == board.screen.item.id


async def test_read_only_takes_the_writing_keys_away(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        await board.press("n", "e", "d", "x", "t", "c", "space")
        assert board.app.screen is board.screen
        assert not board.checks.checked
        assert "delete" not in board.shown()


async def test_what_was_deleted_meanwhile_is_said(opened: Opened) -> None:
    async with opened() as board:
        item = board.screen.item
        assert item is not None
        await board.workspace.integrations.delete_integration(TENANT, item.id)
        await board.press("x")
        with pytest.raises(NotFound):
            await board.workspace.integrations.get_integration(TENANT, item.id)
        assert board.app.is_running


async def test_another_place_can_send_here_for_one(opened: Opened) -> None:
    async with opened() as board:
        items, _ = await board.workspace.integrations.page_integrations(TENANT, query="gemini")
        await board.app.action_go("health")
        board.app.desk.wanted = items[0].id
        await board.app.action_go("integrations")
        await board.until(lambda: board.screen.item == items[0])


async def test_what_is_far_down_is_found_by_its_name(opened: Opened) -> None:
    names = tuple(f"thing-{number:03d}" for number in range(130))
    async with opened(names) as board:
        items, _ = await board.workspace.integrations.page_integrations(TENANT, query="thing-129")
        await board.app.action_go("health")
        board.app.desk.wanted = items[0].id
        await board.app.action_go("integrations")
        await board.until(lambda: board.screen.item == items[0])
        assert board.names() == ["thing-129"]


async def test_hostile_words_reach_no_terminal(opened: Opened, corpora: Path) -> None:
    lines = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines()
    values = [json.loads(line)["value"] for line in lines]
    async with opened(size=(120, 40)) as board:
        item = board.screen.item
        assert item is not None
        for value in values:
            board.screen.pane.tell(replace(item, name=value, message=value, error=value))
            board.screen.pane.renew()
            await board.pilot.pause()
            assert not _steers(board.shown())


def _steers(shown: str) -> bool:
    return any(not character.isprintable() for character in shown if character != "\n")
