"""Databases that are a file: a session on one, and whether it is still the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.gateway.executing.worker import Threaded
from engine.probes.databases.database_file import named_file, require_file
from engine.probes.refusals import translated
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.gateway.executing.worker import Blocking
    from engine.probes.attempt import Attempt
    from engine.probes.refusals import Refused


async def opened(
    attempt: Attempt,
    session: Callable[[Path], Blocking],
    meaning: Callable[[Exception, Path], Refused | None],
) -> Threaded:
    """Return a session on the file that a place names, opened in a thread.

    Args:
        attempt: What is under way.
        session: Opens the file.
        meaning: What a driver's error on opening it means.

    Raises:
        Refused: There is no such file, or it cannot be used.
    """
    path = named_file(attempt.place)

    def work() -> Blocking:
        require_file(path)
        return session(path)

    with translated(lambda error: meaning(error, path)):
        return Threaded(await in_thread(work))


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another that takes its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
