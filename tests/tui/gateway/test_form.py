"""The form of a template over a real database: judged as one types, saved, told of conflicts."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tests.tui.gateway.test_screen import go
from tests.tui.inventory.driver import TENANT
from tui.gateway import statement
from tui.gateway.form import TemplateForm
from tui.gateway.judged import MOST_WRONG, Declared, declared
from tui.inventory.conflict import Conflict
from tui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    import pytest
    from textual.widget import Widget

    from engine.gateway.results import TemplateDetail
    from tests.tui.gateway.conftest import Board, Opened


async def form(board: Board, key: str) -> TemplateForm:
    """Opens a form and waits until what it begins with is judged."""
    await board.press(key)
    await board.until(lambda: isinstance(board.app.screen, TemplateForm))
    found = board.app.screen
    assert isinstance(found, TemplateForm)
    await board.until(lambda: bool(found.query("#sql")) and found.statement.judged)
    return found


async def write(board: Board, found: TemplateForm, sql: str, parameters: str = "") -> None:
    """Types a statement and its declarations, and waits for the verdict."""
    found.statement.parameters.load_text(parameters)
    found.statement.sql.load_text(sql)
    await board.pilot.pause()
    await board.until(lambda: found.statement.judged)


def said(board: Board) -> str:
    """What was said in passing."""
    return " ".join(str(note.message) for note in board.app._notifications)


async def focus(board: Board, widget: Widget) -> None:
    """Puts the focus on something, and waits until it is there."""
    widget.focus()
    await board.until(lambda: board.app.focused is widget)


async def stored(board: Board, name: str) -> TemplateDetail:
    return await board.workspace.gateway.get_template(TENANT, name)


async def test_a_new_one_is_judged_as_one_types_and_saved(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        found.form.set_value("name", "of-customer")
        found.form.set_value("max_rows", "50")
        await focus(board, found.statement.sql)
        await board.write("select id from orders\nwhere customer = :who")
        await board.until(lambda: found.statement.judged and bool(found.statement.findings))
        assert "✖ 1 refusal" in board.shown()
        assert "2:18" in board.shown()
        await focus(board, found.statement.parameters)
        await board.write("who str max_length=40")
        await board.until(lambda: "● accepted  reads orders" in board.shown())
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        await board.until(lambda: "of-customer is saved as v1" in said(board))
        await board.until(
            lambda: board.screen.item is not None and board.screen.item.name == "of-customer"
        )
        made = await stored(board, "of-customer")
        assert made.sql == "select id from orders\nwhere customer = :who"
        assert (made.max_rows, made.parameters[0].max_length) == (50, 40)


async def test_f8_goes_from_refusal_to_refusal_and_says_each(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        await write(
            board, found, "select id,\n load_extension('x')\nfrom orders where id = :id", "!"
        )
        where = found.statement
        assert where.findings[0].place == "p1"
        await board.press("f8")
        await board.until(lambda: where.parameters.has_focus)
        assert "begins with a name and a type" in board.shown()
        where.parameters.load_text("")
        await board.until(lambda: where.judged and where.findings[0].place == "2:2")
        await focus(board, where.parameters)
        await board.press("f8")
        await board.until(lambda: where.sql.has_focus)
        assert where.sql.cursor_location == (1, 1)
        assert {mark.line for mark in where.sql.marks} == {1, 2}
        await board.press("f8")
        assert where.sql.cursor_location[0] == 2
        await write(board, found, "select id from orders")
        await board.until(lambda: "One reading statement." in board.shown())


async def test_enter_on_a_refusal_goes_to_its_place(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        await write(board, found, "select id\n from orders\n where id = :id")
        await focus(board, found.query_one("#refusals"))
        await board.press("enter")
        await board.until(lambda: found.statement.sql.has_focus)
        assert found.statement.sql.cursor_location == (2, 12)


async def test_what_is_refused_is_not_saved(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        found.form.set_value("name", "evil")
        await write(board, found, "delete from orders")
        await board.press("ctrl+s")
        await board.until(lambda: found.statement.sql.has_focus)
        assert board.app.screen is found
        assert await board.workspace.gateway.count_templates(TENANT) == 3


async def test_an_edit_is_a_new_version(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "count")
        found = await form(board, "e")
        assert "Edit count" in board.shown()
        await write(board, found, "select max(id) as greatest from orders")
        await board.press("ctrl+s")
        await board.until(lambda: "count is saved as v2" in said(board))
        await board.until(lambda: "greatest" in board.shown())


async def test_nothing_changed_is_nothing_saved(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "by-status")
        await form(board, "e")
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        assert (await stored(board, "by-status")).version == 1


async def test_an_older_version_is_brought_back_by_editing_it(opened: Opened) -> None:
    async with opened() as board:
        await board.workspace.gateway.edit_template(TENANT, "count", sql="select 'the second'")
        await go(board, "count")
        await board.press("R")
        await board.until(lambda: "the second" in board.shown())
        await board.press("left_square_bracket")
        await board.until(lambda: "v1 of 2" in board.shown())
        found = await form(board, "e")
        assert "from v1" in board.shown()
        assert found.statement.sql.text == "select count(*) as orders from orders"
        await board.press("ctrl+s")
        await board.until(lambda: "count is saved as v3" in said(board))


async def test_two_who_edit_are_told_of_each_other(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "count")
        found = await form(board, "e")
        await write(board, found, "select 'mine' as whose")
        theirs: Any = {"sql": "select 'theirs' as whose", "description": "What they say"}
        await board.workspace.gateway.edit_template(
            TENANT, (await stored(board, "count")).template.id, **theirs
        )
        await board.press("ctrl+s")
        await board.until(lambda: isinstance(board.app.screen, Conflict))
        assert "What they say" in board.shown()
        await board.press("t")
        await board.until(lambda: board.app.screen is found)
        await board.until(lambda: found.statement.sql.text == "select 'theirs' as whose")
        assert not found.changed()
        await write(board, found, "select 'mine after all' as whose")
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        assert (await stored(board, "count")).version == 3


async def test_leaving_asks_when_something_was_typed(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        await write(board, found, "select 1")
        await board.press("escape")
        await board.until(lambda: isinstance(board.app.screen, Confirm))
        await board.press("y")
        await board.until(lambda: board.app.screen is board.screen)


async def test_a_clone_begins_like_the_other(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "by-status")
        found = await form(board, "c")
        assert found.values()["name"] == "by-status-copy"
        await board.until(lambda: "● accepted" in board.shown())
        await board.press("ctrl+s")
        await board.until(lambda: "by-status-copy" in board.names())
        made = await stored(board, "by-status-copy")
        assert made.parameters == (await stored(board, "by-status")).parameters


async def test_what_is_pasted_steers_no_terminal_and_stays_in_its_lines(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        await focus(board, found.statement.sql)
        await board.write("select 1\r\n, '\x1b]52;c;x\x07\u202e\x00'\t-- \x9b31m")
        assert found.statement.sql.text == "select 1\n, ''    -- "
        await board.press("ctrl+z")
        assert found.statement.sql.text == ""


async def test_letters_of_global_keys_are_typed(opened: Opened) -> None:
    async with opened() as board:
        found = await form(board, "n")
        await focus(board, found.statement.sql)
        await board.press("q", "1", "question_mark", "colon", "slash", "enter", "Z")
        assert found.statement.sql.text == "q1?:/\nZ"


async def test_without_a_database_nothing_can_be_written(opened: Opened) -> None:
    async with opened(filled=False) as board:
        (offer,) = await board.workspace.gateway.offers(TENANT)
        await board.workspace.sources.delete_source(TENANT, offer.thing_id)
        await board.press("n")
        await board.until(lambda: "no database that SQL can be registered for" in said(board))
        assert board.app.screen is board.screen


async def test_the_longest_declarations_are_not_read_where_keys_are_waited_for(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def watched(typed: str) -> Declared:
        threads.append(threading.current_thread())
        return declared(typed)

    async with opened() as board:
        found = await form(board, "n")
        monkeypatch.setattr(statement, "declared", watched)
        await write(board, found, "select :p1 as one", "p1 int\n" * 8_600)
        assert len(found.statement.findings) == MOST_WRONG
        assert threads
        assert threading.main_thread() not in threads
