"""A thread that does one session's work, one job after the other.

To make a thread for each run costs as much as a small query. The thread is a daemon: whatever a
silent server does to it, it holds up neither the event loop nor the end of the process.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.gateway.executing.plan import Plan
    from engine.gateway.model import SqlQueryResult

T = TypeVar("T")


class _Job(NamedTuple):
    """Work, and where its outcome goes."""

    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    landed: asyncio.Future[Any]


class Blocking(Protocol):
    """A session whose run blocks; one thread works with it, and any may `cut` it."""

    @property
    def fit(self) -> bool:
        """Whether it may be used again."""
        ...

    def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan within so many seconds, and undo whatever it did to the session.

        Raises:
            SqlGatewayError: It was refused, failed or took too long.
            Lost: The connection is gone.
        """
        ...

    def cut(self) -> None:
        """End what runs, from another thread, at once."""
        ...

    def close(self) -> None:
        """Close; closing again does nothing."""
        ...


class Threaded:
    """A session that does not block: another one's runs, in a thread of their own.

    Args:
        session: The one that blocks.
    """

    def __init__(self, session: Blocking) -> None:
        self._session = session
        self._worker = Worker()

    @property
    def fit(self) -> bool:
        """Whether it may be used again."""
        return self._session.fit

    async def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan; raises as the session does. Given up, the session is cut."""
        work = partial(self._session.run, plan, within_s)
        return await self._worker.do(work, abort=self._session.cut)

    def close(self) -> None:
        """Close the session once its thread is free; nobody waits, a server may be silent."""
        self._worker.end(self._session.close)

    async def closed(self, within_s: float) -> None:
        """Wait until it is closed, for no longer than that.

        A thread that is still there when the process ends may bring a driver's library down.
        """
        await asyncio.to_thread(self._worker.wait, within_s)


class Worker:
    """Does the work of one session in a thread of its own, until `end`."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | Callable[[], object]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="lampboard-gateway", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[], T], *, abort: Callable[[], object]) -> T:
        """Return what `work` returns.

        Args:
            work: What to do; it may block.
            abort: Called when nobody waits any more: makes `work` end soon.
        """
        loop = asyncio.get_running_loop()
        landed: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, loop, landed))
        try:
            return await landed
        except asyncio.CancelledError:
            with suppress(Exception):  # it may be gone already
                abort()
            raise

    def end(self, last: Callable[[], object]) -> None:
        """Do `last` when all else is done, and end the thread; nobody is told how it went."""
        self._jobs.put(last)

    def wait(self, seconds: float) -> None:
        """Wait until the thread has ended; it blocks, for no longer than that."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if not isinstance(job, _Job):
                with suppress(Exception):
                    job()
                return
            _do(job)
            # What it returned is not kept until the next one.
            del job


def _do(job: _Job) -> None:
    try:
        result = job.work()
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits
        _tell(job, _failed, error)
    else:
        _tell(job, _passed, result)


def _tell(job: _Job, settle: Callable[..., None], value: object) -> None:
    with suppress(RuntimeError):  # the loop may have ended meanwhile
        job.loop.call_soon_threadsafe(settle, job.landed, value)


def _passed(landed: asyncio.Future[Any], result: object) -> None:
    if not landed.done():
        landed.set_result(result)


def _failed(landed: asyncio.Future[Any], error: BaseException) -> None:
    if not landed.done():
        # A future refuses to hold a StopIteration, and whoever waits would wait for ever.
        held = RuntimeError("the driver stopped") if isinstance(error, StopIteration) else error
        landed.set_exception(held)
