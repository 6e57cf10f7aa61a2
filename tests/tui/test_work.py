"""Work that is given up before it began: it says so, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc

from textual.message import Message
from textual.worker import Worker, WorkerState

from tests.resting import quiet
from tui.safe_app import SafeApp

TIMES = 5


class Go(Message):
    """Asks for the work; it takes the place of what was asked for before."""


class Board(SafeApp):
    def __init__(self) -> None:
        super().__init__("/nonexistent/lampboard.log")
        self.done = 0
        self.told: list[WorkerState] = []

    async def work(self) -> None:
        await asyncio.sleep(0)
        self.done += 1

    def on_go(self) -> None:
        self.run_worker(self.work(), group="work", exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.is_finished:
            self.told.append(event.state)


async def test_work_that_was_cancelled_before_its_first_step_has_ended() -> None:
    app = Board()
    async with app.run_test():
        # In one piece: no task gets a turn between them.
        for _ in range(TIMES):
            app.post_message(Go())
        await quiet(app)
        assert app.done == 1
        assert sorted(app.told, key=str) == [
            *[WorkerState.CANCELLED] * (TIMES - 1),
            WorkerState.SUCCESS,
        ]
    gc.collect()  # what was never awaited would be complained of here
