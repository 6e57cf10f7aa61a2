"""A long past costs the present nothing: 400 days of 1,000 targets against one day of them.

`python -m benchmarks.history [--targets 1000] [--days 400] [--rounds 30] [--keys 60]`

Opening the board is timed at the facade, in turn on both databases. A step back is what the key
does: finding the change before, reading the board as it was with uptime, and its day; it is timed
at the facade, near the present and at random times of the whole past, and from the key to the end
of the frame that shows the board as it was, in a dashboard under a pseudo terminal; the story
beside it comes a frame later, as for any key that moves the cursor, and is told apart. There the
first step is one from the present, the others come after a pause, and `[[[` is a key that is held
and repeats: what is timed is the last one. `j` is a key that only moves the cursor.
"""

from __future__ import annotations

import asyncio
import gc
import random
import re
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Figures, Terminal, arguments, compile_tree, percentile
from benchmarks.seeding import TENANT, seed_integrations
from benchmarks.seeding_history import seed_history
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

SLOTS = 96
MOST_MB = 1000
MOST_MS = 50
FRAMES_S = 0.04
"""Within so many seconds what belongs to an answer is drawn, when not in its first frame."""
HELD, REPEAT_S = 30, 1 / 30
"""How often a key is repeated, and after how many seconds."""
SHOWN = re.compile(rb"as it was at ([A-Z0-9a-z: ]+) UTC")


def seeded(folder: Path, name: str, targets: int, days: int) -> Path:
    """A database with so many targets and days."""
    path = folder / f"{name}.db"
    began = time.perf_counter()
    seed_integrations(f"sqlite:///{path}", targets)
    changes = seed_history(f"sqlite:///{path}", days)
    took = time.perf_counter() - began
    print(f"{name}: {changes:,} changes, seeded in {took:.0f} s", file=sys.stderr)
    return path


def opened(path: Path) -> Workspace:
    """A workspace as a dashboard has it."""
    settings = Settings(database=f"sqlite:///{path}", tenant=TENANT, monitor="off", operator="b")
    return Workspace.open(settings)


async def timed(work: Awaitable[object]) -> float:
    """Milliseconds until it is done."""
    began = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - began)


async def step_back(workspace: Workspace, at: datetime) -> datetime:
    """What the key does, at the facade."""
    before = await workspace.health.step(TENANT, at, back=True)
    await workspace.health.board_at(TENANT, before or at, slots=SLOTS, windows=())
    return before or at


async def measure(figures: Figures, long: Path, short: Path, days: int, rounds: int) -> None:
    """Boards in turn on both; steps from the present and from anywhere in the long past."""
    chance = random.Random(days)  # noqa: S311 - times, no secrets
    with_days, with_one = opened(long), opened(short)
    gc.collect()
    gc.freeze()  # as a dashboard does once it has started
    try:
        for _ in range(rounds):
            figures.add("board, long", await timed(with_days.health.board(TENANT)))
            figures.add("board, one day", await timed(with_one.health.board(TENANT)))
        at = now = with_days.clock.now()
        for _ in range(2 * rounds):
            began = time.perf_counter()
            at = await step_back(with_days, at)
            figures.add("step, near", 1000 * (time.perf_counter() - began))
            far = now - timedelta(days=days * chance.random())
            figures.add("step, far", await timed(step_back(with_days, far)))
    finally:
        await with_days.aclose()
        await with_one.aclose()


class Dashboard(Terminal):
    """A dashboard on the health board of the long past."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-m", "tui", "--database", str(path), "--tenant", TENANT]
        super().__init__([*command, "--monitor", "off", "--screen", "health"])
        self.wait_for("integration-0")
        self.settle(0.5)
        self.shown = b""

    def step_back(self) -> tuple[float, float]:
        """Milliseconds until another time than before is shown, and until its last frame."""
        shown, self.shown = self.shown, b""

        def other(drawn: bytes) -> bool:
            self.shown = next((found for found in SHOWN.findall(drawn) if found != shown), b"")
            return self.shown != b""

        took = self.press("[", other)
        ended = time.perf_counter()
        if self.read(FRAMES_S):
            return 1000 * took, 1000 * (took + time.perf_counter() - ended)
        return 1000 * took, 1000 * took

    def now(self) -> None:
        """Return to the present."""
        self.press("\x1b", "Health 1,000")
        self.shown = b""

    def hold(self, keys: int) -> float:
        """Milliseconds from the last of some keys that repeat to the last time they lead to."""
        for _ in range(keys):
            self.send("[")
            due = time.perf_counter() + REPEAT_S
            while (left := due - time.perf_counter()) > 0:
                self.read(left)
        since = ended = due - REPEAT_S
        while self.read(0.3):
            shown = SHOWN.findall(bytes(self.output))[-1]
            if shown != self.shown:
                self.shown, ended = shown, time.perf_counter()
        return 1000 * (ended - since)


def press(figures: Figures, path: Path, keys: int) -> None:
    """Keys to frames in a dashboard."""
    terminal = Dashboard(path)
    try:
        for _ in range(keys):
            figures.add("key j", 1000 * terminal.press("j", bool))
            terminal.settle(0.1, limit=0.5)
        terminal.press("g", bool)
        for _ in range(max(1, keys // 10)):
            terminal.settle(0.3, limit=1.0)
            figures.add("first key [", terminal.step_back()[0])
            terminal.settle(0.3, limit=1.0)
            terminal.now()
        terminal.settle(0.3, limit=1.0)
        terminal.step_back()
        for _ in range(keys):
            terminal.settle(0.3, limit=1.0)
            shown, told = terminal.step_back()
            figures.add("key [", shown)
            figures.add("key [ and its story", told)
        for _ in range(max(1, keys // 10)):
            terminal.settle(0.3, limit=1.0)
            figures.add("keys [[[", terminal.hold(HELD))
    finally:
        terminal.close()


def main() -> None:
    """Seeds, measures and tells."""
    options = arguments(__doc__ or "", targets=1000, days=400, rounds=30, keys=60)
    compile_tree()
    figures, p95 = Figures("history"), percentile(0.95)
    with tempfile.TemporaryDirectory() as folder:
        short = seeded(Path(folder), "one-day", options.targets, 1)
        long = seeded(Path(folder), "long", options.targets, options.days)
        asyncio.run(measure(figures, long, short, options.days, options.rounds))
        press(figures, long, options.keys)
        megabytes = long.stat().st_size / 1e6
    figures.figure("megabytes of the file", megabytes, at_most=MOST_MB)
    figures.ratio("board with the long past / with one day", "board, long", "board, one day",
                  at_most=1.5)  # fmt: skip
    for name in ("step, near", "step, far", "key ["):
        figures.figure(f"ms of a {name}, p95", p95(figures.samples[name]), at_most=MOST_MS)
    figures.ratio("key [ / key j", "key [", "key j")
    for name in ("key j", "key [ and its story", "first key [", "keys [[["):
        figures.figure(f"ms of a {name}, p95", p95(figures.samples[name]))
    figures.print()


if __name__ == "__main__":
    main()
