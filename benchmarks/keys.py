"""A key waits for nothing: from key to repaint in a long list, at rest and while a sweep runs.

`python -m benchmarks.keys [--rows 10000] [--rounds 3] [--keys 300]`

The list is that of a dashboard under a pseudo terminal. The sweep is the monitor of the command
line, niced as a dashboard nices its own, on the same database: once as fast as it can (every row
is due again a second after its check), once at the default pace. A key is answered by the end of
the first frame that draws the wanted row under the cursor: reloads repaint rows, too, but never
that one in that colour.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import server
from benchmarks.harness import (
    ROOT,
    Figures,
    Terminal,
    arguments,
    child_environment,
    compile_tree,
    percentile,
)
from benchmarks.seeding import seed_integrations
from engine.monitor.supervisor import make_nice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORT = 18_090
PAGE_DOWN, PAGE_UP = "\x1b[6~", "\x1b[5~"
FULL_SPEED = 1_000_000
WALKS = {"row": ("j", "k"), "page": (PAGE_DOWN, PAGE_UP)}
STRETCH = 12
"""Steps in one direction before turning back: further than what is loaded ahead."""


@contextmanager
def sweeping(url: str, per_minute: int) -> Iterator[subprocess.Popen[bytes]]:
    """The monitor at work on the database, past its start."""
    command = [sys.executable, "-m", "tui", "--database", url, "monitor", "--rate", str(per_minute)]
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env=child_environment(),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    make_nice(child.pid)
    try:
        time.sleep(2.0)
        yield child
    finally:
        child.terminate()
        child.wait()


class List:
    """The dashboard's list of integrations, with what is under its cursor."""

    def __init__(self, url: str) -> None:
        self.terminal = Terminal(
            [
                *(sys.executable, "-m", "tui", "--database", url, "--tenant", "bench"),
                *("--monitor", "off", "--screen", "integrations"),
            ]
        )
        self.terminal.wait_for("integration-000005")
        self.terminal.settle(0.5)
        self.under = self._color_of_cursor()

    def _color_of_cursor(self) -> bytes:
        offset = len(self.terminal.output)
        self.terminal.press("j", "integration-000001")
        self.terminal.settle(0.3)
        drawn = bytes(self.terminal.output[offset:])
        found = re.findall(rb"(48;2;\d+;\d+;\d+)mintegration-000001", drawn)
        plain = re.findall(rb"(48;2;\d+;\d+;\d+)mintegration-000000", drawn)
        assert found, "no cursor was drawn"
        assert found[-1] not in plain, "the cursor has no colour of its own"
        self.terminal.send("k")
        self.terminal.settle(0.3)
        return bytes(found[-1])

    def cursor_in(self, drawn: bytes) -> int:
        """The number of the row that was last drawn under the cursor, -1 for none."""
        found = re.findall(self.under + rb"mintegration-(\d+)", drawn)
        return int(found[-1]) if found else -1

    def press(self, key: str, wanted: Callable[[int], bool]) -> float:
        """Milliseconds from the key to the end of the frame with the wanted row at the cursor."""
        return 1000 * self.terminal.press(key, lambda drawn: wanted(self.cursor_in(drawn)))

    def pause(self, chance: random.Random) -> None:
        """Reads on for as long as a quick typist takes to the next key."""
        end = time.perf_counter() + chance.uniform(0.03, 0.09)
        while (left := end - time.perf_counter()) > 0:
            self.terminal.read(left)


def walk(board: List, kind: str, count: int) -> list[float]:
    """`count` keys of one kind down the list, back, and so on."""
    down, up = WALKS[kind]
    chance = random.Random(count)  # noqa: S311 - pauses, no secrets
    taken: list[float] = []
    at = 0
    while len(taken) < count:
        turn = len(taken) // STRETCH % 2
        before = at

        def moved(row: int, before: int = before, *, back: bool = bool(turn)) -> bool:
            return row >= 0 and (row < before if back else row > before)

        begin = len(board.terminal.output)
        taken.append(board.press(up if turn else down, moved))
        at = board.cursor_in(bytes(board.terminal.output[begin:]))
        board.pause(chance)
    while at:
        begin = len(board.terminal.output)
        board.press("g", lambda row: row == 0)
        at = board.cursor_in(bytes(board.terminal.output[begin:]))
    board.terminal.settle(0.2, limit=1.0)
    return taken


def measure(figures: Figures, url: str, label: str, keys: int) -> None:
    """Both kinds of keys in one state of the machine, in a dashboard of its own."""
    board = List(url)
    try:
        figures.add(f"row {label}", *walk(board, "row", keys))
        figures.add(f"page {label}", *walk(board, "page", keys))
    finally:
        board.terminal.close()


def one_round(figures: Figures, url: str, options: object) -> None:
    """At rest, while a sweep runs at full speed, and at the default pace."""
    keys = options.keys  # type: ignore[attr-defined]
    measure(figures, url, "at rest", keys)
    for label, per_minute in (("full speed", FULL_SPEED), ("paced", 10_000)):
        with sweeping(url, per_minute):
            begin, before = time.perf_counter(), checks_in(url)
            measure(figures, url, label, keys)
            rate = (checks_in(url) - before) / (time.perf_counter() - begin)
            figures.add(f"checks a second, {label}", rate)


def checks_in(url: str) -> int:
    """How many checks the database holds."""
    from storage.database import Database

    database = Database.open(url, read_only=True)
    with database.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM checks").scalar_one()
    database.close()
    return int(count)


def main() -> None:
    """Takes the rounds in turn and compares with the list at rest."""
    options = arguments(__doc__ or "", rows=10_000, rounds=3, keys=300)
    compile_tree()
    figures = Figures("keys")
    with tempfile.TemporaryDirectory() as folder, server.running(PORT) as provider:
        make_nice(provider.pid)  # elsewhere, in real life
        url = f"sqlite:///{Path(folder) / 'keys.db'}"
        seed_integrations(
            url,
            options.rows,
            base_url=lambda i: server.endpoint(i, PORT),
            active=True,
            interval_s=1,
        )
        for _ in range(options.rounds):
            one_round(figures, url, options)
    for label in ("full speed", "paced"):
        for kind in WALKS:
            for share in (0.5, 0.99):
                figures.ratio(
                    f"{kind} keys during a sweep ({label}) / at rest, p{share * 100:.0f}",
                    f"{kind} {label}",
                    f"{kind} at rest",
                    at_most=1.3,
                    of=percentile(share),
                )
        figures.figure(
            f"checks a second meanwhile ({label})",
            min(figures.samples[f"checks a second, {label}"]),
        )
    figures.print()


if __name__ == "__main__":
    main()
