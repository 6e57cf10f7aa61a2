"""A folder of the machine that checks."""

from __future__ import annotations

import os
import shutil
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from engine.probes.refusals import Refused, no_such
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_SCHEME = "file://"


async def probe(attempt: Attempt) -> dict[str, object]:
    """See that the folder is there and can be read, and written if that is asked for."""
    path = _path(attempt)
    writable = attempt.place.option("access", "read") == "write"
    async with attempt.stage("open"):
        # A folder of a lost network share holds whoever looks at it, so a thread looks.
        await in_thread(lambda: _require_access(path, writable=writable))
    async with attempt.stage("list"):
        empty = await in_thread(lambda: _is_empty(path))
        free = await in_thread(lambda: shutil.disk_usage(path).free)
    return {"server": "local", "folder": str(path), "empty": empty, "free_bytes": free}


def _path(attempt: Attempt) -> Path:
    text = (attempt.place.database or "").removeprefix(_SCHEME)
    if not text:
        raise Refused("invalid_request", "No folder is named.", "Enter the folder's path.")
    path = Path(text)
    if not path.is_absolute():
        raise Refused(
            "invalid_request",
            "The folder's path is relative, so it would depend on where the check runs.",
            "Enter the whole path, from / on.",
        )
    return path


def _require_access(path: Path, *, writable: bool) -> None:
    """Raise Refused unless the folder (or file) is there and open to this process."""
    if not path.exists():
        raise no_such("folder", str(path), "Check the path, and that its disk is mounted.")
    if not (path.is_dir() or path.is_file()):
        raise Refused(
            "wrong_protocol",
            f"{path} is neither a folder nor a file: it is a device, a pipe or a socket.",
            "Enter the path of a folder.",
        )
    needed = os.R_OK | (os.X_OK if path.is_dir() else 0) | (os.W_OK if writable else 0)
    if not os.access(path, needed):
        way = "written" if os.access(path, needed & ~os.W_OK) else "read"
        raise Refused(
            "access_denied",
            f"{path} may not be {way} by the user who runs the check.",
            "Change its owner or its mode, or run the check as another user.",
        )


def _is_empty(path: Path) -> bool:
    if not path.is_dir():
        return path.stat().st_size == 0
    with os.scandir(path) as entries:
        return not list(islice(entries, 1))
