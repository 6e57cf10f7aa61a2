"""Which tables may be read, with an allow-list and without one."""

from __future__ import annotations

import pytest

from engine.gateway.judging import judge


def _reads(sql: str, *tables: str, dialect: str = "postgres") -> bool:
    return judge(sql, dialect, None, tables=tables).accepted


def test_only_what_is_listed() -> None:
    assert _reads("SELECT * FROM orders o JOIN items USING (id)", "orders", "items")
    assert not _reads("SELECT * FROM orders JOIN items USING (id)", "orders")
    assert not _reads("SELECT (SELECT max(id) FROM secrets) FROM orders", "orders")
    assert not _reads("SELECT 1 FROM orders UNION SELECT 1 FROM secrets", "orders")
    assert not _reads("SELECT * FROM orders, LATERAL (SELECT * FROM secrets) s", "orders")
    assert not _reads("SELECT * FROM other.orders", "orders")
    assert not _reads("SELECT * FROM orders", "public.orders")
    assert _reads('SELECT * FROM "public"."orders"', "public.orders")
    assert _reads("SELECT generate_series(1, 3), now()", "orders")


def test_names_compare_as_the_server_compares_them() -> None:
    assert _reads("SELECT * FROM ORDERS", "orders")
    assert not _reads('SELECT * FROM "Orders"', "orders")
    assert _reads('SELECT * FROM "Orders"', '"Orders"')
    assert not _reads("SELECT * FROM Orders", "orders", dialect="mysql")
    assert _reads("SELECT * FROM `orders`", "orders", dialect="mysql")
    assert _reads('SELECT * FROM [ORDERS], "Orders"', "orders", dialect="sqlite")
    assert _reads('SELECT * FROM "ORDERS"', "orders", dialect="duckdb")


@pytest.mark.parametrize(
    "sql",
    [
        "WITH q AS (SELECT * FROM orders) SELECT * FROM q",
        "WITH q AS (SELECT * FROM orders), r AS (SELECT * FROM q) SELECT * FROM r, Q",
        "WITH RECURSIVE q AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM q WHERE n < 9) TABLE_",
        "WITH q AS (SELECT 1) SELECT * FROM orders WHERE id IN (SELECT * FROM q)",
        "SELECT * FROM (WITH q AS (SELECT 1) SELECT * FROM q) x, orders",
        "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders",
    ],
)
def test_parts_of_with_are_no_tables(sql: str) -> None:
    assert _reads(sql.replace("TABLE_", "SELECT * FROM q"), "orders")


@pytest.mark.parametrize(
    "sql",
    [
        "WITH secrets AS (SELECT * FROM secrets) SELECT * FROM secrets",
        "WITH a AS (SELECT * FROM secrets), secrets AS (SELECT 1) SELECT * FROM a",
        "SELECT * FROM (WITH secrets AS (SELECT 1) SELECT * FROM secrets) x, secrets",
        "WITH secrets AS (SELECT 1) SELECT * FROM public.secrets",
        'WITH "Secrets" AS (SELECT 1) SELECT * FROM secrets',
        "WITH q AS (WITH secrets AS (SELECT 1) SELECT 1) SELECT * FROM secrets",
    ],
)
def test_a_part_of_with_hides_no_table(sql: str) -> None:
    assert not _reads(sql, "orders")


def test_the_servers_own_tables_are_read_only_where_they_are_listed() -> None:
    sql = "SELECT table_name FROM information_schema.tables"
    assert not _reads(sql)
    assert _reads(sql, "information_schema.tables")
    assert _reads("SELECT name FROM sqlite_master", "sqlite_master", dialect="sqlite")


def test_secrets_are_never_read() -> None:
    assert not _reads("SELECT * FROM pg_authid", "pg_authid")
    assert not _reads("SELECT * FROM mysql.user", "mysql.user", dialect="mysql")


def test_files_are_no_tables() -> None:
    assert not _reads('SELECT * FROM "a.parquet"', '"a.parquet"', dialect="duckdb")
    assert _reads('SELECT * FROM "a.parquet"', dialect="postgres")
