"""List, read, write and delete below a root that cannot be left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.files import local, remote
from engine.connectors.files.entries import file_parts, parts_of
from engine.connectors.model import ConnectorCapability as Can
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.connectors.config import FileConnectorConfig
    from engine.connectors.files.entries import FileList
    from engine.probes.attempt import Attempt

T = TypeVar("T")

_LOCAL = "local"
_SCHEME = "file://"


class FileConnector(BaseConnector):
    """Works on the files of one folder or bucket; `base_path` narrows it further."""

    TYPE: ClassVar[str] = "file"

    async def list(self, path: str = "") -> FileList:
        """Return what lies in a folder, at most `max_rows` entries.

        Raises:
            ConnectorError: The path leads out, is not there, or may not be read.
        """
        parts, limit = parts_of(path), self.config.max_rows
        return await self._run(
            Can.READ,
            "list",
            self._either(
                partial(local.list_folder, parts=parts, limit=limit),
                lambda store: store.list_folder(parts, limit=limit),
                parts,
            ),
            again=True,
        )

    async def read(self, path: str) -> bytes:
        """Return a file's bytes, at most `max_bytes`.

        Raises:
            ConnectorError: The path leads out, is not there, may not be read, or is too large.
        """
        parts, limit = file_parts(path), self.config.max_bytes
        return await self._run(
            Can.READ,
            "read",
            self._either(
                partial(local.read_file, parts=parts, limit=limit),
                lambda store: store.read_file(parts, limit=limit),
                parts,
            ),
            again=True,
        )

    async def write(self, path: str, content: bytes) -> None:
        """Write a file whole, in the place of one that is there.

        Raises:
            ConnectorError: The path leads out, may not be written, or it is too much.
        """
        parts = file_parts(path)
        if len(content) > self.config.max_bytes:
            raise refuse("too_large", "The content is larger than the connector's max_bytes.")
        await self._run(
            Can.WRITE,
            "write",
            self._either(
                partial(local.write_file, parts=parts, content=content),
                lambda store: store.write_file(parts, content),
                parts,
            ),
        )

    async def delete(self, path: str) -> None:
        """Delete a file.

        Raises:
            ConnectorError: The path leads out, is not there, or may not be deleted.
        """
        parts = file_parts(path)
        await self._run(
            Can.WRITE,
            "delete",
            self._either(
                partial(local.delete_file, parts=parts),
                lambda store: store.delete_file(parts),
                parts,
            ),
        )

    async def discover(self) -> Discovery:
        """Look at the root: its entries, and whether it can be written where that is known."""
        found = await self.list()
        offered = {Can.READ, Can.WRITE}
        if self.place.technology == _LOCAL and self.place.option("access", "read") != "write":
            offered.discard(Can.WRITE)
        told = {"entries": [entry.to_dict() for entry in found.entries[:100]]}
        return Discovery(found=told, capabilities=frozenset(offered))

    def _either(
        self,
        here: Callable[[str], T],
        there: Callable[[remote.Store], Awaitable[T]],
        parts: tuple[str, ...],
    ) -> Callable[[Attempt], Awaitable[T]]:
        """Return the work on a local root, or on a store that is opened for it."""
        base = cast("FileConnectorConfig", self.config).base_path

        async def on_local(_attempt: Attempt) -> T:
            root = (self.place.database or "").removeprefix(_SCHEME)
            inner = "/".join((root.rstrip("/"), *parts_of(base))) if base else root
            try:
                return await in_thread(partial(here, inner))
            except OSError as error:
                raise local.meaning(error) from error

        async def on_store(attempt: Attempt) -> T:
            async with remote.open_store(attempt, "/".join(parts_of(base))) as store:
                try:
                    await store.require_inside(parts)
                    return await there(store)
                except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
                    raise local.meaning(error) from error

        return on_local if self.place.technology == _LOCAL else on_store
