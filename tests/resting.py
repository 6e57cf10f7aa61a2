"""When a dashboard under test is at rest: nothing is left to do, however slow the machine is.

Textual's pilot takes a process that used no processor for 20 ms as one that is done. One that the
machine has stopped looks the same, so what counts here is what the loop still has to run, what
workers are at work and what is yet to be painted.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, cast

from textual.app import App, ScreenStackError
from textual.notifications import Notification
from textual.pilot import Pilot

from tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pytest
    from textual.screen import Screen
    from textual.worker import Worker

LIMIT_S = 60.0
"""Seconds after which a wait has failed; none ends by it where nothing is wrong."""

LOOK_S = 0.01
LOOKS = 100
_looks = itertools.count(1)
DAY_S = 86_400.0

ENDLESS = frozenset({"pulse", "keeper"})
"""Workers that end with the board: they rest while they sleep."""


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that comes by itself."""
    async with asyncio.timeout(LIMIT_S):
        # Other threads' and processes' doing too: there is nothing here to wait on.
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)


async def quiet(app: App[Any]) -> None:
    """Wait until no task of the loop can go on by itself, and the screen is painted.

    What threads, servers, timers and people will bring is not waited for.
    """
    ready = cast("Any", asyncio.get_running_loop())._ready
    painted = False
    async with asyncio.timeout(LIMIT_S):
        while not painted:
            # Out of the queue now and then: another that looks would else see this one in it. They
            # count together, or both would be out at the same time.
            await asyncio.sleep(0 if next(_looks) % LOOKS else LOOK_S)
            if not ready:
                _paint(app)
                await asyncio.sleep(0)
                painted = not ready


def _paint(app: App[Any]) -> None:
    """Do at once what the screen does 60 times a second, and what the board does of a new size."""
    try:
        screen = app.screen
    except ScreenStackError:
        return  # the board has ended
    app._check_resize()
    if screen.is_running:
        screen._on_timer_update()


async def rest(app: App[Any]) -> None:
    """Wait until no work is under way but what waits for the world or for a person."""
    await quiet(app)
    async with asyncio.timeout(LIMIT_S):
        while _at_work(app):
            await asyncio.sleep(LOOK_S)
            await quiet(app)


def _at_work(app: App[Any]) -> bool:
    if not app.is_running:
        return False
    screens = {screen for stack in app._screen_stacks.values() for screen in stack}
    if any(bar.planned for screen in screens for bar in screen.query(FilterBar)):
        return True
    return sum(map(_works, app.workers)) > _asked(screens)


def _works(worker: Worker[Any]) -> bool:
    if worker.is_finished:
        return False
    return worker.name not in ENDLESS or _last_call(worker) != "sleep"


def _last_call(worker: Worker[Any]) -> str:
    """The name of the innermost coroutine that a worker waits in."""
    assert worker._task is not None
    waiting, name = cast("Any", worker._task.get_coro()), ""
    while hasattr(waiting, "cr_await"):
        waiting, name = waiting.cr_await, waiting.cr_code.co_name
    return name


def _asked(screens: Iterable[Screen[Any]]) -> int:
    """How many workers wait until a person has answered a screen.

    Each screen that is pushed has a future; where a callback takes the answer, nobody waits for it.
    """
    futures = [one.future for screen in screens for one in screen._result_callbacks]
    return sum(future is not None and _is_awaited(future) for future in futures)


def _is_awaited(future: asyncio.Future[Any]) -> bool:
    return not future.done() and bool(cast("Any", future)._callbacks)


def make_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each key and each pause of a pilot last until the app is quiet, and toasts stay."""
    press, wait = Pilot.press, Pilot._wait_for_screen

    async def press_each(self: Pilot[Any], *keys: str) -> None:
        for key in keys:
            await press(self, key)

    async def wait_longer(self: Pilot[Any], timeout: float = LIMIT_S) -> bool:  # noqa: ASYNC109
        done = await wait(self, timeout)
        await quiet(self.app)
        return done

    monkeypatch.setattr(Pilot, "press", press_each)
    monkeypatch.setattr(Pilot, "_wait_for_screen", wait_longer)
    # A toast goes after some seconds, and a machine may need those for the next step of a test.
    monkeypatch.setattr(Notification, "time_left", property(lambda _: DAY_S))
