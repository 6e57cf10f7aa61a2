"""Databases to test on: a new SQLite file each, and a schema per worker of a real PostgreSQL."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from storage.database import Database, upgrade
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.sources import SourceRow, SourcesDriver
from storage.tenants import TenantsDriver
from tests.emptying import emptying
from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POSTGRES = os.environ.get(
    "LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test?connect_timeout=30"
)
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# A writer that a busy machine holds up keeps the others waiting, and must not fail them.
BUSY_MS = 60_000


@pytest.fixture(scope="session")
def postgres_schema() -> Iterator[str]:
    """The URL of an empty schema of this worker's own."""
    url = make_url(POSTGRES).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"lampboard_{uuid.uuid4().hex}"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    except OperationalError as error:
        reason = (
            f"PostgreSQL does not answer at {url.host}:{url.port} ({type(error.orig).__name__})"
        )
        missing("postgresql", reason)
    here = url.set(drivername="postgresql").update_query_dict({"options": f"-csearch_path={name}"})
    yield here.render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_schema: str) -> str:
    """The URL of a schema that went through every migration."""
    upgrade(postgres_schema)
    return postgres_schema


@pytest.fixture
def postgres(migrated_postgres: str) -> Iterator[Database]:
    """A PostgreSQL database without a row in it."""
    database = Database.open(migrated_postgres, busy_timeout_ms=BUSY_MS)
    with database.write() as connection:
        for statement in emptying():
            connection.exec_driver_sql(statement)
    yield database
    database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where this test's SQLite file is."""
    return tmp_path / "lampboard.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[Database]:
    """A new SQLite file."""
    database = Database.open(f"sqlite:///{path}", busy_timeout_ms=BUSY_MS)
    yield database
    database.close()


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def database(request: pytest.FixtureRequest) -> Database:
    """Either kind of database, with the tenants acme and other."""
    opened: Database = request.getfixturevalue(request.param)
    with opened.write() as connection:
        for name in ("acme", "other"):
            TenantsDriver(connection).ensure(name, name.title(), NOW)
    return opened


@pytest.fixture
def add(database: Database) -> Callable[..., int]:
    """Adds one integration by name, in a transaction of its own; gives its target's number."""

    def add(name: str, *, tenant: str = "acme", active: bool = True, **values: object) -> int:
        given = {"provider_type": "openai", "status": "enabled", "created_at": NOW, **values}
        row = IntegrationRow(id=f"id-{tenant}-{name}", tenant_id=tenant, name=name, **given)  # type: ignore[arg-type]
        with database.write() as connection:
            return IntegrationsDriver(connection).insert(
                row, active=active, interval_s=60, due_at=NOW if active else None
            )

    return add


@pytest.fixture
def add_source(database: Database) -> Callable[..., int]:
    """Adds one data source by name, likewise; its id is its name."""

    def add(name: str, *, tenant: str = "acme", active: bool = True, **values: object) -> int:
        given = {
            "type": "database",
            "technology": "postgresql",
            "status": "active",
            "created_at": NOW,
            **values,
        }
        row = SourceRow(id=name, tenant_id=tenant, name=name, **given)  # type: ignore[arg-type]
        with database.write() as connection:
            return SourcesDriver(connection).insert(
                row, active=active, interval_s=60, due_at=NOW if active else None
            )

    return add
