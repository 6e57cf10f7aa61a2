"""The real files of a run: databases with rows in them, one of them damaged, and a folder.

`imaging-index.db`, which a source names, is the one that is missing.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ORDERS = 400
_HEADER = 100
_MANIFESTS = {
    "2026-03-hamburg.csv": "container,weight_kg\nNWLU4410027,18240\nNWLU4410033,20115\n",
    "2026-03-rotterdam.csv": "container,weight_kg\nNWLU4411816,9480\n",
}


def write_files(folder: Path) -> None:
    """Write them into a folder that exists."""
    archive = folder / "orders-archive.db"
    _orders(archive)
    _damaged(archive.read_bytes(), folder / "crm-export.db")
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
        connection.execute(
            "CREATE TABLE stock AS SELECT range AS day, 100 + range * 3 AS pallets FROM range(90)"
        )
