"""Runs, ledgers and credentials under kills, ctrl-C and several processes at once."""

from __future__ import annotations

import os
import signal
import sqlite3
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.servers.provided import missing
from tests.system.children import PATIENCE_S, wait_for
from tests.system.governed import RECORD, stock
from tests.system.test_processes_usage import ended

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.system.program import Program

pytestmark = pytest.mark.processes
POSTGRES = os.environ.get("LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
SLEEP = "SELECT count(*) FROM generate_series(1, :many) a, generate_series(1, 1000000) b"
ENDLESS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000000)
SELECT count(*) FROM n
"""


@pytest.fixture
def endless(program: Program) -> Program:
    stock(program)
    add = ("gateway", "templates", "add", "--source=shop", "--name=endless", f"--sql={ENDLESS}")
    done = program.run(*add)
    assert done.code == 0, done.err
    return program


def runs_of(program: Program, name: str) -> list[dict[str, object]]:
    told = program.run("gateway", "templates", "runs", name, "-o", "json")
    found: list[dict[str, object]] = told.json["items"]
    return found


def opened(pid: int, path: Path) -> bool:
    """Tell whether a process has a file open: its run has begun."""
    from pathlib import Path as Place

    try:
        return any(os.path.realpath(one) == str(path) for one in Place(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def begun(child: subprocess.Popen[bytes], path: Path) -> bool:
    """Tell whether a process has begun with a file; a quick one may be through with it."""
    return opened(child.pid, path) or child.poll() is not None


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_run_that_is_ended_is_on_record_or_leaves_no_harm(endless: Program, name: str) -> None:
    child = endless.start("gateway", "run", "endless")
    with ended(child):
        wait_for(lambda: opened(child.pid, endless.folder / "shop.db"), "the run")
        child.send_signal(getattr(signal, name))
        out, err = child.communicate(timeout=PATIENCE_S)
    assert not out
    assert b"Traceback" not in err, err
    codes = {"SIGINT": {130}, "SIGTERM": {143, -15}, "SIGKILL": {-9}}[name]
    assert child.returncode in codes, (child.returncode, err)
    again = endless.run("gateway", "run", "by-id", "least=1", "-o", "json")
    assert again.code == 0, (again, err)
    assert again.json["row_count"] == 2
    assert (endless.folder / "shop.db").is_file()
    if name == "SIGINT":
        assert [one["outcome"] for one in runs_of(endless, "endless")] == ["failed"]


@pytest.fixture
def postgres() -> str:
    """The name under which a session is known to the server; skips without one."""
    import psycopg

    try:
        psycopg.connect(POSTGRES).close()
    except psycopg.OperationalError as error:
        missing("postgresql", f"PostgreSQL does not answer ({type(error).__name__})")
    return f"m{uuid.uuid4().hex[:8]}"


@pytest.mark.postgres
def test_ctrl_c_ends_the_statement_on_the_server(program: Program, postgres: str) -> None:
    import psycopg

    add = ("connectors", "add", "--name=pg", "--type=sql", f"--url={POSTGRES}")
    done = program.run(*add)
    assert done.code == 0, done.err
    sql = f"{SLEEP} WHERE 'x' <> '{postgres}'"
    add = ("gateway", "templates", "add", "--connector=pg", "--name=long", f"--sql={sql}")
    done = program.run(*add, "--param=many:int")
    assert done.code == 0, done.err
    look = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
    with psycopg.connect(POSTGRES, autocommit=True) as there:

        def at_work() -> bool:
            like = f"%generate_series%{postgres}%"
            (count,) = there.execute(look + " AND pid <> pg_backend_pid()", (like,)).fetchone()
            return bool(count)

        child = program.start("gateway", "run", "long", "many=1000000")
        with ended(child):
            wait_for(at_work, "the statement on the server")
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=PATIENCE_S)
        assert (child.returncode, out) == (130, b""), err
        assert b"Traceback" not in err
        wait_for(lambda: not at_work(), "the statement's end")


def test_records_that_were_acknowledged_stay(program: Program) -> None:
    """Killed as soon as one is acknowledged, or before; several at once: one chain, no gap."""
    stock(program)
    children = [program.start(*RECORD, "--blocked", f"b{n}", "-o", "json") for n in range(4)]
    victim = program.start(*RECORD, "--blocked=victim", "-o", "json")
    assert victim.stdin is not None
    wait_for(lambda: begun(victim, program.path), "its database")
    victim.kill()
    said, _ = victim.communicate(timeout=PATIENCE_S)
    told = [child.communicate(timeout=PATIENCE_S) for child in children]
    assert [child.returncode for child in children] == [0] * 4, told
    proved = program.run("prevention", "verify", "-o", "json")
    assert proved.code == 0, proved
    kept = {
        one["blocked_incident_id"]
        for one in program.run("prevention", "list", "--all", "-o", "json").json["items"]
    }
    assert {f"b{n}" for n in range(4)} <= kept
    assert not said or "victim" in kept
    raw = sqlite3.connect(f"file:{program.path}?mode=ro", uri=True)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def test_rotations_at_once_and_one_that_is_killed(program: Program) -> None:
    made = stock(program)
    first, second = (program.start("credentials", "rotate") for _ in range(2))
    victim = program.start("credentials", "set", made["reference"], "--secret-stdin")
    told = [first.communicate(timeout=PATIENCE_S), second.communicate(timeout=PATIENCE_S)]
    victim.communicate(b"sk-another-secret-of-acme", timeout=PATIENCE_S)
    assert 0 in {first.returncode, second.returncode}, told
    assert not [err for _, err in told if b"Traceback" in err], told
    killed = program.start("credentials", "rotate")
    wait_for(lambda: begun(killed, program.path), "its database")
    killed.kill()
    killed.communicate(timeout=PATIENCE_S)
    for _ in range(2):
        done = program.run("credentials", "test", made["reference"], "-o", "json")
        assert done.code == 0, done
        assert program.run("credentials", "rotate").code == 0


def test_the_board_follows_the_command_line(program: Program) -> None:
    stock(program)
    program.extra["LAMPBOARD_MONITOR"] = "off"
    add = ("gateway", "templates", "add", "--source=shop", "--sql=SELECT 1")
    with program.dashboard("--screen=gateway") as seen:
        seen.shows("by-id")
        assert program.run(*add, "--name=came-later").code == 0
        seen.shows("came-later")
        seen.press("8")
        seen.shows("bulk")
        record = ["--policy=later-policy", *RECORD[3:]]
        assert program.run("prevention", "record", *record).code == 0
        seen.shows("later-policy")
        seen.press("0")
        seen.shows("elsewhere")
        assert program.run("credentials", "set", "env://LATER", "--label=appeared").code == 0
        seen.shows("appeared")
        seen.press("q")
        assert seen.ends() == 0
