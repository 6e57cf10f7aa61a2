"""What happens at the end of a stop, beside the real stops of tests/system."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from tui.stops import go_on_after_stops

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal:
    """A driver that notes what was done to its terminal."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._must_signal_resume = False

    def stop_by_key(self) -> None:
        """What ctrl+z does before the process stops itself."""
        self._must_signal_resume = True

    def suspend_application_mode(self) -> None:
        self.done.append("down")

    def resume_application_mode(self, *_: object) -> None:
        self.done.append("up")


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    before = signal.signal(signal.SIGCONT, terminal.resume_application_mode)
    yield terminal
    signal.signal(signal.SIGCONT, before)


async def test_a_bare_stop_disturbs_no_line_that_was_being_written(terminal: Terminal) -> None:
    """The code that the stop interrupted may hold the lock of the thread that writes."""
    go_on_after_stops(terminal, lambda: False)
    signal.raise_signal(signal.SIGCONT)
    assert terminal.done == []
    await asyncio.sleep(0)
    assert terminal.done == ["down", "up"]


async def test_a_stop_by_key_is_over_before_anything_else_is_drawn(terminal: Terminal) -> None:
    go_on_after_stops(terminal, lambda: False)
    terminal.stop_by_key()
    signal.raise_signal(signal.SIGCONT)
    assert terminal.done == ["up"]


@pytest.mark.parametrize("when", ["at once", "meanwhile"])
async def test_a_dashboard_that_ends_sets_nothing_up(terminal: Terminal, when: str) -> None:
    leaving = when == "at once"
    go_on_after_stops(terminal, lambda: leaving)
    signal.raise_signal(signal.SIGCONT)
    leaving = True
    await asyncio.sleep(0)
    assert terminal.done == []
