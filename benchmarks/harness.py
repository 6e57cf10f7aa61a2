"""What the benchmarks share: a timed terminal, rounds taken in turn, and a report of ratios.

Every figure is a ratio against a baseline measured in the same run, alternating with it,
because the absolute numbers of a machine say more about the machine than about the program.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import platform
import pty
import re
import select
import signal
import statistics
import struct
import sys
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
_SYNC_QUERY, _SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_SYNC_END = b"\x1b[?2026l"
_ESCAPES = re.compile(rb"\x1b(\[[0-9;?<>=$]*[ -/]*[@-~]|[\]P][^\x07\x1b]*(\x07|\x1b\\)|.)")


def child_environment(**extra: str) -> dict[str, str]:
    """The environment of a measured child: bytecode caching on, a terminal of known abilities."""
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONDONTWRITEBYTECODE", "NO_COLOR"}}
    return env | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | extra


def compile_tree() -> None:
    """Writes the bytecode of the three packages: an uncompiled tree starts 2 to 3 times slower."""
    import compileall

    for package in ("tui", "engine", "storage"):
        compileall.compile_dir(ROOT / package, quiet=1)


class Terminal:
    """A program under a pseudo terminal, with the time of each thing it draws."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        rows: int = 40,
        columns: int = 120,
        env: dict[str, str] | None = None,
    ) -> None:
        size = struct.pack("HHHH", rows, columns, 0, 0)
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe(command[0], list(command), env or child_environment())  # noqa: S606 - no shell
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)
        self.output = bytearray()
        self.usage: object | None = None

    def read(self, timeout: float) -> bytes:
        """One chunk of output, or nothing when `timeout` seconds passed."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 20)
        except OSError:
            return b""
        if _SYNC_QUERY in data:
            os.write(self.fd, _SYNC_ANSWER)
        self.output += data
        return data

    def first_paint(self, limit: float = 30.0) -> float:
        """Seconds from the start to the first frame with something on the alternate screen."""
        seen = b""
        while (now := time.perf_counter()) - self.started < limit:
            seen += self.read(0.01)
            _, mark, tail = seen.partition(b"\x1b[?1049h")
            if mark and len(re.sub(rb"[\s\0]", b"", _ESCAPES.sub(b"", tail))) >= 20:
                return time.perf_counter() - self.started
        raise TimeoutError(f"nothing painted in {limit} s, last at {now}")

    def wait_for(
        self,
        wanted: str | Callable[[bytes], bool],
        *,
        since: float | None = None,
        limit: float = 30.0,
        offset: int = 0,
    ) -> float:
        """Seconds from `since` (the start by default) to the end of the frame that is wanted.

        That is the first frame after which the output from byte `offset` on has the text, or
        satisfies the function; older drawings are never taken for the answer.
        """
        begin = self.started if since is None else since
        found = wanted if callable(wanted) else lambda drawn: wanted.encode() in drawn
        complete = -1
        while time.perf_counter() - begin < limit:
            ended = self.output.rfind(_SYNC_END)
            if ended > max(complete, offset):
                complete = ended
                if found(bytes(self.output[offset:ended])):
                    return time.perf_counter() - begin
            self.read(0.005)
        raise TimeoutError(f"{wanted!r} was not drawn in {limit} s")

    def press(
        self, keys: str, then: str | Callable[[bytes], bool], *, limit: float = 30.0
    ) -> float:
        """Seconds from the key to the end of the frame in which `then` is drawn."""
        offset, since = len(self.output), time.perf_counter()
        os.write(self.fd, keys.encode())
        return self.wait_for(then, since=since, limit=limit, offset=offset)

    def settle(self, quiet: float = 0.3, limit: float = 15.0) -> None:
        """Reads until nothing was drawn for `quiet` seconds."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end and self.read(quiet):
            pass

    def send(self, keys: str) -> None:
        """Types without waiting for an answer."""
        os.write(self.fd, keys.encode())

    def memory_mib(self) -> float:
        """The resident size of the program now."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise ProcessLookupError(self.pid)

    def cpu_seconds(self) -> float:
        """CPU seconds that the program has used, children not included."""
        parts = (
            Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def close(self, keys: str = "\x11") -> None:
        """Quits with `keys`, and by force after five seconds."""
        with contextlib.suppress(OSError):
            os.write(self.fd, keys.encode())
        end = time.perf_counter() + 5
        while time.perf_counter() < end:
            self.read(0.02)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@dataclass
class Figures:
    """Samples by name, compared against one of them; a target makes a figure pass or fail."""

    benchmark: str
    samples: dict[str, list[float]] = field(default_factory=dict)
    lines: list[dict[str, object]] = field(default_factory=list)

    def add(self, name: str, *values: float) -> None:
        """Takes samples of one name."""
        self.samples.setdefault(name, []).extend(values)

    def ratio(  # noqa: PLR0913 - what, against what, and how far
        self,
        label: str,
        name: str,
        base: str,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
        of: Callable[[list[float]], float] = statistics.median,
    ) -> float:
        """Records `of(name) / of(base)` beside what it was to reach."""
        value = of(self.samples[name]) / of(self.samples[base])
        self.figure(
            label,
            value,
            at_most=at_most,
            at_least=at_least,
            measured=of(self.samples[name]),
            baseline=of(self.samples[base]),
        )
        return value

    def figure(
        self,
        label: str,
        value: float,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
        **detail: float,
    ) -> None:
        """Records one figure with its target and whatever explains it."""
        met = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        target = {"at_most": at_most, "at_least": at_least}
        self.lines.append(
            {"figure": label, "value": round(value, 3), "met": met}
            | {k: v for k, v in target.items() if v is not None}
            | {k: round(v, 4) for k, v in detail.items()}
        )

    def print(self) -> None:
        """Prints one JSON line for machines and a table for people."""
        for line in self.lines:
            goal = (
                f"<= {line['at_most']}"
                if "at_most" in line
                else (f">= {line['at_least']}" if "at_least" in line else "")
            )
            word = "ok  " if line["met"] else "MISS"
            print(f"{word} {line['figure']:<64} {line['value']:>9} {goal}", file=sys.stderr)
        print(
            json.dumps({"benchmark": self.benchmark, "machine": machine(), "figures": self.lines})
        )


def percentile(share: float) -> Callable[[list[float]], float]:
    """A function that picks the value below which `share` of the samples lie."""

    def pick(values: list[float]) -> float:
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return pick


def machine() -> str:
    """What the figures were measured on, in a few words."""
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"model name\s*:\s*(.+)", info.read_text(encoding="utf-8"))
        model = found.group(1).strip() if found else platform.machine()
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"


def before_others(niceness: int = -10) -> None:
    """Lets this process, and all that it starts, go before other programs where that is allowed."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)


def arguments(
    description: str, *, kinds: Sequence[str] = (), **defaults: int
) -> argparse.Namespace:
    """Integer options, each with its default, such as rounds=5; of `kinds` the first by default."""
    parser = argparse.ArgumentParser(description=description)
    if kinds:
        parser.add_argument("kind", nargs="?", choices=kinds, default=kinds[0])
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    return parser.parse_args()
