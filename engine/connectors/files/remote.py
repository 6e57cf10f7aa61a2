"""Stores behind fsspec, opened for one operation: S3, Google, Azure (async) and SFTP (blocking)."""

from __future__ import annotations

import importlib
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from engine.connectors.files import listing
from engine.connectors.files.entries import FileEntry, FileList
from engine.connectors.files.local import too_large
from engine.probes.refusals import Refused
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

    from engine.connectors.files.listing import Found
    from engine.probes.attempt import Attempt

# What one answer may hold is bounded by the drivers' session, so files are read in pieces.
_PIECE = 1024 * 1024
_MODULES = {name: f"engine.probes.files.{name}" for name in ("s3", "gcs", "azure_blob", "sftp")}


class Store:
    """One open file system; every path is given below its root.

    Args:
        files: fsspec's file system.
        root: Bucket, container or folder, with what lies before the root in it.
        technology: Which store it is.
    """

    def __init__(self, files: Any, root: str, technology: str) -> None:
        self._files = files
        self._root = root.rstrip("/")
        self._listing = listing.LISTINGS.get(technology)
        # What an entry's name begins with: of a bucket, its own name is no part of that.
        self._below = self._root.partition("/")[2] if self._listing else self._root

    async def list_folder(self, parts: Sequence[str], *, limit: int) -> FileList:
        """Return what lies in a folder; no more is asked for than is returned.

        Raises:
            FileNotFoundError: There is nothing below that name.
        """
        entries: list[FileEntry] = []
        async with aclosing(self._found(parts, limit + 2)) as found:
            async for one in found:
                path = one.name.rstrip("/").removeprefix(self._below).lstrip("/")
                if path and path != "/".join(parts):  # else it is the folder's own mark
                    entries.append(FileEntry(path=path, folder=one.folder, size=one.size))
                if len(entries) > limit:
                    break
        if parts and not entries and self._listing:
            raise FileNotFoundError
        entries.sort(key=lambda entry: entry.path)
        return FileList(entries=tuple(entries[:limit]), truncated=len(entries) > limit)

    def _found(self, parts: Sequence[str], most: int) -> AsyncGenerator[Found, None]:
        place = self._at(parts)
        if self._listing is None:
            return listing.sftp(self._files, place, most)
        bucket, _, prefix = place.partition("/")
        return self._listing(self._files, bucket, f"{prefix}/" if prefix else "", most)

    async def read_file(self, parts: Sequence[str], *, limit: int) -> bytes:
        """Return a file's bytes, refused when there are more than `limit`."""
        place = self._at(parts)
        size = int((await self._call("info", place)).get("size") or 0)
        if size > limit:
            raise too_large(limit)
        content = bytearray()
        while len(content) < size:
            end = min(len(content) + _PIECE, size)
            content += await self._call("cat_file", place, start=len(content), end=end)
        return bytes(content)

    async def write_file(self, parts: Sequence[str], content: bytes) -> None:
        """Write a file whole."""
        await self._call("pipe_file", self._at(parts), content)

    async def delete_file(self, parts: Sequence[str]) -> None:
        """Delete a file."""
        await self._call("rm_file", self._at(parts))

    async def require_inside(self, parts: Sequence[str]) -> None:
        """Refuse a path whose links lead out of the root; only SFTP has links."""

        def resolved() -> tuple[str, str]:
            ftp = self._files.ftp
            # A new file's own name is no link yet, its folder may be one.
            place = self._at(parts)
            try:
                real = ftp.normalize(place)
            except FileNotFoundError:
                real = ftp.normalize(self._at(parts[:-1]))
            return ftp.normalize(self._root or "."), real

        if not hasattr(self._files, "ftp"):
            return
        root, real = await in_thread(resolved)
        if real != root and not real.startswith(root.rstrip("/") + "/"):
            raise Refused("not_allowed", "A part of the path is a link that leads out of the root.")

    async def _call(self, name: str, *args: Any, **options: Any) -> Any:
        """Call an operation of fsspec: its coroutine, or the blocking one in a thread."""
        if getattr(self._files, "async_impl", False):
            return await getattr(self._files, f"_{name}")(*args, **options)
        blocking: Callable[..., Any] = getattr(self._files, name)
        return await in_thread(lambda: blocking(*args, **options))

    def _at(self, parts: Sequence[str]) -> str:
        return "/".join((self._root, *parts)) if self._root else "/".join(parts) or "."


@asynccontextmanager
async def open_store(attempt: Attempt, base_path: str) -> AsyncIterator[Store]:
    """Open the attempt's store for one operation.

    Raises:
        Refused: Its technology has no file system, or it could not be opened.
    """
    place = attempt.place
    module = _MODULES.get(place.technology)
    if module is None:
        raise Refused("not_offered", "This technology has no files.", "Choose another one.")
    root = (place.database or "").rpartition("://")[2].rstrip("/")
    base = base_path.strip("/")
    async with importlib.import_module(module).open_filesystem(attempt) as files:
        yield Store(files, f"{root}/{base}" if base else root, place.technology)
