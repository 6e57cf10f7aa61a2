"""Tests that a board under test is at rest when its work is done, and not a moment earlier."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.widgets import Label

from tests.resting import quiet, rest, until
from tui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from textual.app import ComposeResult

HOPS = 300


class Board(App[None]):
    """Does what a test has asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.hops = 0
        self.done = False
        self.answered: bool | None = None

    def compose(self) -> ComposeResult:
        yield Label("begun")

    def hop(self) -> None:
        """One step of many, each of which asks for the next."""
        self.hops += 1
        if self.hops < HOPS:
            self.call_later(self.hop)
        else:
            self.query_one(Label).update("ended")
            self.call_after_refresh(self.end)

    def end(self) -> None:
        self.done = True

    async def work(self, begun: threading.Event, go_on: threading.Event) -> None:
        """Work of a thread, and of the board after it."""
        await asyncio.to_thread(self._wait, begun, go_on)
        self.hop()

    @staticmethod
    def _wait(begun: threading.Event, go_on: threading.Event) -> None:
        begun.set()
        assert go_on.wait(60)

    async def ask(self) -> None:
        self.answered = await self.push_screen_wait(Confirm("Go?", "On?", yes="Go"))


async def test_quiet_is_when_every_step_was_taken_and_painted() -> None:
    app = Board()
    async with app.run_test():
        app.hop()
        await quiet(app)
        assert app.done


async def test_rest_is_when_the_threads_have_answered_too() -> None:
    app = Board()
    begun, go_on = threading.Event(), threading.Event()
    async with app.run_test():
        app.run_worker(app.work(begun, go_on))
        resting = asyncio.ensure_future(rest(app))
        await until(begun.is_set)
        await quiet(app)
        assert not resting.done()
        go_on.set()
        await resting
        assert app.done


async def test_what_waits_for_a_person_is_at_rest() -> None:
    app = Board()
    async with app.run_test() as pilot:
        app.run_worker(app.ask())
        await rest(app)
        assert isinstance(app.screen, Confirm)
        await pilot.press("y")
        await rest(app)
        assert app.answered is True


async def test_a_screen_that_nobody_waits_for_hides_no_work() -> None:
    app = Board()
    begun, go_on = threading.Event(), threading.Event()
    async with app.run_test():
        app.push_screen(Confirm("Go?", "On?", yes="Go"), lambda _: None)
        await rest(app)
        app.run_worker(app.work(begun, go_on))
        resting = asyncio.ensure_future(rest(app))
        await until(begun.is_set)
        await quiet(app)
        assert not resting.done()
        go_on.set()
        await resting
        assert app.done


async def test_what_never_rests_ends_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.resting.LIMIT_S", 0.05)
    app = Board()
    async with app.run_test():
        work = app.run_worker(asyncio.Event().wait())
        with pytest.raises(TimeoutError):
            await rest(app)
        work.cancel()
