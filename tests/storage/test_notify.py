"""PostgreSQL tells whoever listens of each commit; a line that broke is made again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from storage import notify, revisions
from storage.lines import Lines
from storage.notify import Listener, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Database

pytestmark = pytest.mark.postgres
WAIT_S = 60


class Ear:
    """Waits until what was heard is as it should be."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.told = threading.Event()
        self.forget = listener.call(self.told.set)

    def hears(self, **wanted: int) -> None:
        while not self._fits(wanted):
            assert self.told.wait(WAIT_S), f"nobody said {wanted}"
            self.told.clear()

    def hears_nothing_more(self) -> None:
        while self.listener.heard() is not None:
            assert self.told.wait(WAIT_S)
            self.told.clear()

    def _fits(self, wanted: dict[str, int]) -> bool:
        heard = self.listener.heard()
        return heard is not None and wanted.items() <= heard.revisions.items()


@pytest.fixture
def ear(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    # Whatever is heard here was said, not asked for.
    monkeypatch.setattr(notify, "LOOK_ANYWAY_S", 3600.0)
    monkeypatch.setattr(notify, "RETRY_S", 0.01)
    listener = postgres.listener()
    assert listener is not None
    found = Ear(listener)
    yield found
    found.forget()


def bump(database: Database, *concepts: str) -> None:
    with database.write() as connection:
        for concept in concepts:
            revisions.bump(connection, concept)


def fail(database: Database) -> None:
    with database.write() as connection:
        revisions.bump(connection, "health")
        revisions.flush(connection)
        raise LookupError


def test_a_commit_says_what_changed_and_nobody_asks(postgres: Database, ear: Ear) -> None:
    ear.hears(health=0, sources=0)
    bump(postgres, "sources", "health")
    ear.hears(health=1, sources=1, limits=0)
    bump(postgres, "health")
    ear.hears(health=2, sources=1)
    with postgres.read() as connection:
        heard = ear.listener.heard()
        assert heard is not None
        assert heard.revisions == revisions.read(connection)


def test_what_was_rolled_back_is_not_said(postgres: Database, ear: Ear) -> None:
    ear.hears(health=0)
    with pytest.raises(LookupError):
        fail(postgres)
    bump(postgres, "sources")
    ear.hears(sources=1, health=0)


def test_after_a_lost_line_all_is_known_again(
    postgres: Database, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear.hears(health=0)
    line, connect, may = ear.listener._line, ear.listener._connect, threading.Event()
    assert line is not None
    monkeypatch.setattr(ear.listener, "_connect", lambda: may.wait(WAIT_S) and connect())
    with postgres.write() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({line.info.backend_pid})")
    ear.hears_nothing_more()
    bump(postgres, "health")  # said while nobody listens, so that it must be read
    may.set()
    ear.hears(health=1)
    bump(postgres, "health")
    ear.hears(health=2)


def test_another_schema_is_not_heard(postgres: Database, ear: Ear) -> None:
    ear.hears(health=0)
    line = ear.listener._connect()
    try:
        line.autocommit = True
        line.execute("SELECT pg_notify('lampboard_1', 'health=41')")
    finally:
        line.close()
    bump(postgres, "sources")
    ear.hears(sources=1, health=0)


def test_what_is_not_ours_says_nothing() -> None:
    assert parse("health=41 sources=7") == {"health": 41, "sources": 7}
    assert parse("") == parse("hello = world=x 5 mine=7") == parse("health=" + "9" * 5_000) == {}


def test_an_end_leaves_no_thread_and_no_connection(postgres: Database, ear: Ear) -> None:
    ear.hears(health=0)
    thread = ear.listener._thread
    ear.listener.stop()
    assert not thread.is_alive()
    assert ear.listener.heard() is None


def test_a_server_that_is_away_is_tried_again() -> None:
    tried = threading.Event()

    def connect() -> psycopg.Connection:
        tries.append(1)
        if len(tries) > 2:
            tried.set()
        raise psycopg.OperationalError

    tries: list[int] = []
    listener = Listener(connect, Lines())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notify, "RETRY_S", 0.001)
        listener.start()
        assert tried.wait(WAIT_S)
        listener.stop()
    assert listener.heard() is None
