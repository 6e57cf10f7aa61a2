"""Care for a database that no workspace has opened: `lampboard db upgrade` and `db copy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.translate import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.settings import Settings
    from storage.copying import Copied
    from storage.database import Database, DatabaseInfo


def upgrade_database(settings: Settings) -> DatabaseInfo:
    """Bring the database of `settings` to the newest schema; a file is backed up first.

    Raises:
        WorkspaceError: It cannot be used; it was not changed.
    """
    from storage.database import upgrade

    with translated():
        return upgrade(settings.database)


def copy_database(
    settings: Settings, to: str, *, told: Callable[[str, str, int], None]
) -> tuple[Copied, bool]:
    """Copy the database of `settings`, as of now, into the empty one that `to` names.

    Return what was copied, and whether a monitor is at work on the original meanwhile.

    Args:
        settings: The run's.
        to: The URL, or the path of a file.
        told: Is told how far it is: what is done, with which table, how many rows of it.

    Raises:
        WorkspaceError: One of them cannot be used, or the copy would not be the same; the other
            one is as it was.
    """
    from engine.settings import default_database
    from storage.copying import copy
    from storage.database import Database

    with translated():
        # What is not there, or of an older release, is told and not made or migrated.
        source = Database.open(settings.database, read_only=settings.read_only, migrate=False)
        try:
            watched = _is_watched(source)
            return copy(source, to, told=told, make_folder=to == default_database()), watched
        finally:
            source.close()


def _is_watched(database: Database) -> bool:
    from engine.clock import SystemClock
    from engine.health.rules import BEAT_TIMEOUT
    from storage.health import HealthDriver

    with database.read() as connection:
        return bool(HealthDriver(connection).monitors(SystemClock().now() - BEAT_TIMEOUT))
