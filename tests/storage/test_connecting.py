"""What a server's URL may show of itself, and what is said where there is no connection."""

from __future__ import annotations

import socketserver
import threading
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import URL, create_engine, make_url

from storage import connect
from storage.database import Database, upgrade
from storage.errors import (
    DatabaseReadOnly,
    DatabaseUnreachable,
    DatabaseUrlInvalid,
    MigrationNeeded,
    StorageError,
)
from storage.lines import Lines
from storage.translate import translate
from tests.storage.conftest import POSTGRES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

BASE = "postgresql://ann@h.example/lampboard"


@pytest.fixture(scope="module")
def server(postgres_schema: str) -> Iterator[Engine]:
    url = make_url(POSTGRES).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def other_encoding(request: pytest.FixtureRequest, server: Engine) -> Iterator[URL]:
    """The URL of a database that has no place for every text."""
    name = f"lampboard_{uuid.uuid4().hex}"
    made = f"CREATE DATABASE {name} ENCODING '{request.param}' TEMPLATE template0"
    with server.connect() as connection:
        connection.exec_driver_sql(f"{made} LC_COLLATE 'C' LC_CTYPE 'C'")
    yield make_url(POSTGRES).set(database=name)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def open_and_refuse(url: str, error: type[StorageError]) -> StorageError:
    with pytest.raises(error) as caught:
        Database.open(url)
    assert "hunter2" not in caught.value.message + caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgresql://ann:hunter2@h.example/lampboard",
            "postgresql://ann:***@h.example/lampboard",
        ),
        ("postgres://h.example/lampboard?user=ann&password=hunter2", f"{BASE}"),
        (f"{BASE}?sslpassword=hunter2&sslmode=require", f"{BASE}?sslmode=require"),
        (f"{BASE}?PassFile=/home/ann/.hunter2", BASE),
        (f"{BASE}?oauth_client_secret=hunter2", BASE),
    ],
)
def test_no_password_is_shown_wherever_it_was_given(url: str, shown: str) -> None:
    seen = connect.shown(connect.parse(url))
    assert seen.replace("h.example/lampboard?user=ann", "ann@h.example/lampboard") == shown


def test_half_a_password_is_not_taken_for_a_host() -> None:
    found = open_and_refuse("postgresql://ann:hun@hunter2@h.example/x", DatabaseUrlInvalid)
    assert "%40" in found.hint


def test_a_password_among_the_parameters_is_not_told(closed_port: int) -> None:
    url = f"postgresql://127.0.0.1:{closed_port}/x?user=ann&password=hunter2"
    found = open_and_refuse(url, DatabaseUnreachable)
    assert found.message.endswith("Connection refused.")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("?sslfoo=1", 'invalid connection option "sslfoo"'),
        ("?sslmode=foo", 'invalid sslmode value: "foo"'),
        ("?connect_timeout=soon", "bad value for connect_timeout: 'soon'"),
    ],
)
def test_a_url_that_the_driver_refuses_is_told_in_its_words(asked: str, said: str) -> None:
    url = f"postgresql://ann:hunter2@127.0.0.1/x{asked}"
    found = open_and_refuse(url, DatabaseUnreachable)
    assert found.message.endswith(f": {said}.")


@pytest.mark.postgres
def test_why_the_server_lets_nobody_in_is_said(server: Engine) -> None:
    nowhere = server.url.set(database="lampboard_nowhere")
    found = open_and_refuse(nowhere.render_as_string(hide_password=False), DatabaseUnreachable)
    assert found.message.endswith(': database "lampboard_nowhere" does not exist.')
    assert found.temporary


@pytest.mark.postgres
@pytest.mark.parametrize("opening", [Database.open, upgrade])
def test_another_encoding_is_refused_before_anything_is_made(
    other_encoding: URL, opening: Callable[[str], object]
) -> None:
    with pytest.raises(StorageError, match="only UTF8 has a place") as caught:
        opening(other_encoding.render_as_string(hide_password=False))
    assert not isinstance(caught.value, MigrationNeeded)


@pytest.mark.postgres
def test_an_encoding_that_the_url_asks_for_is_not_that_of_our_texts(server: Engine) -> None:
    asked = server.url.update_query_dict({"client_encoding": "latin1"})
    engine = connect.postgres_engine(asked, busy_timeout_ms=1000, kept=1, lines=Lines())
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT '日本…'").scalar_one() == "日本…"
    engine.dispose()


@pytest.mark.postgres
def test_a_server_that_takes_no_changes_says_so(postgres: Database) -> None:
    def change() -> None:
        with postgres.write() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            connection.exec_driver_sql("DELETE FROM monitors")

    with pytest.raises(DatabaseReadOnly, match="takes no changes") as caught:
        change()
    assert "file" not in caught.value.hint


@pytest.mark.postgres
def test_what_takes_too_long_is_not_told_as_a_lock(postgres: Database) -> None:
    def ask() -> None:
        with postgres.read() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 1")
            connection.exec_driver_sql("SELECT pg_sleep(60)")

    with pytest.raises(DatabaseUnreachable, match="too long"):
        ask()


def test_standing_still_in_a_transaction_is_no_end() -> None:
    found = translate(psycopg.errors.IdleInTransactionSessionTimeout(), "the server")
    assert isinstance(found, DatabaseUnreachable)
    assert found.temporary


class Pooler(socketserver.StreamRequestHandler):
    """Says what PgBouncer says of a startup with options, and hangs up."""

    def handle(self) -> None:
        word = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
        # Encryption is asked for first, and refused.
        while (asked := self.rfile.read(int.from_bytes(self.rfile.read(4)) - 4))[:2] == b"\x04\xd2":
            self.wfile.write(b"N")
        assert b"options\0-c lock_timeout" in asked
        self.wfile.write(b"E" + (len(word) + 4).to_bytes(4) + word)


def test_a_pooler_that_takes_no_options_is_named() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Pooler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        host, port = server.server_address[:2]
        told = open_and_refuse(f"postgresql://ann@{host!s}:{port}/x", DatabaseUnreachable)
        server.shutdown()
        thread.join()
    assert "unsupported startup parameter: options." in told.message
    assert told.hint == "A pooler is between: docs/shared.md says how to set it."
