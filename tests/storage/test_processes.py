"""Several processes on one database: nothing lost, nothing taken twice, nobody turned away."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storage.database import Database
from storage.health import HealthDriver
from storage.integrations import IntegrationRow, IntegrationsDriver

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
COUNT = """
import sys
from storage.database import Database
database = Database.open(sys.argv[1], busy_timeout_ms=120_000)
for _ in range(40):
    with database.write() as connection:
        found = connection.exec_driver_sql("SELECT revision FROM revisions WHERE concept = 'n'")
        value = (found.scalar() or 0) + 1
        connection.exec_driver_sql(
            "INSERT INTO revisions VALUES ('n', %d) "
            "ON CONFLICT (concept) DO UPDATE SET revision = %d" % (value, value)
        )
database.close()
"""
CLAIM = """
import json, sys
from datetime import UTC, datetime
from storage.database import Database
from storage.health import HealthDriver
now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
database = Database.open(sys.argv[1], busy_timeout_ms=120_000)
taken = []
while True:
    with database.write() as connection:
        rows = HealthDriver(connection).claim_due(now, sys.argv[2], 60, 7)
    if not rows:
        break
    taken += [row.number for row in rows]
print(json.dumps(taken))
"""


def together(program: str, count: int, *arguments: str) -> list[str]:
    """Runs a program several times at once and gives what each printed."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments, str(place)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for place in range(count)
    ]
    done = [process.communicate(timeout=300) for process in running]
    assert [process.returncode for process in running] == [0] * count, done
    return [out for out, _ in done]


@pytest.mark.processes
def test_read_modify_write_loses_nothing(path: Path) -> None:
    together(COUNT, 4, f"sqlite:///{path}")  # the file is new: all four open it at once
    database = Database.open(f"sqlite:///{path}")
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT revision FROM revisions WHERE concept = 'n'")
        assert found.scalar() == 160
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.close()


@pytest.mark.processes
def test_no_target_is_claimed_twice(database: Database, request: pytest.FixtureRequest) -> None:
    rows = [
        IntegrationRow(
            id=str(place),
            tenant_id="acme",
            name=str(place),
            provider_type="custom",
            status="enabled",
            created_at=NOW,
        )
        for place in range(150)
    ]
    with database.write() as connection:
        IntegrationsDriver(connection).insert_many(rows, active=True, interval_s=60, due_at=NOW)
    url = str(database.path or request.getfixturevalue("migrated_postgres"))
    taken = [number for out in together(CLAIM, 3, url) for number in json.loads(out)]
    assert len(taken) == len(set(taken)) == 150
    with database.write() as connection:
        assert HealthDriver(connection).claim_due(NOW, "late", 60, 10) == []


KILLED = """
import os, signal, sys
from storage.database import Database
database = Database.open(sys.argv[1])
for number in range(10):
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO revisions VALUES ('%d', 1)" % number)
    print(number, flush=True)
with database.write() as connection:
    connection.exec_driver_sql("INSERT INTO revisions VALUES ('half', 1)")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.processes
def test_what_was_acknowledged_outlives_a_kill(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [str(number) for number in range(10)]
    database = Database.open(str(path))
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT concept FROM revisions ORDER BY 1").scalars()
        assert list(rows) == [str(number) for number in range(10)]
    database.close()
