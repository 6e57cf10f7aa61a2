"""Care for a database that no workspace has opened: `lampboard db upgrade`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.translate import translated

if TYPE_CHECKING:
    from engine.settings import Settings
    from storage.database import DatabaseInfo


def upgrade_database(settings: Settings) -> DatabaseInfo:
    """Bring the database of `settings` to the newest schema; a file is backed up first.

    Raises:
        WorkspaceError: It cannot be used; it was not changed.
    """
    from storage.database import upgrade

    with translated():
        return upgrade(settings.database)
