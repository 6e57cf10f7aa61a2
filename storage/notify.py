"""PostgreSQL tells of changes: each commit that raised counters says which, to all that listen.

The channel is named by the table of the counters, so that two schemas of one database, and a
restored one, do not hear each other. What is told are the counters' new values, in the order of
the commits: who listens knows all of them without ever asking.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.lines import hang_up
from storage.revisions import CONCEPTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection

    from storage.lines import Lines

LOOK_ANYWAY_S = 5.0
"""Seconds without a word after which the server is asked: a dead line says nothing either."""

ANSWER_S = 15.0
"""Seconds in which it has to answer: twenty in all, and the line is known to be dead."""

RETRY_S = 1.0
"""Seconds after which a lost line is made again; meanwhile whoever wants to know asks."""

RETRY_MOST_S = 30.0
"""Seconds to which that grows while nothing comes of it: a standby lets nobody listen."""

STOP_S = 1.0
"""Seconds for which an end waits: an attempt to connect may take longer, and dies by itself."""

_CHANNEL = "SELECT 'lampboard_' || CAST(CAST('revisions' AS regclass) AS oid)"
_DIGITS = 19
_READ = "SELECT concept, revision FROM revisions"


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """The counters as the server last told them, and how many seconds ago it said anything."""

    revisions: Mapping[str, int]
    age_s: float


class Listener:
    """Listens on a connection of its own, in a thread, from `start` until `stop`.

    A connection that is lost is made again, and everything is read once then: what was said in
    between is not said again.

    Args:
        connect: Makes a connection of psycopg; may raise anything when it cannot.
        lines: All connections to that server: no answer on this one, and none is waited for.
    """

    def __init__(self, connect: Callable[[], Connection], lines: Lines) -> None:
        self._connect, self._lines = connect, lines
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._line: Connection | None = None
        self._known: dict[str, int] | None = None
        self._at = 0.0
        self._waiting: set[Callable[[], None]] = set()
        self._thread = threading.Thread(target=self._run, name="lampboard-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; called once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and its connection."""
        self._stopping.set()
        with self._lock:
            line = self._line
            if line is not None:
                hang_up(line)
        self._thread.join(STOP_S)

    def heard(self) -> Heard | None:
        """Give what is known; None while nobody listens, so that whoever wants to know asks."""
        with self._lock:
            if self._known is None:
                return None
            return Heard(revisions=dict(self._known), age_s=time.monotonic() - self._at)

    def call(self, told: Callable[[], None]) -> Callable[[], None]:
        """Let `told` be called whenever something changed; gives what ends that.

        It is called in the listener's thread, also when the connection is lost or back.
        """
        with self._lock:
            self._waiting.add(told)

        def forget() -> None:
            with self._lock:
                self._waiting.discard(told)

        return forget

    def _run(self) -> None:
        pause = RETRY_S
        while not self._stopping.is_set():
            # Whatever is wrong, others meet it too when they ask, and say so.
            with contextlib.suppress(Exception):
                self._listen()
            pause = RETRY_S if self._lost() else min(2 * pause, RETRY_MOST_S)
            self._stopping.wait(pause)

    def _listen(self) -> None:
        with self._connect() as line:
            line.autocommit = True
            with self._lock:
                self._line = line
            try:
                self._follow(line)
            finally:
                with self._lock:
                    self._line = None

    def _follow(self, line: Connection) -> None:
        row = line.execute(_CHANNEL).fetchone()
        if row is None:
            return
        line.execute(f"LISTEN {row[0]}")
        while not self._stopping.is_set():
            # After LISTEN: what was committed before it is in here, what comes after it is told.
            with self._lines.unless_within(ANSWER_S):
                found = line.execute(_READ).fetchall()
            self._take({str(concept): int(value) for concept, value in found})
            for note in line.notifies(timeout=LOOK_ANYWAY_S):
                self._take(parse(note.payload))

    def _take(self, told: Mapping[str, int]) -> None:
        with self._lock:
            self._at = time.monotonic()
            known = self._known
            if known is not None and all(known.get(name) == told[name] for name in told):
                return
            self._known = {**dict.fromkeys(CONCEPTS, 0), **(known or {}), **told}
        self._tell()

    def _lost(self) -> bool:
        """Forget what was heard; tell whether anything was."""
        with self._lock:
            before, self._known = self._known, None
        if before is not None:
            self._tell()
        return before is not None

    def _tell(self) -> None:
        with self._lock:
            waiting = tuple(self._waiting)
        for told in waiting:
            told()


def parse(payload: str) -> dict[str, int]:
    """Read what a commit said: `health=41 sources=7`.

    Anybody who may connect may say something here; what is no counter of ours says nothing.
    """
    words = (word.partition("=") for word in payload.split())
    return {
        name: int(value)
        for name, _, value in words
        if name in CONCEPTS and value.isdecimal() and len(value) < _DIGITS
    }
