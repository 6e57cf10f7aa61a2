"""A database with one table on each technology that SQL connectors query."""

from __future__ import annotations

import os
import sqlite3
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = 2500
NOTES = [(number, "n" * 100) for number in range(ROWS)]
TECHNOLOGIES = ("sqlite", "postgres", "mysql", "duckdb")


@pytest.fixture
def sqlite_place(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
    connection.executemany("INSERT INTO orders VALUES (?, ?)", NOTES)
    connection.commit()
    connection.close()
    return {"technology": "sqlite", "database": str(path)}


@pytest.fixture
def postgres_place() -> Iterator[dict[str, Any]]:
    psycopg = pytest.importorskip("psycopg")
    server = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
    if url := os.environ.get("LAMPBOARD_TEST_POSTGRES"):
        server = dict(psycopg.conninfo.conninfo_to_dict(url.replace("+psycopg", "")))
    name = f"lampboard_sql_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(**{**server, "dbname": "postgres"}, autocommit=True)
    except psycopg.OperationalError:
        missing("postgres", "there is no PostgreSQL")
    admin.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(**{**server, "dbname": name}) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
        connection.execute(
            "INSERT INTO orders SELECT i, repeat('n', 100) FROM generate_series(0, %s) AS i",
            [ROWS - 1],
        )
    connection.close()
    yield {
        "technology": "postgresql",
        "host": str(server["host"]),
        "port": int(server["port"]),
        "username": server["user"],
        "password": server.get("password"),
        "database": name,
    }
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


@pytest.fixture
def duckdb_place(tmp_path: Path) -> dict[str, Any]:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
        connection.execute(
            "INSERT INTO orders SELECT i, repeat('n', 100) FROM range(?) t(i)", [ROWS]
        )
    return {"technology": "duckdb", "database": str(path)}


@pytest.fixture
def mysql_place() -> Iterator[dict[str, Any]]:
    pymysql = pytest.importorskip("pymysql")
    server = {"host": "127.0.0.1", "port": 3306, "user": "root", "password": ""}
    try:
        admin = pymysql.connect(**server, autocommit=True)
    except pymysql.OperationalError:
        missing("mariadb", "there is no MariaDB on port 3306")
    name = f"lampboard_sql_{uuid.uuid4().hex[:12]}"
    with admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            cursor.execute(f"USE {name}")
            cursor.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
            cursor.executemany("INSERT INTO orders VALUES (%s, %s)", NOTES)
            cursor.execute(
                "CREATE FUNCTION emptied() RETURNS INT MODIFIES SQL DATA"
                " BEGIN DELETE FROM orders; RETURN 1; END"
            )
            yield {
                "technology": "mysql",
                "host": server["host"],
                "port": server["port"],
                "username": server["user"],
                "database": name,
            }
        finally:
            cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture(params=TECHNOLOGIES)
def place(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(f"{request.param}_place")
    return found
