"""The real files of a run: databases with rows in them, one of them damaged, and a folder.

`imaging-index.db`, which a source names, is the one that is missing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ORDERS = 400
_HEADER = 100
_SALES = 4_000
_CUSTOMERS = 600
_SLOTS = 2_400
_MANIFESTS = {
    "2026-03-hamburg.csv": "container,weight_kg\nNWLU4410027,18240\nNWLU4410033,20115\n",
    "2026-03-rotterdam.csv": "container,weight_kg\nNWLU4411816,9480\n",
}

# All of 2025, the same in every run.
_SALES_SQL = """
CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT, city TEXT, country TEXT);
CREATE TABLE orders (
    id TEXT PRIMARY KEY, ordered_at TEXT, day TEXT, customer TEXT, country TEXT, status TEXT,
    cents INTEGER, gift INTEGER
);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {customers}),
first(i, name) AS (VALUES (0, 'Anna'), (1, 'Bram'), (2, 'Chloé'), (3, 'Dorota'), (4, 'Emil'),
    (5, 'Fatma'), (6, 'Gustav'), (7, 'Henk')),
last(i, name) AS (VALUES (0, 'van der Berg'), (1, 'O''Brien'), (2, 'Müller'), (3, 'Kowalska'),
    (4, 'Lefèvre'), (5, 'Johansson'), (6, 'Wagner & Sons Ltd')),
place(i, city, country) AS (VALUES (0, 'Hamburg', 'DE'), (1, 'Utrecht', 'NL'), (2, 'Lyon', 'FR'),
    (3, 'Gdańsk', 'PL'), (4, 'Leipzig', 'DE'), (5, 'Graz', 'AT'))
INSERT INTO customers
SELECT printf('C%04d', n.i), first.name || ' ' || last.name, place.city, place.country
FROM n JOIN first ON first.i = n.i % 8 JOIN last ON last.i = n.i * 5 % 7
JOIN place ON place.i = n.i * 11 % 6;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {sales}),
made AS (
    SELECT i, datetime('2025-01-01', printf('+%d minutes', i * 525000 / {sales})) AS at,
        printf('C%04d', 1 + i * 37 % {customers}) AS customer FROM n
)
INSERT INTO orders
SELECT printf('%08d-0000-4000-8000-%012d', i, i), at, substr(at, 1, 10), customer,
    (SELECT country FROM customers WHERE id = customer),
    CASE WHEN i % 23 = 0 THEN 'returned' WHEN i % 5 = 0 THEN 'paid' ELSE 'shipped' END,
    990 + i * 7919 % 24000, i % 9 = 0
FROM made
"""
_APPOINTMENTS_SQL = """
CREATE TABLE slots (id INTEGER PRIMARY KEY, ward TEXT, starts_at TEXT, taken INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {slots}),
ward(i, name) AS (VALUES (0, 'cardiology'), (1, 'oncology'), (2, 'radiology'))
INSERT INTO slots
SELECT n.i, ward.name, datetime('2025-10-01 08:00', printf('+%d minutes', n.i * 55)),
    n.i * 13 % 10 < 8
FROM n JOIN ward ON ward.i = n.i % 3
"""
_WAREHOUSE_SQL = """
CREATE TABLE stock AS
SELECT depot, DATE '2025-10-01' + CAST(d.range AS INTEGER) AS day, goods,
    20 + (d.range * 7 + length(depot) * 3 + length(goods)) % 90 AS pallets
FROM range(92) AS d,
    unnest(['Hamburg', 'Rotterdam', 'Gdansk', 'Antwerp']) AS depots(depot),
    unnest(['tyres', 'coffee', 'wine and spirits', 'spare parts']) AS kinds(goods);
CREATE TABLE moves AS
SELECT TIMESTAMP '2025-12-01 05:00:00' + to_minutes(range * 15) AS moved_at,
    ['Hamburg', 'Rotterdam', 'Gdansk', 'Antwerp'][1 + range % 4] AS depot,
    1 + range % 8 AS dock, 1 + range * 5 % 26 AS pallets
FROM range(2900);
"""


def write_files(folder: Path) -> None:
    """Write them into a folder that exists."""
    archive = folder / "orders-archive.db"
    _orders(archive)
    _damaged(archive.read_bytes(), folder / "crm-export.db")
    _built(folder / "sales.db", _SALES_SQL, {"sales": _SALES, "customers": _CUSTOMERS})
    _built(folder / "appointments.db", _APPOINTMENTS_SQL, {"slots": _SLOTS})
    _warehouse(folder / "warehouse.duckdb")
    manifests = folder / "manifests"
    manifests.mkdir()
    for name, text in _MANIFESTS.items():
        (manifests / name).write_text(text, encoding="utf-8")


def _orders(path: Path) -> None:
    rows = [(number, f"C{number % 37:04}", 1990 + number * 7) for number in range(1, _ORDERS)]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, cents INTEGER);"
            "CREATE TABLE customers (id TEXT PRIMARY KEY, country TEXT);"
            "CREATE VIEW revenue AS SELECT customer, sum(cents) AS cents FROM orders GROUP BY 1;"
        )
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)


def _built(path: Path, sql: str, counts: Mapping[str, int]) -> None:
    """Write a database whose rows are made by its own SQL, which takes milliseconds."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # It is gone with the run: nothing needs to reach the disk.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN")
        for statement in sql.format(**counts).split(";"):
            connection.execute(statement)
        connection.execute("COMMIT")


def _damaged(database: bytes, path: Path) -> None:
    """Write a database whose header is whole and whose first page, the schema, is not."""
    path.write_bytes(database[:_HEADER] + b"\xff" * (len(database) - _HEADER))


def _warehouse(path: Path) -> None:
    """Write a DuckDB file where its library is there; without it, its source says so."""
    try:
        import duckdb
    except ImportError:
        return
    with closing(duckdb.connect(str(path))) as connection:
        connection.execute(_WAREHOUSE_SQL)
