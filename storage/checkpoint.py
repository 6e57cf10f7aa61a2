"""Moving the write-ahead log into the database file, by one process at a time.

SQLite 3.7.0 to 3.51.2 can lose data when several connections do this at once, so no connection
does it on its own (`wal_autocheckpoint=0`). Whoever commits and finds the log long takes a file
lock first; who does not get it leaves the work to its holder.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from typing import TYPE_CHECKING

from storage.files import PRIVATE_FILE, wal_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG_WAL_BYTES = 4 << 20
FIRST_WITH_WAL = (3, 7, 0)
FIRST_WITHOUT_BUG = (3, 51, 3)


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether this SQLite can lose data when several connections checkpoint at once."""
    return FIRST_WITH_WAL <= version < FIRST_WITHOUT_BUG


def checkpoint_if_long(raw: sqlite3.Connection, path: Path) -> None:
    """Checkpoints after a commit when the log has grown long and nobody else is at it.

    The commit is done whatever becomes of this: on a full disk the log stays as long as it is, and
    whoever commits next tries again.
    """
    with contextlib.suppress(OSError, sqlite3.OperationalError):
        if wal_of(path).stat().st_size > LONG_WAL_BYTES:
            with _alone(path) as alone:
                if alone:
                    raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[bool]:
    if sys.platform == "win32":
        yield True
        return
    import fcntl

    lock = os.open(path.with_name(path.name + "-checkpoint"), os.O_CREAT | os.O_RDWR, PRIVATE_FILE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(lock)
