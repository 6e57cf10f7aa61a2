"""Command lines on a board whose tenant has a database of orders in a file."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run

BY_ID = "SELECT id, who, total\nFROM orders\nWHERE id >= :least\nORDER BY id"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A database file with four orders, some of them odd."""
    path = tmp_path / "orders.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, who TEXT, total REAL, seal BLOB)")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?)",
            [(1, "ann", 1.5, None), (2, "=cmd()", 2.5, b"\x00\xff"), (3, None, 3.5, None)],
        )
        connection.execute("INSERT INTO orders VALUES (4, '', 4.5, NULL)")
    connection.close()
    return path


@pytest.fixture
def stocked(board: Run, orders: Path) -> Run:
    """The command line where the source `orders` is registered."""
    done = board(
        *("sources", "add", "--name", "orders", "--technology", "sqlite"),
        *("--database-name", str(orders), "--activate"),
    )
    assert done.code == 0, done.err
    return board


@pytest.fixture
def registered(stocked: Run, tmp_path: Path) -> Run:
    """The command line where the template `by-id` is registered too."""
    file = tmp_path / "by-id.sql"
    file.write_text(BY_ID)
    done = stocked(
        *("gateway", "templates", "add", "--source", "orders", "--name", "by-id"),
        *("--file", str(file), "--param", "least:int min=0 logged"),
    )
    assert done.code == 0, done.err
    return stocked
