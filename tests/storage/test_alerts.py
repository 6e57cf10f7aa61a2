from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.alerts import SendingDriver
from storage.database import Database
from storage.errors import StorageError
from tests.servers.schemas import migrated_schema

from .conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with migrated_schema() as found:
        yield found


def rings(url: str) -> None:
    """Lets something ring, and waits for hardly any turn."""
    database = Database.open(url, busy_timeout_ms=100)
    try:
        with database.write() as connection:
            assert SendingDriver(connection).next_local(NOW) == NOW
    finally:
        database.close()


@pytest.mark.postgres
def test_what_rings_takes_turns_in_its_schema_alone(
    postgres: Database, migrated_postgres: str, url: str
) -> None:
    with postgres.write() as connection:
        SendingDriver(connection).next_local(NOW)
        rings(url)
        with pytest.raises(StorageError):
            rings(migrated_postgres)
