"""The one seam between the storage's errors and the engine's."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.errors import EditConflict, LampboardError, NameTaken, WorkspaceError
from storage.errors import Conflict, StaleWrite, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def translated() -> Iterator[None]:
    """Turn the storage's errors into the engine's."""
    try:
        yield
    except StorageError as error:
        raise _engine_error(error) from error


def changed_meanwhile() -> EditConflict:
    """Return the error for what is not any more as it was read."""
    return EditConflict(
        "Somebody else changed this since it was read; nothing was saved.",
        hint="Load it again and repeat the change.",
    )


def _engine_error(error: StorageError) -> LampboardError:
    if isinstance(error, StaleWrite):
        return changed_meanwhile()
    if isinstance(error, Conflict) and error.field in {"name", "sort_name"}:
        return NameTaken("This tenant has one of that name already.", field="name")
    return WorkspaceError(
        error.message, hint=error.hint, temporary=error.temporary, code=error.code
    )
