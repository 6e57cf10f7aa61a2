"""Both ways to a schema, through the migrations and from the declared tables, lead to the same."""

from __future__ import annotations

import contextlib
import re
import uuid
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, inspect, make_url

from storage import schema
from storage.connect import sqlite_engine
from storage.database import Database, upgrade
from storage.errors import DatabaseForeign, DatabaseNewer
from storage.migrations import HEAD, REVISIONS
from storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection


def sqlite_schema(make: Callable[[Connection], None]) -> list[tuple[str, ...]]:
    engine = sqlite_engine(None, busy_timeout_ms=1)
    with contextlib.ExitStack() as stack, engine.connect() as connection:
        stack.callback(engine.dispose)
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        make(connection)
        rows = connection.exec_driver_sql("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
        return sorted((row[0], row[1], re.sub(r"\s+", "", row[2])) for row in rows)


def test_on_sqlite() -> None:
    assert sqlite_schema(schema.migrate) == sqlite_schema(schema.create)


# What is only ever shown or read as a whole needs no order of its own.
PLAIN_TEXTS = {
    *("message", "remedy", "stages", "config", "detail", "last_error", "description"),
    *("secrets", "tags", "metadata", "access_roles", "capabilities", "discovered"),
    *("warning_levels", "cursor", "sql", "tables", "parameters", "problem"),
    *("body", "title_template", "body_template", "options", "hours", "said"),
}
POSTGRES_PARTS = {
    "columns": """SELECT table_name, column_name, data_type, is_nullable, column_default,
        collation_name, generation_expression FROM information_schema.columns
        WHERE table_schema = current_schema() ORDER BY 1, 2""",
    "indexes": """SELECT indexname, replace(indexdef, current_schema() || '.', '')
        FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1""",
    "constraints": """SELECT conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
        JOIN pg_namespace n ON n.oid = connamespace WHERE nspname = current_schema() ORDER BY 1""",
    "triggers": """SELECT tgname, tgenabled, replace(pg_get_triggerdef(t.oid),
        current_schema() || '.', ''), prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
        JOIN pg_proc p ON p.oid = tgfoid WHERE relnamespace = current_schema()::regnamespace
        AND NOT tgisinternal ORDER BY 1""",
    "policies": """SELECT tablename, policyname, permissive, roles, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = current_schema() ORDER BY 1, 2""",
    "isolated": """SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY 1""",
}


def postgres_schema_of(url: str, *, create: bool) -> dict[str, list[tuple[object, ...]]]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        if create:
            name = f"lampboard_{uuid.uuid4().hex}"
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
            connection.exec_driver_sql(f"SET LOCAL search_path={name}")
            schema.create(connection)
        found = {
            part: [tuple(row) for row in connection.exec_driver_sql(sql)]
            for part, sql in POSTGRES_PARTS.items()
        }
        connection.rollback()
    engine.dispose()
    return found


@pytest.mark.postgres
def test_on_postgresql(migrated_postgres: str) -> None:
    migrated = postgres_schema_of(migrated_postgres, create=False)
    declared = postgres_schema_of(migrated_postgres, create=True)
    assert migrated == declared
    assert {row[0] for row in migrated["policies"]} == set(metadata.tables)
    assert {row[0] for row in migrated["isolated"] if row[1]} == set(metadata.tables)
    texts = [row for row in migrated["columns"] if row[2] == "text"]
    plain = {row[1] for row in texts if row[5] != "C"}
    assert plain == PLAIN_TEXTS


def test_the_written_revisions_are_alembics() -> None:
    from pathlib import Path

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == HEAD
    assert tuple(found.revision for found in script.walk_revisions())[::-1] == REVISIONS


@pytest.mark.postgres
def test_upgrading_twice_changes_nothing(migrated_postgres: str) -> None:
    info = upgrade(migrated_postgres)
    assert (info.revision, info.dialect) == (HEAD, "postgresql")


@pytest.mark.postgres
def test_a_servers_newer_or_foreign_schema_is_refused(postgres_schema: str) -> None:
    engine = create_engine(
        make_url(postgres_schema).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    name = f"lampboard_{uuid.uuid4().hex}"
    url = re.sub(r"lampboard_\w+", name, postgres_schema)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        try:
            connection.exec_driver_sql(f"CREATE TABLE {name}.targets (id int)")
            with pytest.raises(DatabaseForeign):
                upgrade(url)
            connection.exec_driver_sql(f"CREATE TABLE {name}.alembic_version (version_num text)")
            connection.exec_driver_sql(f"INSERT INTO {name}.alembic_version VALUES ('9999')")  # noqa: S608  (a name of our own)
            for attempt in (upgrade, Database.open):
                with pytest.raises(DatabaseNewer):
                    attempt(url)
            connection.exec_driver_sql(f"SET search_path={name}")
            assert set(inspect(connection).get_table_names()) == {"targets", "alembic_version"}
        finally:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


def test_every_table_is_migrated() -> None:
    assert len(metadata.tables) == 45


@pytest.mark.postgres
def test_an_upgrade_waits_for_nobody_in_another_schema(migrated_postgres: str) -> None:
    name = f"lampboard_{uuid.uuid4().hex}"
    here = make_url(migrated_postgres).set(drivername="postgresql+psycopg")
    engine = create_engine(here)
    with engine.connect() as holder:
        holder.exec_driver_sql(f"CREATE SCHEMA {name}")
        holder.commit()
        try:
            schema.migrate_server(holder, "here")  # its lock is held until the end
            upgrade(re.sub(r"lampboard_\w+", name, migrated_postgres))
        finally:
            holder.rollback()
            holder.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
            holder.commit()
    engine.dispose()
