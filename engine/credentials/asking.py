"""Asking those who keep secrets outside the workspace: bounded, in time, each secret once.

Backends block, and a keyring or a vault may do so for ever. They are asked in daemon threads,
which no end of the process waits for; each kind has threads of its own, so that one that hangs
holds up no other. Who asks for a secret that is being asked for already gets the same answer;
once it is there, nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING

from engine.credentials.types import Credential
from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from engine.credentials.backends import Backends
    from engine.credentials.references import ExternalReference

AT_ONCE = 8
"""Secrets of one kind that are asked for at the same time."""

Answer = Future[Credential]


class Asker:
    """Asks backends in threads; to be shared by everybody in a process.

    Args:
        backends: Who keeps secrets.
        at_once: Threads of one kind.
    """

    def __init__(self, backends: Backends, *, at_once: int = AT_ONCE) -> None:
        self._backends = backends
        self._at_once = at_once
        self._lock = threading.Lock()
        self._under_way: dict[ExternalReference, Answer] = {}
        self._waiting: dict[str, deque[ExternalReference]] = {}
        self._threads: dict[str, int] = {}

    async def ask(self, reference: ExternalReference) -> Credential:
        """Return the secret behind a reference, or raise once its time is over.

        Raises:
            CredentialError: There is none, or it cannot be had in time.
        """
        answer = asyncio.wrap_future(self._begin(reference))
        try:
            # Shielded: who stops waiting does not stop it for the others.
            async with asyncio.timeout(self._backends.deadline_s):
                return await asyncio.shield(answer)
        except TimeoutError:
            answer.add_done_callback(_heard)
            raise _late() from None

    def _begin(self, reference: ExternalReference) -> Answer:
        with self._lock:
            answer = self._under_way.get(reference)
            if answer is None:
                answer = self._under_way[reference] = Future()
                self._waiting.setdefault(reference.kind, deque()).append(reference)
                self._start(reference.kind)
            return answer

    def _start(self, kind: str) -> None:
        if self._threads.get(kind, 0) < self._at_once:
            self._threads[kind] = self._threads.get(kind, 0) + 1
            threading.Thread(
                target=self._work, args=(kind,), name=f"lampboard-{kind}", daemon=True
            ).start()

    def _work(self, kind: str) -> None:
        while (reference := self._next(kind)) is not None:
            credential, error = self._asked(reference)
            with self._lock:
                answer = self._under_way.pop(reference)
            if credential is not None:
                answer.set_result(credential)
            else:
                answer.set_exception(error)

    def _next(self, kind: str) -> ExternalReference | None:
        """Return what to ask for next; None when this thread is not needed any more."""
        with self._lock:
            waiting = self._waiting[kind]
            if waiting:
                return waiting.popleft()
            self._threads[kind] -= 1
            return None

    def _asked(self, reference: ExternalReference) -> tuple[Credential | None, BaseException]:
        try:
            return self._backends.get(reference), CredentialUnreadable("")
        except BaseException as error:  # noqa: BLE001 - told to whoever asked
            return None, error


def _heard(answer: asyncio.Future[Credential]) -> None:
    """Take note of an answer that came too late, so that nobody reports it as unheard."""
    if not answer.cancelled():
        answer.exception()


def _late() -> CredentialUnreadable:
    return CredentialUnreadable(
        "The secret was not there within its time.",
        hint="Check who keeps it; credential_deadline_s says how long to wait.",
    )
