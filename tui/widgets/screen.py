"""The base of every screen: one load, one immutable snapshot, five states, the same frame.

A subclass says what it loads, shows and watches; this class runs the worker, handles its errors
once, keeps the last snapshot while a reload fails, and shows the data's age.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.desk import Desk

SnapshotT = TypeVar("SnapshotT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Empty:
    """What an empty screen says: what is not there, and what to do next."""

    title: str
    text: str


class BoardScreen(Screen[None], Generic[SnapshotT]):
    """Header, mode bar, body, key bar; subclasses fill in the body.

    Subclass:
        class IntegrationsScreen(BoardScreen[IntegrationsView]):
            WATCHES = frozenset({"integrations", "health"})   # revisions that make it reload
            WRITING = frozenset({"new", "edit", "delete"})    # actions taken away when read-only
            def compose_body(self): yield WindowTable(...)
            async def load(self): workspace = await self.desk.workspace(); ...; return view
            def show(self, snapshot): self.query_one(...).update(...)
            def is_empty(self, snapshot): return not snapshot.total
    """

    WATCHES: ClassVar[frozenset[str]] = frozenset()
    WRITING: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def compose_body(self) -> ComposeResult:
        """Yield the widgets between mode bar and key bar."""
        raise NotImplementedError

    async def load(self) -> SnapshotT:
        """Fetch everything the screen shows, as one immutable snapshot; runs in a worker."""
        raise NotImplementedError

    def show(self, snapshot: SnapshotT) -> None:
        """Put a snapshot on screen; called on the event loop, must not wait."""
        raise NotImplementedError

    def is_empty(self, snapshot: SnapshotT) -> bool:
        """Whether there is nothing to show; then `empty()` is shown instead of the body."""
        raise NotImplementedError

    def empty(self) -> Empty:
        """Return what the empty state says."""
        raise NotImplementedError

    def reload(self) -> None:
        """Load again now (coalesced: at most one load runs, at most one waits)."""
        raise NotImplementedError

    def tenant_changed(self) -> None:
        """Called when the tenant was switched; forgets the snapshot and reloads."""
        raise NotImplementedError

    def report(self, error: BaseException) -> None:
        """Show an error (for actions too): one clear sentence, a toast when a body is shown."""
        raise NotImplementedError
