"""What a check could leave behind in its process: threads, sockets, tasks and children."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 60.0
_LOOK_S = 0.005
_SELF = Path("/proc/self")


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """How much a process holds at one moment."""

    threads: int
    sockets: int
    tasks: int
    children: int

    def exceeds(self, other: Held) -> bool:
        """Tell whether there is more of anything than in another moment."""
        mine = (self.threads, self.sockets, self.tasks, self.children)
        theirs = (other.threads, other.sockets, other.tasks, other.children)
        return any(now > before for now, before in zip(mine, theirs, strict=True))


def held() -> Held:
    """Return what this process holds now, as the system tells it."""
    return Held(
        threads=len(_threads()),
        sockets=sum(_is_socket(one) for one in (_SELF / "fd").iterdir()),
        tasks=len(asyncio.all_tasks()),
        children=sum(map(_children, (_SELF / "task").glob("*/children"))),
    )


async def nothing_left(before: Held) -> None:
    """Wait until no more is held than before; what ends takes some turns of the loop."""
    until = time.monotonic() + PATIENCE_S
    while (now := held()).exceeds(before):
        assert time.monotonic() < until, f"left: {now}, was {before}; threads {_threads()}"
        await asyncio.sleep(_LOOK_S)


def _threads() -> list[str]:
    """Names of the threads but for the event loop's own few, which it keeps to look names up."""
    return [one.name for one in threading.enumerate() if not one.name.startswith("asyncio_")]


def _children(entry: Path) -> int:
    try:
        return len(entry.read_text().split())
    except OSError:  # its thread has ended meanwhile
        return 0


def _is_socket(entry: Path) -> bool:
    try:
        return str(entry.readlink()).startswith("socket:")
    except OSError:  # closed meanwhile: the folder that was being listed is one of them
        return False


class Connects:
    """Writes down every address that Python connects to while it is switched on."""

    def __init__(self) -> None:
        self.seen: list[object] = []
        self.on = False
        sys.addaudithook(self._hear)

    def _hear(self, event: str, given: tuple[object, ...]) -> None:
        if self.on and event == "socket.connect":
            self.seen.append(given[1])
