from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import taking_turns
from storage.connect import connect_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database


@pytest.fixture
def impatient(sqlite: Database, path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that does not wait by itself."""
    assert sqlite.path == path
    with closing(connect_file(path, busy_timeout_ms=0)) as raw:
        yield raw


@pytest.fixture
def other(sqlite: Database, path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect_file(path, busy_timeout_ms=0)) as raw:
        yield raw


def commit(raw: sqlite3.Connection) -> None:
    raw.execute("INSERT INTO marks VALUES (hex(randomblob(8)), 1)")
    raw.execute("COMMIT")


def test_who_is_only_overtaken_goes_on_waiting(
    impatient: sqlite3.Connection, other: sqlite3.Connection
) -> None:
    other.execute("BEGIN IMMEDIATE")
    turns = 0

    def overtake() -> None:
        nonlocal turns
        turns += 1
        commit(other)
        if turns < 5:
            other.execute("BEGIN IMMEDIATE")

    class Overtaken:
        """Passes everything on, and lets somebody else commit before each look."""

        def execute(self, sql: str) -> sqlite3.Cursor:
            if sql.startswith("PRAGMA") and other.in_transaction and turns < 5 and self.begun:
                overtake()
            self.begun = True
            return impatient.execute(sql)

        begun = False

    taking_turns.begin(Overtaken())  # type: ignore[arg-type]
    assert turns == 5
    assert impatient.in_transaction


def test_who_is_kept_out_is_told(impatient: sqlite3.Connection, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        taking_turns.begin(impatient)
    assert not impatient.in_transaction


def test_patience_has_an_end(impatient: sqlite3.Connection, other: sqlite3.Connection) -> None:
    other.execute("BEGIN IMMEDIATE")

    class Overtaken:
        def execute(self, sql: str) -> sqlite3.Cursor:
            if sql.startswith("PRAGMA"):
                commit(other)
                other.execute("BEGIN IMMEDIATE")
            return impatient.execute(sql)

    times = iter((0.0, 1.0, taking_turns.PATIENCE_S + 1.0))
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        taking_turns.begin(Overtaken(), clock=lambda: next(times))  # type: ignore[arg-type]
    assert next(times, None) is None
