"""Somebody who keeps secrets elsewhere, as slow and as wrong as a test wants."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.credentials import Credential, CredentialsFacade, CredentialStore, MasterKeySource
from engine.credentials.asking import Asker
from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.credentials import ExternalReference
    from engine.workspace import Workspace

SECRET = "canary-kept-elsewhere"


@dataclass
class Elsewhere:
    """Answers for every kind; what has `slow` in its path waits until `go` is set.

    Attributes:
        deadline_s: How long anybody waits for it.
        asked: How often it was asked for which reference.
        begun: Set once somebody asks for something slow.
        look: Called, in the thread that asks, at each question.
    """

    deadline_s: float = 30.0
    expires_at: datetime | None = None
    asked: Counter[str] = field(default_factory=Counter)
    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    look: Callable[[], None] | None = None
    at_once: int = 0
    most_at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, reference: ExternalReference) -> Credential:
        with self._lock:
            self.asked[str(reference)] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._answer(reference)
        finally:
            with self._lock:
                self.at_once -= 1

    def _answer(self, reference: ExternalReference) -> Credential:
        if self.look is not None:
            self.look()
        if "slow" in reference.path:
            self.begun.set()
            assert self.go.wait(60)
        if "gone" in reference.path:
            raise CredentialUnreadable("It is gone.", hint="Put it back.")
        return Credential(SECRET, self.expires_at)


def keep_elsewhere(workspace: Workspace, elsewhere: Elsewhere) -> CredentialsFacade:
    """Let a workspace ask `elsewhere` for all that is not its own; before its first secret."""
    core = CredentialStore(
        MasterKeySource.from_settings(workspace.settings),
        clock=workspace.clock,
        ids=workspace.ids,
        environment={"A_KEY": SECRET},
        asker=Asker(elsewhere),  # type: ignore[arg-type]  # all that is asked of backends
    )
    facade = CredentialsFacade(workspace, core)
    workspace.__dict__["credentials"] = facade
    return facade
