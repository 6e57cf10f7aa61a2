"""The form: fields by provider, what is wrong beside them, test before save, conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.integrations.form import IntegrationForm
from tui.inventory.conflict import Conflict
from tui.widgets.dialogs import Choose, Confirm

if TYPE_CHECKING:
    from tests.tui.integrations.conftest import Board, Opened

TENANT = "acme-prod"
SECRET = "sk-planted-0123456789"


def form_of(board: Board) -> IntegrationForm:
    found = [one for one in board.app.screen_stack if isinstance(one, IntegrationForm)]
    assert found
    return found[0]


async def test_a_new_one_is_saved_with_its_secret_encrypted(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        await board.press("down", "down", "down")
        await board.write(SECRET)
        assert SECRET not in board.shown()
        await board.press("ctrl+s")
        await board.until(lambda: "fresh" in board.names())
        items, _ = await board.workspace.integrations.page_integrations(TENANT, query="fresh")
        detail = await board.workspace.integrations.get_integration(TENANT, items[0].id)
        assert (detail.credential_ref or "").startswith("encrypted://")


async def test_another_provider_asks_for_other_fields(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        await board.press("down", "right", "right", "right")
        form = form_of(board).form
        assert "region" in form.values()
        assert form.values()["name"] == "fresh"
        await board.press("enter")
        assert isinstance(board.app.screen, Choose)


async def test_what_is_wrong_is_said_beside_the_field_as_one_types(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n", "down", "down")
        await board.write("ftp://example.com")
        assert "Base URL must start with https:// or http://." in board.shown()
        await board.press("ctrl+s")
        assert "name" in form_of(board).form.problems


async def test_a_taken_name_is_said_at_the_name(opened: Opened) -> None:
    async with opened() as board:
        await board.press("c", "ctrl+u")
        await board.write("gpt-prod")
        await board.press("ctrl+s")
        await board.until(lambda: "name" in form_of(board).form.problems)


async def test_values_are_tested_before_they_are_saved(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        await board.press("down", "down", "down")
        await board.write(SECRET)
        await board.press("f5")
        await board.until(lambda: "Replace the key." in board.shown())
        assert board.checks.drafts[0].secret == SECRET
        assert "fresh" not in board.names()


async def test_an_empty_secret_keeps_the_stored_one(opened: Opened) -> None:
    async with opened() as board:
        await board.press("e")
        assert "stored, leave empty to keep" in board.shown()
        await board.write("-2")
        await board.press("ctrl+s")
        await board.until(lambda: "azure-eu-2" in board.names())
        items, _ = await board.workspace.integrations.page_integrations(TENANT, query="azure-eu-2")
        detail = await board.workspace.integrations.get_integration(TENANT, items[0].id)
        assert detail.credential_ref == "env://A_KEY"


async def test_a_clone_begins_like_its_origin(opened: Opened) -> None:
    async with opened() as board:
        await board.press("c")
        assert "azure-eu-copy" in board.shown()
        await board.press("ctrl+s")
        await board.until(lambda: "azure-eu-copy" in board.names())


async def test_leaving_asks_only_when_something_would_be_lost(opened: Opened) -> None:
    async with opened() as board:
        await board.press("e", "escape")
        assert board.app.screen is board.screen
        await board.press("e")
        await board.write("-2")
        await board.press("escape")
        assert isinstance(board.app.screen, Confirm)
        await board.press("y")
        assert board.app.screen is board.screen


async def edited_by_two(board: Board) -> str:
    """Opens the form, lets somebody else save, then tries to save."""
    item = board.screen.item
    assert item is not None
    await board.press("e")
    await board.workspace.integrations.update_integration(TENANT, item.id, default_model="gpt-6")
    await board.write("-mine")
    await board.press("ctrl+s")
    await board.until(lambda: isinstance(board.app.screen, Conflict))
    return item.id


async def test_a_conflict_shows_both_and_mine_keeps_what_they_changed(opened: Opened) -> None:
    async with opened() as board:
        thing = await edited_by_two(board)
        shown = board.shown()
        assert "azure-eu-mine" in shown
        assert "gpt-6" in shown
        await board.press("m")
        await board.until(lambda: board.app.screen is board.screen)
        detail = await board.workspace.integrations.get_integration(TENANT, thing)
        assert (detail.name, detail.default_model) == ("azure-eu-mine", "gpt-6")


async def test_in_a_conflict_theirs_can_be_taken(opened: Opened) -> None:
    async with opened() as board:
        await edited_by_two(board)
        await board.press("t")
        form = form_of(board).form
        await board.until(lambda: form.values()["name"] == "azure-eu")
        assert form.values()["default_model"] == "gpt-6"
        assert not form.dirty
