from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.health import HealthDriver, MonitorRow
from storage.presence import _KEY, absent, lease_clock
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=15)
ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from storage.database import Database

presence = Database.open(sys.argv[1]).presence("theirs")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with migrated_schema() as found:
        yield found


@pytest.fixture
def server(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM monitors")
    database.close()


def beat(database: Database, owner: str, **values: object) -> None:
    row = MonitorRow(id=owner, host="h", pid=1, started_at=NOW, beat_at=NOW, **values)  # type: ignore[arg-type]
    with database.write() as connection:
        HealthDriver(connection).beat(row)


def let_go(database: Database, owner: str) -> None:
    """Wait until the server has noticed that the session which held this place is over."""
    place = text(f"SELECT pg_advisory_xact_lock_shared({_KEY.format(':owner')})")
    with database.read() as connection:
        connection.execute(place, {"owner": owner})


def missed(database: Database, me: str = "mine") -> list[str]:
    with database.read() as connection:
        return absent(connection, me, LONG_AGO)


@pytest.mark.postgres
def test_who_holds_its_place_is_there_until_it_ends(server: Database) -> None:
    beat(server, "theirs")
    assert missed(server) == ["theirs"]
    presence = server.presence("theirs")
    assert presence is not None
    assert presence.is_held()
    assert missed(server) == []
    presence.end()
    assert not presence.is_held()
    let_go(server, "theirs")
    assert missed(server) == ["theirs"]


@pytest.mark.postgres
def test_who_comes_back_ends_the_session_that_was_lost_here_alone(server: Database) -> None:
    lost, other = server.presence("mine"), server.presence("theirs")
    back = server.presence("mine")
    assert back is not None
    assert lost is not None
    assert other is not None
    assert back.is_held()
    assert not lost.is_held()
    assert other.is_held()
    for presence in (lost, back, other):
        presence.end()


@pytest.mark.postgres
def test_two_who_look_at_once_see_the_same(server: Database) -> None:
    beat(server, "theirs")
    with server.read() as connection:
        assert absent(connection, "mine", LONG_AGO) == ["theirs"]
        assert missed(server) == ["theirs"]


@pytest.mark.postgres
def test_only_others_that_beat_lately_and_did_not_stop_are_missed(server: Database) -> None:
    beat(server, "mine")
    beat(server, "stopped", stopped_at=NOW)
    beat(server, "gone")
    assert missed(server) == ["gone"]
    with server.read() as connection:
        assert absent(connection, "mine", NOW + timedelta(seconds=1)) == []


@pytest.mark.postgres
@pytest.mark.processes
def test_a_process_that_is_killed_is_missed(server: Database, url: str) -> None:
    beat(server, "theirs")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert missed(server) == []
        holder.kill()
    let_go(server, "theirs")
    assert missed(server) == ["theirs"]


@pytest.mark.postgres
def test_schemas_of_one_server_do_not_know_each_other(server: Database) -> None:
    with migrated_schema() as elsewhere:
        database = Database.open(elsewhere)
        presence = database.presence("theirs")
        beat(server, "theirs")
        assert missed(server) == ["theirs"]
        assert presence is not None
        presence.end()
        database.close()


@pytest.mark.postgres
def test_a_server_has_one_clock_for_all_leases(server: Database) -> None:
    with server.read() as connection:
        assert abs(lease_clock(connection, NOW) - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_file_has_no_places_and_goes_by_its_machines_clock(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'board.db'}")
    beat(database, "theirs")
    assert database.presence("mine") is None
    assert missed(database) == []
    with database.read() as connection:
        assert lease_clock(connection, NOW) == NOW
    database.close()
