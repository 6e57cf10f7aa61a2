"""Drivers' connections that are watched: how much one row may bring, and an end from outside.

A driver holds a whole row before anybody sees it: of 200 MB in PostgreSQL psycopg takes 600 MB.
So the bytes are counted as they come, and a connection that brings too many is ended.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Bytes come as hexadecimal digits, two for each; and what is sent ahead belongs to later rows.
_SPELLED = 2
_AHEAD = 2 * 1024 * 1024
# 200 MB come in 0.2 s over loopback, so that some 5 MB more are there before it is seen.
_LOOK_S = 0.005
# struct tcp_info of linux/tcp.h: where tcpi_bytes_received is.
_INFO_BYTES, _RECEIVED = 256, 128


def most_on_the_wire(max_bytes: int) -> int:
    """Return how many bytes one answer may take, when its values may take `max_bytes`."""
    return _SPELLED * max_bytes + _AHEAD


def too_large() -> Refused:
    """Return the refusal of a row, or of a whole answer, that does not fit."""
    return Refused(
        "too_large",
        "One row is larger than the connector's max_bytes, so it was not brought.",
        "Select fewer columns or a part of the value, or raise max_bytes.",
    )


@cache
def postgresql() -> type[Any]:
    """Return psycopg's connection, watched; set its `most` to bytes."""
    import psycopg

    class WatchedPostgres(psycopg.Connection[Any]):
        most = 0
        _before = 0
        _over = False

        def wait(self, *args: Any, **options: Any) -> Any:
            self._before = _received(self.pgconn.socket)
            try:
                return super().wait(*args, **options)
            except psycopg.OperationalError:
                if self._over:
                    raise too_large() from None
                raise

        def cut(self) -> None:
            """End what runs, from another thread."""
            _cut(os.dup(self.pgconn.socket))

        @contextmanager
        def watched(self) -> Iterator[None]:
            """End what runs in the block as soon as one row takes more than `most` bytes.

            libpq reads a large row in one call, so it takes another thread to stop it.
            """
            done, twin = threading.Event(), os.dup(self.pgconn.socket)
            watch = threading.Thread(target=self._watch, args=(done, twin), daemon=True)
            watch.start()
            try:
                yield
            finally:
                done.set()
                watch.join()

        def _watch(self, done: threading.Event, twin: int) -> None:
            with socket.socket(fileno=twin) as sock:
                # What is sent ahead of being read counts for the row that is read.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _AHEAD // 8)
                while not done.wait(_LOOK_S):
                    if _received(twin) - self._before > self.most:
                        self._over = True
                        with suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)
                        return

    return WatchedPostgres


class _Ending:
    """How a connection of PyMySQL ends: from another thread, at once, or as usual."""

    _sock: Any
    _result: Any
    _force_close: Callable[[], None]

    def cut(self) -> None:
        """End what runs, from another thread."""
        _cut(os.dup(self._sock.fileno()))

    def drop(self) -> None:
        """Close at once; the driver itself would read all rows that are left."""
        if self._result is not None:
            self._result.unbuffered_active = False
        self._force_close()

    def close(self) -> None:
        """Close; closing again does nothing."""
        if self._sock is not None:
            super().close()  # type: ignore[misc]  # the driver's own


@cache
def mysql() -> type[Any]:
    """Return PyMySQL's connection, watched; set its `most` to bytes, 0 for any number."""
    from pymysql import connections

    driver: Any = connections  # its types leave out what is watched here

    class WatchedMySql(_Ending, driver.Connection):  # type: ignore[misc]
        most = 0
        _taken = 0
        _by_row = False

        def query(self, sql: Any, unbuffered: bool = False) -> Any:
            self._taken, self._by_row = 0, unbuffered
            return super().query(sql, unbuffered)

        def _read_packet(self, packet_type: Any = driver.MysqlPacket) -> Any:
            if self._by_row:
                self._taken = 0
            return super()._read_packet(packet_type)

        def _read_bytes(self, num_bytes: int) -> Any:
            self._taken += num_bytes
            if self.most and self._taken > self.most:
                self.drop()
                raise too_large()
            return super()._read_bytes(num_bytes)

    return WatchedMySql


def received(sock: socket.socket) -> int:
    """Return how many bytes a connection has received; 0 where the system does not say (Linux)."""
    import struct

    if not hasattr(socket, "TCP_INFO"):
        return 0
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
        return int(struct.unpack_from("Q", told, _RECEIVED)[0])
    except (OSError, struct.error):
        return 0


def _received(descriptor: int) -> int:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as sock:
            return received(sock)
    except OSError:
        return 0


def _cut(descriptor: int) -> None:
    # Closing would not wake a thread that reads, and the number might be given away meanwhile.
    with socket.socket(fileno=descriptor) as twin, suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)
