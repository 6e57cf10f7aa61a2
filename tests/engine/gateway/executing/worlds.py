"""Databases of every kind with the same tables, and everything about them that could change."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.gateway.executing import Plan, driver_of_string

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.gateway.executing.pool import PooledDriver

TABLES = """
CREATE TABLE t (a INTEGER, b VARCHAR(20));
INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, NULL);
CREATE TABLE integrations (id INTEGER, tenant_id VARCHAR(9), name VARCHAR(40), status VARCHAR(9),
    created_at VARCHAR(30), updated_at VARCHAR(30));
INSERT INTO integrations VALUES (1, 't1', 'alpha', 'x', '2026-01-01 00:00:00', NULL);
CREATE TABLE health_checks (id INTEGER, integration_id INTEGER, state VARCHAR(9),
    checked_at VARCHAR(30));
INSERT INTO health_checks VALUES (1, 1, 'ok', '2026-02-01');
CREATE TABLE usage_records (id INTEGER, tenant_id VARCHAR(9), provider VARCHAR(9), model VARCHAR(9),
    tokens_in INTEGER, tokens_out INTEGER, cost_cents INTEGER, meta JSONS);
INSERT INTO usage_records VALUES (1, 't', 'p', 'm', 10, 20, 30, '{"a": 1}');
CREATE TABLE prevention_ledger (id INTEGER, policy VARCHAR(9), tenant_id VARCHAR(9),
    recorded_at VARCHAR(30));
CREATE TABLE `select` (`update` INTEGER)
"""
MYSQL_STATE = """
SELECT table_name FROM information_schema.tables WHERE table_schema = 'world';
SELECT user, host FROM mysql.user ORDER BY 1, 2;
SELECT variable_name, global_value FROM information_schema.system_variables
    WHERE variable_name NOT LIKE '%TIMESTAMP%' ORDER BY 1;
SELECT plugin_name, plugin_status FROM information_schema.plugins ORDER BY 1;
SHOW TRIGGERS FROM world
"""
POSTGRES_STATE = """
SELECT oid, relname, relkind, relacl FROM pg_class
    WHERE relnamespace = 'public'::regnamespace ORDER BY 1;
SELECT last_value, is_called FROM s;
SELECT oid, proname FROM pg_proc ORDER BY 1;
SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY 1;
SELECT extname FROM pg_extension ORDER BY 1;
SELECT count(*) FROM pg_collation;
SELECT oid FROM pg_largeobject_metadata;
SELECT name, setting FROM pg_settings WHERE context <> 'internal' ORDER BY 1;
SELECT setconfig FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase
    WHERE d.datname = current_database();
SELECT locktype, objid FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN ('postgres', 'evil') ORDER BY 1;
SELECT obj_description('t'::regclass)
"""
_NAMES = ("t", "integrations", "health_checks", "usage_records", "prevention_ledger")


def statements(*, json_type: str = "TEXT", quote: str = '"') -> list[str]:
    """What makes the tables."""
    return TABLES.replace("JSONS", json_type).replace("`", quote).split(";")


@dataclass(frozen=True, kw_only=True)
class World:
    """One database.

    Attributes:
        dialect: Of its templates.
        url: Its connection string, as whoever may do everything there.
        state: Reads everything that a run must not change.
    """

    dialect: str
    url: str
    state: Callable[[], Any]

    def driver(self) -> PooledDriver:
        """A driver on it; close it."""
        return driver_of_string(self.url)


def plan(sql: str, /, **more: Any) -> Plan:
    """A run of a statement that nobody has judged; values by name are in `values`."""
    return Plan(
        **{"template_id": "template", "version": 1, "timeout_seconds": 60.0, **more}, sql=sql
    )


def forbidden(corpora: Path, dialect: str) -> list[str]:
    """The statements of a dialect that no template may be."""
    lines = (corpora / "sql_forbidden.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return [record["sql"] for record in records if record["dialect"] == dialect]


def allowed(corpora: Path, dialect: str) -> list[tuple[str, dict[str, Any]]]:
    """The statements that any template may be, in a dialect or in all, with values."""
    lines = (corpora / "sql_allowed.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    # MySQL has quotes and casts of its own.
    kinds = {dialect} if dialect == "mysql" else {dialect, "generic"}
    return [(one["sql"], one["params"]) for one in records if one["dialect"] in kinds]


def files_in(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder, with its size and what is in it."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sqlite_world(folder: Path) -> World:
    """A file with the tables, alone in a folder."""
    path = folder / "world.db"
    connection = sqlite3.connect(path)
    for statement in statements():
        connection.execute(statement)
    connection.commit()
    connection.close()
    return World(dialect="sqlite", url=f"sqlite:///{path}", state=lambda: files_in(folder))


def duckdb_world(folder: Path) -> World:
    """A file with the tables, alone in a folder."""
    import duckdb

    path = folder / "world.db"
    with duckdb.connect(str(path)) as connection:
        for statement in statements(json_type="JSON"):
            connection.execute(statement)
    return World(dialect="duckdb", url=f"duckdb:///{path}", state=lambda: files_in(folder))


def mysql_world(port: int) -> World:
    """A schema with the tables, asked as root."""
    import pymysql

    def ask(*asked: str) -> list[Any]:
        with (
            pymysql.connect(host="127.0.0.1", port=port, user="root") as connection,
            connection.cursor() as cursor,
        ):
            answers = []
            for statement in asked:
                cursor.execute(statement)
                answers.append(cursor.fetchall())
            connection.commit()
            return answers

    ask("CREATE DATABASE IF NOT EXISTS world", "USE world")
    ask(
        *(f"DROP TABLE IF EXISTS world.`{name}`" for name in (*_NAMES, "select")),
        "USE world",
        *statements(quote="`"),
    )
    tables = [f"SELECT * FROM world.{name}" for name in _NAMES]  # noqa: S608 - names of ours
    state = (*tables, *MYSQL_STATE.split(";"))
    return World(
        dialect="mysql", url=f"mysql://root@127.0.0.1:{port}/world", state=lambda: ask(*state)
    )


def postgres_world(url: str) -> World:
    """A database of its own with the tables, asked as a superuser.

    Args:
        url: Of an empty database.
    """
    import psycopg

    def ask(*asked: str) -> list[Any]:
        with psycopg.connect(url, autocommit=True) as connection:
            return [connection.execute(one).fetchall() for one in asked]  # type: ignore[call-overload]

    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements(json_type="JSONB"):
            connection.execute(statement)  # type: ignore[call-overload]
        connection.execute("CREATE SEQUENCE s")
        connection.execute("CREATE EXTENSION IF NOT EXISTS dblink")
    state = (*(f"TABLE {name}" for name in _NAMES), *POSTGRES_STATE.split(";"))
    return World(dialect="postgres", url=url, state=lambda: ask(*state))
