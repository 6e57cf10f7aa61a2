"""Credentials over a real database: kept, listed, dated, replaced, tested, deleted; never shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.tui.credentials.conftest import NOW, SECRET
from tests.tui.inventory.driver import TENANT
from tui.credentials.form import ReferenceForm
from tui.widgets.dialogs import Confirm, Report

if TYPE_CHECKING:
    from engine.credentials.results import CredentialSummary
    from tests.tui.credentials.conftest import Board, Opened

OTHER = "sk-canary-0000other11"


def toasts(board: Board) -> str:
    return " ".join(note.message for note in board.app._notifications)


def flat(board: Board) -> str:
    return " ".join(board.shown().replace("│", " ").split())


def status(board: Board) -> str:
    return "" if board.screen.item is None else board.screen.item.status


async def one(board: Board, label: str) -> CredentialSummary:
    items, _ = await board.workspace.credentials.page_references(TENANT, limit=100)
    return next(item for item in items if item.label == label)


async def secret_of(board: Board, label: str) -> str:
    service = board.workspace.credentials.of_tenant(TENANT)
    return (await service.get((await one(board, label)).reference)).value


async def go_to(board: Board, name: str) -> None:
    await board.press("slash")
    await board.write(f'"{name}"')
    await board.press("enter")
    await board.until(lambda: board.names() == [name])


async def form_of(board: Board, key: str) -> ReferenceForm:
    await board.press(key)
    assert isinstance(board.app.screen, ReferenceForm), board.shown()
    return board.app.screen


async def save(board: Board) -> None:
    await board.press("ctrl+s")
    await board.until(lambda: not isinstance(board.app.screen, ReferenceForm))
    await board.settled()
    assert SECRET not in board.shown() + toasts(board)
    assert OTHER not in board.shown() + toasts(board)


async def test_what_expires_first_stands_first_and_who_uses_which_is_told(opened: Opened) -> None:
    async with opened() as board:
        assert board.names()[0] == "Claude, batch"
        assert "▲ 1 expiring" in board.shown()
        assert "Mar 27, 7 d" in board.shown()
        await go_to(board, "gpt-prod")
        await board.until(lambda: "used by 1" in board.shown())
        assert "integration gpt-prod" in flat(board)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind:env", {"Spare"}),
        ("state:expiring", {"Claude, batch"}),
        ("used:yes", {"gpt-prod"}),
        ("!used:yes kind:encrypted", {"Claude, batch"}),
    ],
)
async def test_a_filter_looks_into_its_field(opened: Opened, query: str, names: set[str]) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write(query)
        await board.until(lambda: set(board.names()) == names)


async def test_a_secret_is_kept_here_and_never_seen_again(opened: Opened) -> None:
    async with opened() as board:
        form = await form_of(board, "n")
        for name, value in (("secret", OTHER), ("label", "Gemini"), ("expires_at", "2026-03-31")):
            form.form.set_value(name, value)
        await board.pilot.pause()
        assert OTHER not in board.shown()
        await save(board)
        made = await one(board, "Gemini")
        assert made.kind == "encrypted"
        assert made.expires_at == NOW.replace(month=4, day=1, hour=0)
        assert await secret_of(board, "Gemini") == OTHER
        entries = (await board.workspace.activity.page(TENANT)).items
        assert OTHER not in repr(entries)


async def test_one_that_is_kept_elsewhere_is_listed(opened: Opened) -> None:
    async with opened() as board:
        form = await form_of(board, "n")
        form.form.set_value("place", "elsewhere")
        await board.settled()
        form.form.set_value("reference", "sk-what-is-no-reference")
        form.form.set_value("label", "Warehouse")
        await board.press("ctrl+s")
        assert isinstance(board.app.screen, ReferenceForm)
        form.form.set_value("reference", "file:///run/secrets/warehouse")
        await save(board)
        assert (await one(board, "Warehouse")).kind == "file"


async def test_label_and_expiry_are_edited_and_nothing_else(opened: Opened) -> None:
    async with opened() as board:
        await go_to(board, "Claude, batch")
        form = await form_of(board, "e")
        assert form.form.values()["secret"] == ""
        assert form.form.values()["expires_at"] == "2026-03-27 13:00"
        form.form.set_value("expires_at", "yesterday")
        await board.press("ctrl+s")
        assert "That is no moment." in board.shown()
        form.form.set_value("expires_at", "90d")
        form.form.set_value("label", "Claude")
        await save(board)
        assert (await one(board, "Claude")).expires_at == NOW + timedelta(days=90)
        assert await secret_of(board, "Claude") == SECRET


async def test_another_secret_takes_the_formers_expiry_with_it(opened: Opened) -> None:
    async with opened() as board:
        await go_to(board, "Claude, batch")
        form = await form_of(board, "e")
        form.form.set_value("secret", OTHER)
        await board.until(lambda: form.form.values()["expires_at"] == "")
        await save(board)
        assert (await one(board, "Claude, batch")).expires_at is None
        assert await secret_of(board, "Claude, batch") == OTHER


async def test_an_expired_one_can_be_called_otherwise(opened: Opened) -> None:
    async with opened() as board:
        board.checks.advance(timedelta(days=9).total_seconds())
        await board.press("R")
        await board.until(lambda: "✖ 1 expired" in board.shown())
        await go_to(board, "Claude, batch")
        form = await form_of(board, "e")
        form.form.set_value("label", "Claude, gone")
        await save(board)
        found = await one(board, "Claude, gone")
        assert (found.state, found.expires_at) == ("expired", NOW + timedelta(days=7, hours=1))


async def test_a_test_says_whether_it_is_there(opened: Opened) -> None:
    async with opened() as board:
        await go_to(board, "Claude, batch")
        await board.press("t")
        await board.until(lambda: "The secret is there." in board.shown())
        await board.press("escape")
        await go_to(board, "Spare")
        await board.press("t")
        await board.until(lambda: "NOT_SET_ANYWHERE" in flat(board) and "✖" in board.shown())
        await board.until(lambda: status(board) == "unreadable")


async def test_what_is_used_stays_and_its_users_are_named(opened: Opened) -> None:
    async with opened() as board:
        await go_to(board, "gpt-prod")
        await board.pilot.press("d")
        await board.until(lambda: isinstance(board.app.screen, Confirm))
        await board.pilot.press("y")
        await board.until(lambda: isinstance(board.app.screen, Report))
        assert "gpt-prod" in board.shown()
        await board.press("escape")
        assert await secret_of(board, "gpt-prod") == SECRET


async def test_what_is_not_used_is_deleted(opened: Opened) -> None:
    async with opened() as board:
        await go_to(board, "Claude, batch")
        await board.press("d", "n")
        assert await one(board, "Claude, batch")
        await board.press("d", "y")
        await board.until(lambda: "Claude, batch is deleted." in toasts(board))
        items, _ = await board.workspace.credentials.page_references(TENANT, limit=100)
        assert {item.label for item in items} == {"gpt-prod", "Spare"}


async def test_read_only_shows_all_and_changes_nothing(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        shown = board.shown().splitlines()[-1]
        assert not [word for word in ("new", "edit", "delete") if word in shown]
        await board.press("n", "e", "d")
        assert len(board.app.screen_stack) == 1
        await board.press("t")
        await board.until(lambda: "The secret is there." in board.shown())


async def test_nothing_yet_says_what_to_do(opened: Opened) -> None:
    async with opened(filled=False) as board:
        await board.until(lambda: "No credentials yet for acme-prod" in board.shown())
        assert "Press n to keep one by itself." in board.shown()
        await form_of(board, "n")


async def test_the_header_tells_of_expiry_wherever_one_is(opened: Opened) -> None:
    async with opened() as board:
        await board.until(lambda: "expiry ▲ 1" in board.shown())
        await board.app.action_go("activity")  # type: ignore[attr-defined]
        await board.settled()
        await board.until(lambda: "expiry ▲ 1" in board.shown())
