"""Looking names up without holding up anything, not even the end of the process.

The system's resolver blocks, for half a minute when the name server is away. Its calls run in
daemon threads, because a process waits for the threads of an executor before it ends.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from contextlib import suppress

_MAX_THREADS = 32

Answer = tuple[str, ...] | OSError


class Resolver:
    """Looks names up; lookups of the same name that are under way are shared.

    A lookup that nobody waits for any more goes on, so asking again and again for a dead name
    keeps one thread busy, not many.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Future[Answer]] = {}
        self._waiting: deque[str] = deque()
        self._threads = 0

    async def __call__(self, name: str) -> tuple[str, ...]:
        """Return the addresses of `name`, in the order the system prefers.

        Raises:
            OSError: The lookup failed; usually socket.gaierror.
        """
        future = self._under_way.get(name)
        if future is None:
            future = self._under_way[name] = asyncio.get_running_loop().create_future()
            self._waiting.append(name)
            self._start()
        answer = await asyncio.shield(future)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _start(self) -> None:
        while self._waiting and self._threads < _MAX_THREADS:
            self._threads += 1
            threading.Thread(
                target=self._look_up,
                args=(self._waiting.popleft(), asyncio.get_running_loop()),
                name="lampboard-resolver",
                daemon=True,
            ).start()

    def _look_up(self, name: str, loop: asyncio.AbstractEventLoop) -> None:
        answer: Answer
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            answer = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        except (OSError, UnicodeError) as error:
            answer = (
                error
                if isinstance(error, OSError)
                else socket.gaierror(socket.EAI_NONAME, str(error))
            )
        # The loop may have ended while the name server kept silent.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._landed, name, answer)

    def _landed(self, name: str, answer: Answer) -> None:
        self._threads -= 1
        future = self._under_way.pop(name)
        if not future.done():
            future.set_result(answer)
        self._start()
