"""The form: fields by technology, pasted strings, secrets kept, tests before save, conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.sources.test_screen import stored
from tui.inventory.conflict import Conflict
from tui.sources.form import SourceForm
from tui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from tests.tui.sources.conftest import Board, Opened

TENANT = "acme-prod"
PASSWORD = "planted-hunter22"
PASTED = f"postgresql://app:{PASSWORD}@db-3.acme.example:6432/fresh?sslmode=require"


def form_of(board: Board) -> SourceForm:
    found = [one for one in board.app.screen_stack if isinstance(one, SourceForm)]
    assert found
    return found[0]


async def paste(board: Board, string: str) -> None:
    form_of(board).set_focus(form_of(board).form.query_one("#field-paste"))
    await board.write(string)
    await board.settled()


async def test_a_pasted_string_fills_in_the_fields_and_its_secret_stays_hidden(
    opened: Opened,
) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        await paste(board, PASTED)
        values = form_of(board).form.values()
        assert (values["host"], values["port"], values["username"]) == (
            "db-3.acme.example",
            "6432",
            "app",
        )
        assert values["paste"] == ""
        assert PASSWORD not in board.shown()
        await board.press("ctrl+s")
        await board.until(lambda: "fresh" in board.names())
        assert (await stored(board, "fresh")).config.password == "***"


async def test_a_pasted_string_of_another_technology_asks_for_its_fields(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await paste(board, "redis://cache.acme.example:6380/2")
        values = form_of(board).form.values()
        assert (values["source_type"], values["technology"]) == ("stream", "redis")
        assert (values["host"], values["database"]) == ("cache.acme.example", "2")


async def test_half_a_string_is_refused_beside_the_field_without_repeating_it(
    opened: Opened,
) -> None:
    async with opened() as board:
        await board.press("n")
        await paste(board, f"postgresql://app:{PASSWORD}@")
        assert form_of(board).form.problems["paste"]
        assert PASSWORD not in board.shown()


async def test_another_type_offers_its_technologies(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        await board.press("down", "right")
        values = form_of(board).form.values()
        assert values["source_type"] == "document"
        assert values["technology"] != "postgresql"
        assert values["name"] == "fresh"


async def test_values_are_tested_before_they_are_saved(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("fresh")
        await paste(board, PASTED)
        await board.press("f5")
        await board.until(lambda: "Check the password." in board.shown())
        assert "✖ authenticate" in board.shown()
        assert len(board.checks.drafts) == 1
        assert "fresh" not in board.names()


async def test_a_stored_secret_is_kept_when_something_else_is_changed(opened: Opened) -> None:
    async with opened(()) as board:
        await board.workspace.sources.register_source(
            TENANT,
            "orders",
            "database",
            {"host": "db", "username": "app", "password": PASSWORD},
            technology="postgresql",
        )
        await board.press("R")
        await board.until(lambda: board.names() == ["orders"])
        await board.press("e")
        assert "stored, leave empty to keep" in board.shown()
        form_of(board).form.set_value("database", "other")
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        after = (await stored(board, "orders")).config
        assert (after.database, after.password) == ("other", "***")


async def test_roles_that_hide_it_are_asked_about_before_saving(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        await board.write("secret-db")
        await paste(board, PASTED)
        form_of(board).form.set_value("access_roles", "dba")
        await board.press("ctrl+s")
        assert isinstance(board.app.screen, Confirm)
        await board.press("y")
        await board.until(lambda: board.app.screen is board.screen)
        assert "secret-db" not in board.names()


async def test_a_conflict_shows_both_versions_and_mine_can_be_kept(opened: Opened) -> None:
    async with opened() as board:
        source = await stored(board, "events")
        await board.press("down", "e")
        await board.workspace.sources.update_source(TENANT, source.source_id, owner_id="sam")
        await board.write("-mine")
        await board.press("ctrl+s")
        await board.until(lambda: isinstance(board.app.screen, Conflict))
        shown = board.shown()
        assert "events-mine" in shown
        assert "sam" in shown
        await board.press("m")
        await board.until(lambda: board.app.screen is board.screen)
        after = await stored(board, "events-mine")
        assert after.owner_id == "sam"


async def test_a_clone_begins_like_its_origin_without_its_secrets(opened: Opened) -> None:
    async with opened() as board:
        await board.press("down", "c")
        assert "events-copy" in board.shown()
        assert form_of(board).form.values()["host"] == "kafka.acme.example"
        assert not form_of(board).form.stored
