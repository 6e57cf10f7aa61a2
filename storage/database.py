"""One opened database (signatures first)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseInfo:
    """What `doctor` and `db info` tell about a database; sizes in bytes."""

    dialect: str
    url: str
    path: Path | None
    revision: str | None
    head: str
    size_bytes: int
    wal_bytes: int
    server_version: str
    wal_reset_bug: bool
    journal_mode: str
    read_only: bool


class Database:
    """Signatures; see each."""

    dialect: str
    url_for_display: str
    path: Path | None
    read_only: bool

    @classmethod
    def open(cls, url: str | None, *, read_only: bool = False, migrate: bool = True, busy_timeout_ms: int = 5000, make_folder: bool = False) -> Database:
        """make_folder: make a missing folder 0700 (for the default place); else DatabaseMissing."""
        raise NotImplementedError

    def read(self) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def write(self, *, durable: bool = False) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def data_version(self) -> int:
        raise NotImplementedError

    def backup(self, to: Path) -> None:
        raise NotImplementedError

    def info(self) -> DatabaseInfo:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def upgrade(url: str) -> DatabaseInfo:
    """Brings any database to the newest schema; a file is backed up first."""
    raise NotImplementedError
