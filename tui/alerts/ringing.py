"""What an open dashboard does about alerts: it rings its bell, or notifies the desktop.

A terminal shows a notification for an escape sequence: OSC 9 in iTerm2, WezTerm, Ghostty and
kitty, OSC 777 in foot, urxvt and those on VTE. Inside tmux it is wrapped, so that tmux hands it
on (`set -g allow-passthrough on`). A terminal that knows neither shows nothing.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tui import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from engine.alerts import LocalAlert
    from tui.desk import Desk

MOST = 3
"""Notifications of one look; more are summed up in one."""
_TITLE, _BODY = 120, 240
_OSC_9 = frozenset({"iTerm.app", "WezTerm", "ghostty", "kitty"})


class Ringer:
    """Carries out what is told while a dashboard is open; what was told before is past."""

    def __init__(self, desk: Desk, app: App[Any]) -> None:
        self._desk = desk
        self._app = app
        self._tenant = ""
        self._known = 0
        self._turn = asyncio.Lock()

    async def listen(self) -> None:
        """Begin with what comes from now on for the tenant in sight, once there is one."""
        await self._desk.shown.wait()
        await self.look()

    async def look(self) -> None:
        """Carry out what was told since the last look; the first one at a tenant only listens.

        A database that cannot be used is told where it matters: the screen's own load meets the
        same error and shows it, and what was not heard is carried out at the next look.
        """
        from engine.errors import LampboardError

        async with self._turn:
            with suppress(LampboardError):
                await self._look()

    async def _look(self) -> None:
        tenant = self._desk.tenant_id
        if tenant == self._tenant:
            self._known = await ring(self._desk, self._app, self._known)
        else:
            workspace = await self._desk.workspace()
            self._known = await workspace.alerts.last_id(tenant)
            self._tenant = tenant


async def ring(desk: Desk, app: App[Any], since_id: int) -> int:
    """Carry out what was told since an alert that is known; return the id of the last one.

    Raises:
        WorkspaceError: The database cannot be used.
    """
    workspace = await desk.workspace()
    found = await workspace.alerts.local(desk.tenant_id, since_id)
    if any(one.type == "bell" for one in found):
        app.bell()
    for words in notifications(found, os.environ):
        write(app, words)
    return max((one.id for one in found), default=since_id)


def notifications(found: Sequence[LocalAlert], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return what to write to the terminal for the desktop's alerts."""
    wanted = [one for one in found if one.type == "desktop"]
    told = [sequence(one.title, one.body, environment) for one in wanted[:MOST]]
    left = len(wanted) - len(told)
    if left > 0:
        told.append(sequence("Lampboard", f"{left:,} more alerts", environment))
    return tuple(told)


def sequence(title: str, body: str, environment: Mapping[str, str]) -> str:
    """Return the escape sequence of one notification, for this terminal."""
    # A semicolon parts title and body; nothing in the words may end or steer the sequence.
    head = text.clean(title).replace(";", ",")[:_TITLE]
    rest = text.clean(body.replace("\n", " ")).replace(";", ",")[:_BODY]
    program = environment.get("TERM_PROGRAM") or environment.get("LC_TERMINAL") or ""
    known = program in _OSC_9 or environment.get("TERM", "").endswith("kitty")
    # What begins with a number and a semicolon would be another command of OSC 9.
    plain = f"\x1b]9;{head}: {rest}\x07" if known else f"\x1b]777;notify;{head};{rest}\x07"
    if environment.get("TMUX"):
        return "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return plain


def write(app: App[Any], words: str) -> None:
    """Write to the terminal past the screen; without one, nothing."""
    driver = app._driver  # noqa: SLF001 - Textual's own way for its bell and clipboard
    if driver is not None:
        driver.write(words)
