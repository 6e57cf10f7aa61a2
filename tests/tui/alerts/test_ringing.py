"""What a dashboard does about alerts: its bell, and the desktop's notifications, once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from engine.alerts import LocalAlert
from tests.engine.alerts.conftest import World
from tests.tui.inventory.driver import TENANT
from tui.alerts import ringing

if TYPE_CHECKING:
    from tests.tui.alerts.conftest import Opened


class Terminal:
    """An app as far as ringing needs it."""

    def __init__(self) -> None:
        self.rang = 0
        self.written: list[str] = []
        self._driver = self

    def bell(self) -> None:
        self.rang += 1

    def write(self, words: str) -> None:
        self.written.append(words)


def desktop(number: int, title: str = "New: gpt", body: str = "HTTP 503") -> LocalAlert:
    return LocalAlert(id=number, type="desktop", title=title, body=body)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "\x1b]777;notify;New: gpt;HTTP 503\x07"),
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]9;New: gpt: HTTP 503\x07"),
        ({"TERM": "xterm-kitty"}, "\x1b]9;New: gpt: HTTP 503\x07"),
        ({"TMUX": "its socket"}, "\x1bPtmux;\x1b\x1b]777;notify;New: gpt;HTTP 503\x07\x1b\\"),
    ],
)
def test_the_terminal_is_spoken_to_in_its_own_way(
    environment: dict[str, str], expected: str
) -> None:
    assert ringing.notifications([desktop(1)], environment) == (expected,)


def test_text_from_outside_steers_nothing() -> None:
    (told,) = ringing.notifications([desktop(1, "a;b\x07\x1b]52;c;x\x07", "l1\nl2\x9c;")], {})
    assert told.count("\x1b") == 1
    assert told.count("\x07") == 1
    assert told.startswith("\x1b]777;notify;a,b")
    assert told.count(";") == 3


def test_many_at_once_are_summed_up() -> None:
    told = ringing.notifications([desktop(number) for number in range(9)], {})
    assert len(told) == ringing.MOST + 1
    assert "6 more alerts" in told[-1]


async def test_each_is_carried_out_once(opened: Opened) -> None:
    async with opened() as board:
        alerts, desk = board.workspace.alerts, board.app.desk
        world = World(board.workspace, board.workspace.clock)
        for name, kind in (("ring", "bell"), ("pop", "desktop")):
            channel = await alerts.add_channel(TENANT, name, kind)
            await alerts.add_route(TENANT, channel.id, wait_s=0)
        since, terminal = await alerts.last_id(TENANT), Terminal()
        app = cast("Any", terminal)
        assert await ringing.ring(desk, app, since) == since
        world.open(tenant=TENANT)
        await world.tell(1)
        first = await ringing.ring(desk, app, since)
        assert (terminal.rang, len(terminal.written)) == (1, 1)
        assert "New: gpt fails" in terminal.written[0]
        assert await ringing.ring(desk, app, first) == first
        assert (terminal.rang, len(terminal.written)) == (1, 1)
        # One that comes in the same moment is not passed over.
        await alerts.test_channel(TENANT, (await alerts.list_channels(TENANT))[0].id)
        await ringing.ring(desk, app, first)
        assert (terminal.rang, len(terminal.written)) == (1, 2)
        assert "Test of pop" in terminal.written[1]
        # A dashboard that opens now begins with what comes from now on.
        assert await ringing.ring(desk, app, await alerts.last_id(TENANT)) > first
        assert (terminal.rang, len(terminal.written)) == (1, 2)
