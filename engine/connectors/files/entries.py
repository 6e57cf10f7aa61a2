"""What lies in a folder, and which paths lead there."""

from __future__ import annotations

from dataclasses import dataclass

from engine.connectors.base import refuse
from engine.jsonable import JsonRecord

_MAX_PATH = 1024
_DOTS = frozenset({".", ".."})


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry(JsonRecord):
    """One entry; `path` is relative to the root, `size` in bytes and None for a folder."""

    path: str
    folder: bool
    size: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileList(JsonRecord):
    """Entries by path; `truncated` when there are more than the connector's `max_rows`."""

    entries: tuple[FileEntry, ...]
    truncated: bool = False


def parts_of(path: str) -> tuple[str, ...]:
    """Return the parts of a path below the root; none for the root itself.

    Raises:
        ConnectorError: It is absolute, or could lead out of the root.
    """
    if len(path) > _MAX_PATH or not path.isprintable() or "\\" in path:
        raise refuse("invalid_path", "The path is too long, or has signs that no path has here.")
    if path.startswith(("/", "~")) or "://" in path:
        raise refuse("not_allowed", "The path must be relative to the connector's root.")
    parts = tuple(part for part in path.split("/") if part)
    if _DOTS & set(parts):
        raise refuse("not_allowed", "The path must not have . or .. in it.")
    return parts


def file_parts(path: str) -> tuple[str, ...]:
    """Return the parts of a file's path; see `parts_of`.

    Raises:
        ConnectorError: It is the root, or as for `parts_of`.
    """
    parts = parts_of(path)
    if not parts or path.endswith("/"):
        raise refuse("invalid_path", "The path must name a file.")
    return parts
