"""A workspace whose master key is changed, on each kind of database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from engine.credentials import keyfile
from tests.engine.credentials.rotation_kit import (
    opened,
    settings_for,
)
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from engine.settings import Settings
    from engine.workspace import Workspace


@pytest.fixture(scope="session")
def rotation_schema() -> Iterator[str]:
    """The URL of a migrated schema of this worker's own, on a real PostgreSQL."""
    with migrated_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a file with its key beside it, and of a server with a key file that is named."""
    if request.param == "sqlite":
        return settings_for(f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "b.db.key", named=False)
    import psycopg

    url: str = request.getfixturevalue("rotation_schema")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE credentials, key_rotations, activity, monitors CASCADE")
    path = tmp_path / "master.key"
    keyfile.make(path, f"{os.urandom(32).hex()}\n")
    return settings_for(url, path)


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    return tmp_path / ("master.key" if settings.master_key_file else "b.db.key")


@pytest.fixture
async def workspace(settings: Settings) -> AsyncIterator[Workspace]:
    found = opened(settings)
    yield found
    await found.aclose()


@pytest.fixture
async def beside(settings: Settings) -> AsyncIterator[Workspace]:
    """What another process holds: the same database, and keys that it read for itself."""
    found = opened(settings)
    yield found
    await found.aclose()
