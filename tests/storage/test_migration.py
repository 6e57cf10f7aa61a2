"""A database that an older release wrote is opened, and nothing of it is lost."""

from __future__ import annotations

import sqlite3
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, MetaData, Table, create_engine, insert, make_url, select

from storage import migrations
from storage.database import Database, upgrade
from storage.files import APPLICATION_ID
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.integrations import IntegrationsDriver
from storage.references import ReferencesDriver
from storage.sources import SourcesDriver
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AT = to_millis(NOW)
HOUR = 3_600_000
STATES = (("failing", 0), ("healthy", 3), ("unknown", 2))
PLAIN = {
    "tenants": [{"id": "acme", "name": "Acme", "sort_name": "acme", "created_at": AT}],
    "marks": [{"name": "checks_rolled_up_until", "at": AT}],
    "revisions": [{"concept": "integrations", "revision": 7}],
    "integrations": [
        {
            "id": f"i{place}",
            "tenant_id": "acme",
            "name": f"Lamp {place}",
            "sort_name": f"lamp {place}",
            "provider_type": "openai",
            "status": "enabled",
            "credential_ref": f"encrypted://c{place % 2}",
            "config": '{"region":"eu"}',
            "created_at": AT,
            "deleted_at": AT if place == 2 else None,
            "version": 3,
        }
        for place in range(3)
    ],
    "targets": [
        {
            "number": place + 5,
            "kind": "integration",
            "id": f"i{place}",
            "tenant_id": "acme",
            "name": f"Lamp {place}",
            "sort_name": f"lamp {place}",
            "technology": "openai",
            "status": "enabled",
            "active": True,
            "interval_s": 60,
            "due_at": AT,
            "state": state,
            "state_rank": rank,
            "error": "http_500" if state == "failing" else None,
            "message": "HTTP 500" if state == "failing" else None,
            "latency_ms": 7.5,
            "checked_at": AT + 1000,
            "since": AT,
            "failures_in_row": 1,
            "created_at": AT,
            "retired_at": AT if place == 2 else None,
        }
        for place, (state, rank) in enumerate(STATES)
    ],
    "check_hours": [
        {
            "target_number": 5,
            "hour": AT - HOUR,
            "count": 60,
            "failures": 4,
            "degraded": 1,
        }
    ],
    # The first of them is in the hour already.
    "checks": [
        {"target_number": 5, "checked_at": AT + moment, "state": state}
        for moment, state in ((-500, "healthy"), (500, "degraded"), (1000, "failing"))
    ],
    "transitions": [
        {
            "target_number": 5,
            "tenant_id": "acme",
            "kind": "integration",
            "target_id": "i0",
            "name": "Lamp 0",
            "at": AT,
            "from_state": "unknown",
            "to_state": "failing",
        }
    ],
}


def write_0001(connection: Connection) -> None:
    """Makes the tables of the first release by its own migration, and fills them."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    found = MetaData()
    for name, rows in PLAIN.items():
        connection.execute(insert(Table(name, found, autoload_with=connection)), rows)


def make_file(path: Path) -> str:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        write_0001(connection)
    engine.dispose()
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
        raw.execute("PRAGMA user_version=1")
    raw.close()
    return f"sqlite:///{path}"


@pytest.fixture
def server(postgres_schema: str) -> Iterator[str]:
    """The URL of a schema of this test's own, as the first release left it."""
    name = f"lampboard_{uuid.uuid4().hex}"
    url = make_url(postgres_schema).update_query_dict({"options": f"-csearch_path={name}"})
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        write_0001(connection)
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated(request: pytest.FixtureRequest, path: Path) -> Iterator[Database]:
    """Either kind of database, written by the first release and opened by this one."""
    if request.param == "sqlite":
        url = make_file(path)
    else:
        url = request.getfixturevalue("server")
        upgrade(url)
    database = Database.open(url)
    yield database
    database.close()


def test_every_row_is_there_as_it_was(migrated: Database) -> None:
    found = MetaData()
    with migrated.read() as connection:
        for name, rows in PLAIN.items():
            table = Table(name, found, autoload_with=connection)
            kept = [row._asdict() for row in connection.execute(select(table))]
            assert len(kept) == len(rows)
            for row in rows:
                assert any(row.items() <= other.items() for other in kept), (name, row)


def test_what_is_new_follows_from_what_was_there(migrated: Database) -> None:
    with migrated.read() as connection:
        driver = IntegrationsDriver(connection)
        first, second = driver.page("acme").rows
        assert (first.name, first.number, first.config) == ("Lamp 0", 5, {"region": "eu"})
        assert (first.passes, first.failures, first.last_error) == (57, 5, "HTTP 500")
        assert (second.passes, second.failures, second.last_error) == (0, 0, None)
        assert driver.count("acme", terms=[Term(field="type", value="open")]) == 2
        assert driver.count("acme", terms=[Term(value="http_500")]) == 1
        users = ReferencesDriver(connection).used_by("acme", "encrypted://c0")
        assert [(user.kind, user.id) for user in users] == [("integration", "i0")]
        assert SourcesDriver(connection).count("acme") == 0


def test_the_old_lamps_go_on(migrated: Database) -> None:
    later = NOW + timedelta(minutes=1)
    with migrated.write() as connection:
        driver = HealthDriver(connection)
        claimed = driver.claim_due(later, "monitor", 30, 10)
        assert {row.number for row in claimed} >= {5, 6}
        result = CheckRow(target_number=5, checked_at=later, state="healthy")
        assert driver.record([result], owner="monitor").transitions == 1
        assert len(driver.history(5)) == 4
        row = IntegrationsDriver(connection).get("acme", "i0")
        assert row is not None
        assert (row.state, row.passes, row.last_error) == ("healthy", 58, "HTTP 500")


def test_numbers_of_lamps_are_not_given_twice(path: Path) -> None:
    database = Database.open(make_file(path))
    with database.write() as connection:
        sequence = "SELECT seq FROM sqlite_sequence WHERE name = 'targets'"
        assert connection.exec_driver_sql(sequence).scalar_one() == 7
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    database.close()
    assert len(list(path.parent.glob("*-0001-*.backup.db"))) == 1
