"""Who is there on a shared server: each monitor holds a lock for as long as its session lives.

A process that is killed, on whatever machine, loses its connection at once: the system closes it,
the server ends the session and lets go of the lock. So all others know within a moment, long
before a lease ends. A machine that vanishes sends nothing; the server then asks for a sign of
life, and ends the session when there is none. A process that only stands still keeps its lock.

One SQLite file is one machine's, where the processes themselves can be looked at.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, text

from storage.types import UtcMillis, from_millis

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg
    from sqlalchemy import Connection

# The server asks after 4 s of silence, and gives up 2 s and two more questions later.
_SIGNS_OF_LIFE = (
    "SET tcp_keepalives_idle = 4",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 2",
)
# Named by the table, so that two schemas of one database do not meet.
_KEY = "hashtextextended(CAST(CAST('monitors' AS regclass) AS oid) || ' ' || {}, 0)"
_HOLD = f"SELECT pg_advisory_lock({_KEY.format('%s')})"
# An id is one monitor's: who holds its lock is its own session before this one, which was lost here
# and not there. A proxy between that is stuck would keep it for ever.
_END_OWN = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "  # noqa: S608
    "AND mode = 'ExclusiveLock' AND granted AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    f"AND (CAST(classid AS bigint) << 32 | CAST(objid AS bigint)) = {_KEY.format('%s')}"
)
# What may be absent is chosen first, so that no other lock is tried. Those who look share it, or
# one would keep the other from seeing who is missing.
_ABSENT = text(
    "WITH said AS MATERIALIZED (SELECT id FROM monitors WHERE stopped_at IS NULL "  # noqa: S608
    "AND beat_at >= :since AND id <> :me) SELECT id FROM said "
    f"WHERE pg_try_advisory_xact_lock_shared({_KEY.format('said.id')})"
).bindparams(bindparam("since", type_=UtcMillis))
_CLOCK = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")


class Presence:
    """The lock of one monitor, on a connection of its own."""

    def __init__(self, line: psycopg.Connection, owner: str) -> None:
        """Takes the lock; waits for nobody but those who are just looking whether it is free.

        A session of the same owner that is still there is ended.
        """
        self._line = line
        # Our own handle of it: the driver closes its one as soon as it notices that it is lost, and
        # the number may be another's by the time that whoever watches it lets go.
        self._socket = socket.socket(fileno=os.dup(line.fileno()))
        try:
            self._hold(owner)
        except BaseException:
            self.end()
            raise

    def _hold(self, owner: str) -> None:
        self._line.autocommit = True
        for setting in _SIGNS_OF_LIFE:
            self._line.execute(setting)
        self._line.execute(_END_OWN, (owner,))
        self._line.execute(_HOLD, (owner,))

    def fileno(self) -> int:
        """The connection's file: readable when the server says something, or is gone."""
        return self._socket.fileno()

    def is_held(self) -> bool:
        """Asks the server; False when the connection is lost, and the lock with it."""
        try:
            self._line.execute("SELECT 1")
        except Exception:  # noqa: BLE001  (whatever it is, this line is of no use any more)
            return False
        return True

    def end(self) -> None:
        """Lets go of the lock, also while another thread waits for an answer."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(Exception):
            self._line.close()
        self._socket.close()


def absent(connection: Connection, me: str, since: datetime) -> list[str]:
    """Gives the monitors that beat since a time, did not stop, and are not there any more.

    Until the transaction ends, none of them can come back. On SQLite nobody is known to be absent.
    """
    if connection.dialect.name == "sqlite":
        return []
    return list(connection.execute(_ABSENT, {"me": me, "since": since}).scalars())


def lease_clock(connection: Connection, now: datetime) -> datetime:
    """Gives the time that leases are made and judged by: on a server its own, for all machines.

    Two machines whose clocks differ by more than a lease would else take from each other what is
    being checked.
    """
    if connection.dialect.name == "sqlite":
        return now
    return from_millis(int(connection.execute(_CLOCK).scalar_one()))
