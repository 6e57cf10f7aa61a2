"""Who waits on a connection that will never answer is woken, and may ask anew."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from storage import notify, revisions
from storage.errors import DatabaseUnreachable
from tests.storage.test_notify import Ear, bump

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from storage.database import Database

pytestmark = pytest.mark.postgres
WAIT_S = 60


@contextmanager
def asking_in_vain(database: Database) -> Iterator[Future[None]]:
    """Give what waits for an answer that does not come: the table is held by somebody else."""

    def ask() -> None:
        with database.read() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SELECT * FROM revisions")

    with ThreadPoolExecutor(1) as threads:
        try:
            with database.write() as holder:
                holder.exec_driver_sql("LOCK TABLE revisions IN ACCESS EXCLUSIVE MODE")
                asked = threads.submit(ask)
                waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = "
                while not holder.exec_driver_sql(f"{waiting} 'revisions'::regclass").scalar():
                    pass
                yield asked
        except DatabaseUnreachable:
            pass  # the holder's line was ended as well


def test_all_lines_end_at_once_and_others_are_made(postgres: Database) -> None:
    with asking_in_vain(postgres) as asked:
        postgres.lines.hang_up()
        assert isinstance(asked.exception(WAIT_S), DatabaseUnreachable)
    bump(postgres, "health")


@pytest.mark.parametrize("asked_again", [False, True])
def test_a_session_that_ends_in_a_write_is_told_as_away(
    postgres: Database, *, asked_again: bool
) -> None:
    def write() -> None:
        with postgres.write() as connection:
            revisions.bump(connection, "health")
            with suppress(DBAPIError if asked_again else ()):
                connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(DatabaseUnreachable) as caught:
        write()
    assert caught.value.temporary
    bump(postgres, "sources")
    with postgres.read() as connection:
        found = revisions.read(connection)
        assert (found["health"], found["sources"]) == (0, 1), "what was noted is forgotten"


def test_what_takes_too_long_is_not_waited_for(postgres: Database) -> None:
    with asking_in_vain(postgres) as asked, postgres.lines.unless_within(0.01):
        assert isinstance(asked.exception(WAIT_S), DatabaseUnreachable)


def test_what_was_quick_ends_nothing(postgres: Database) -> None:
    with postgres.read() as connection:
        with postgres.lines.unless_within(3600):
            pass
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_a_listener_without_an_answer_gives_all_lines_up(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "RETRY_S", 0.01)
    monkeypatch.setattr(notify, "LOOK_ANYWAY_S", 0.01)
    # Every answer that comes is there by then, however busy the machine is.
    monkeypatch.setattr(notify, "ANSWER_S", 5.0)
    listener = postgres.listener()
    assert listener is not None
    ear = Ear(listener)
    ear.hears(health=0)
    with asking_in_vain(postgres) as asked:
        ear.hears_nothing_more()
        assert isinstance(asked.exception(WAIT_S), DatabaseUnreachable)
    bump(postgres, "health")
    ear.hears(health=1)
    ear.forget()
