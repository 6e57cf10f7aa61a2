"""Drivers that block, kept from holding anything up: neither the event loop nor the process's end.

A thread of an executor would be waited for when the process ends, and a driver that a silent
server holds would keep one of its few threads. So each call gets a daemon thread of its own.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


@contextmanager
def cutting(sock: socket.socket) -> Iterator[Callable[[], None]]:
    """Yield what ends a connection under a driver that blocks on it in another thread.

    Closing the socket would not wake that thread, and its number might be given to another
    connection, which the driver would then read. A twin lives on when a driver takes the socket
    over for TLS.
    """
    twin = sock.dup()

    def cut() -> None:
        with suppress(OSError):  # the other side may have ended it already
            twin.shutdown(socket.SHUT_RDWR)

    try:
        yield cut
    finally:
        twin.close()


async def in_thread(work: Callable[[], T], *, abort: Callable[[], object] | None = None) -> T:
    """Run blocking `work` in a thread of its own and return what it returns.

    Args:
        work: What to run. Give its driver a time limit too, so that the thread ends.
        abort: Called when nobody waits any more (the deadline passed): ends the driver's
            connection, so that `work` ends at once. See `cutting`.
    """
    loop = asyncio.get_running_loop()
    landed: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            _tell(loop, landed, _failed, error)
        else:
            _tell(loop, landed, _passed, result)

    threading.Thread(target=run, name="lampboard-driver", daemon=True).start()
    try:
        return await landed
    except asyncio.CancelledError:
        if abort is not None:
            with suppress(Exception):  # the socket may be gone already
                abort()
        raise


def _tell(
    loop: asyncio.AbstractEventLoop,
    landed: asyncio.Future[T],
    settle: Callable[..., None],
    value: object,
) -> None:
    with suppress(RuntimeError):  # the loop may have ended meanwhile
        loop.call_soon_threadsafe(settle, landed, value)


def _passed(landed: asyncio.Future[T], result: T) -> None:
    if not landed.done():
        landed.set_result(result)


def _failed(landed: asyncio.Future[T], error: BaseException) -> None:
    if landed.done():
        return
    # A future refuses to hold a StopIteration, and whoever waits would wait for ever.
    held = RuntimeError("the driver stopped") if isinstance(error, StopIteration) else error
    landed.set_exception(held)
