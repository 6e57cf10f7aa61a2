"""Waiting for one's turn to write a file: SQLite has one writer, and no order among who waits.

Who waits asks again every tenth of a second, while the next one asks at once: with eight busy
processes some waited for 4.4 s of the 5 that they may. So a wait that was too long is told only
where nobody else got through meanwhile either; the database is held then, and not just busy.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60.0
"""How long others may come first, before that is told as well."""


def begin(raw: sqlite3.Connection, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Begins a writing transaction as soon as it can be.

    Raises:
        sqlite3.OperationalError: The database is held by somebody for longer than the connection
            waits, or something else is wrong with it.
    """
    seen, until = _commits(raw), clock() + PATIENCE_S
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            now_seen = _commits(raw)
            if not _is_busy(error) or now_seen == seen or clock() > until:
                raise
            seen = now_seen
        else:
            return


def _commits(raw: sqlite3.Connection) -> int:
    """Gives a number that is another one when somebody else has committed since."""
    return int(raw.execute("PRAGMA data_version").fetchone()[0])


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorname == "SQLITE_BUSY"
