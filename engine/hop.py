"""The one way from an event loop to the database: a protocol that the workspace fulfils.

Facades are async and hold no connection. They hand a function of one connection to the hop,
which runs it in a worker thread inside one unit of work, and translates the storage's errors.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.ids import IdMaker
    from engine.settings import Settings

T = TypeVar("T")


class Run(Protocol):
    """What every change of a run needs beside its connection: settings, clock, ids, origin."""

    @property
    def settings(self) -> Settings:
        """The settings of this run."""
        ...

    @property
    def clock(self) -> Clock:
        """Where time comes from."""
        ...

    @property
    def ids(self) -> IdMaker:
        """Where identifiers come from."""
        ...

    @property
    def origin(self) -> str:
        """What opened the workspace, for the activity: dashboard, cli, monitor or code."""
        ...


class Hop(Run, Protocol):
    """What a facade needs: a database behind a thread, and all that a run has."""

    def require_writable(self) -> None:
        """Raise ReadOnlyRefused when this run may not change anything."""
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a worker thread with a reading connection.

        Raises:
            WorkspaceError: The database cannot be used.
        """
        ...

    async def write(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Run `work` in a worker thread inside one transaction; commit when it returns.

        Raises:
            ReadOnlyRefused: The run is read-only.
            WorkspaceError: The database cannot be used.
        """
        ...


def default_facade(name: str) -> object:
    """Return the facade `name` of the process's default workspace, opening it at first use.

    The workspace is above the facades, so it is named here and not imported: the layers of the
    engine stay one-way, and importing a facade stays cheap.
    """
    workspace = importlib.import_module("engine.workspace").get_default_workspace()
    return cast("object", getattr(workspace, name))
