"""Databases that are one file on the machine that checks."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from engine.probes.refusals import Refused, no_such, translated
from engine.probes.states import CusHealthState
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

    Look: TypeAlias = Callable[[Path, "Held", Callable[[str], None]], dict[str, object]]

# Long enough for a writer's ordinary transaction, short enough for a check.
LOCK_WAIT_S = 1.0


class Interruptible(Protocol):
    """A driver's connection."""

    def interrupt(self) -> None:
        """End what it is at."""
        ...


Held: TypeAlias = list[Interruptible]


async def look_at(
    attempt: Attempt, look: Look, meaning: Callable[[Exception, Path], Refused | None]
) -> dict[str, object]:
    """Look into a place's file in a thread, by the stages open and what `look` turns to.

    Args:
        attempt: The check under way.
        look: Opens the file and returns what it found; what it holds is interrupted when the
            check is given up.
        meaning: What a driver's error means.

    Raises:
        Refused: No file is named, or it cannot be used.
    """
    path = named_file(attempt.place)
    held: Held = []

    def interrupt() -> None:
        for connection in held:
            connection.interrupt()

    with attempt.turns("open") as turn, translated(lambda error: meaning(error, path)):
        return await in_thread(lambda: look(path, held, turn), abort=interrupt)


def named_file(place: Place) -> Path:
    """Return the path that a place names.

    Raises:
        Refused: None is named, or one that depends on where the check runs.
    """
    text = place.database or ""
    if not text or text == ":memory:":
        raise Refused("invalid_request", "No file is named.", "Enter the file's path.")
    path = Path(text)
    if not path.is_absolute() or "\0" in text:
        raise Refused(
            "invalid_request",
            "The file's path is relative, so it would depend on where the check runs.",
            "Enter the whole path, from / on.",
        )
    return path


def require_file(path: Path) -> int:
    """Return the size of a file that can be read, in bytes; call it in a thread.

    A folder of a lost network share holds whoever looks at it.

    Raises:
        Refused: It is not there, no file, or not for this user.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise no_such("file", str(path), "Check the path, and that its disk is mounted.") from None
    except PermissionError:
        raise _not_readable(path) from None
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
        raise Refused("not_found", f"{path} is {kind}.", "Enter the path of the database's file.")
    if not os.access(path, os.R_OK):
        raise _not_readable(path)
    return found.st_size


def no_database(path: Path, title: str) -> Refused:
    """Return the refusal of a file with something else in it."""
    return Refused(
        "wrong_protocol",
        f"{path} is no {title} database.",
        "Check the path; an encrypted or half-copied file looks like this too.",
    )


def damaged(path: Path, title: str) -> Refused:
    """Return the refusal of a database that is broken."""
    return Refused(
        "corrupt",
        f"The {title} database {path} is damaged.",
        "Restore it from a backup, and check the disk.",
    )


def locked(path: Path) -> Refused:
    """Return the refusal of a database that somebody else holds."""
    return Refused(
        "locked",
        f"Another process holds {path} for itself.",
        "Wait until it has finished; a writer that hangs must be ended.",
        state=CusHealthState.DEGRADED,
    )


def _not_readable(path: Path) -> Refused:
    return Refused(
        "access_denied",
        f"{path} may not be read by the user who runs the check.",
        "Change its owner or its mode, or run the check as another user.",
    )
