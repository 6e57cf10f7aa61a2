"""Processes of the machine that belong to one database, seen from outside: by `/proc`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.system.program import Program

T = TypeVar("T")
PATIENCE_S = 300
_LOOK_S = 0.02


def processes(program: Program, word: str = "") -> dict[int, str]:
    """Return the command lines of all processes that work on this program's database."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            environment = (folder / "environ").read_bytes()
        except (OSError, IndexError):
            continue  # gone meanwhile
        ours = str(program.folder).encode() in environment or str(program.folder) in line
        if ours and state != "Z" and word in line and " tui" in line:
            found[int(folder.name)] = line
    return found


def monitors(program: Program) -> list[int]:
    """Return the monitors that dashboards of this database started."""
    return list(processes(program, "--child"))


def wait_for(look: Callable[[], T], what: str, seconds: float = PATIENCE_S) -> T:
    """Look again and again at what other processes do, until there is something to be seen."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(_LOOK_S)
    return found
