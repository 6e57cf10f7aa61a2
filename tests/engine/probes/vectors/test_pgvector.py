"""pgvector's probe against a PostgreSQL that has the extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.probes.states import CusHealthState
from tests.servers.postgres import postgres_server, programs_with_pgvector
from tests.servers.programs import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.probes.conftest import Probing
    from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL with a database that has the extension and three columns of its types."""
    with postgres_server(programs_with_pgvector(), free_port()) as running:
        running.run("CREATE DATABASE shelf")
        running.run(
            "CREATE EXTENSION vector",
            "CREATE TABLE book (id int, page vector(3), cover vector(8))",
            "CREATE TABLE note (id int, text vector(3), gone vector(3))",
            "ALTER TABLE note DROP COLUMN gone",
            database="shelf",
        )
        yield running


@pytest.fixture
def shelf(server: PostgresServer) -> dict[str, object]:
    """Where the database is, with what it takes to get in."""
    return {
        "technology": "pgvector",
        "host": "127.0.0.1",
        "port": server.port,
        "username": "postgres",
        "password": server.password,
        "database": "shelf",
    }


async def test_extension_is_healthy_with_its_columns(
    probe: Probing, shelf: dict[str, object]
) -> None:
    result = await probe(**shelf)
    assert result.state is CusHealthState.HEALTHY, result.message
    assert result.details["vector_columns"] == 3
    assert str(result.details["server"]).startswith("pgvector 0.")
    assert " on PostgreSQL 1" in str(result.details["server"])
    assert [stage.name for stage in result.stages] == ["connect", "authenticate", "query"]


async def test_database_without_the_extension_is_told(
    probe: Probing, shelf: dict[str, object]
) -> None:
    result = await probe(**shelf | {"database": "postgres"})
    assert (result.error, result.stage) == ("not_found", "query")
    assert "CREATE EXTENSION vector" in result.remedy


async def test_wrong_password_is_rejected(probe: Probing, shelf: dict[str, object]) -> None:
    result = await probe(**shelf | {"password": "wrong-password"})
    assert (result.error, result.stage) == ("auth_failed", "authenticate")
