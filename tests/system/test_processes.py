"""Kills at any moment, several at once, an open umask: nothing lost, left behind or shown."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.hostile import answer
from tests.system.children import PATIENCE_S, monitors, processes, wait_for
from tests.system.provider import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.system.program import Program
    from tests.system.provider import Provider
    from tests.system.terminal import Terminal

pytestmark = pytest.mark.processes
HERE = "http://127.0.0.1:9/v1"
LIST = ("integrations", "list", "--all", "-o", "json")
LATER = 3
EVERYTHING_OFF = {"LAMPBOARD_MONITOR": "off"}
ESCAPE = "\x1b[27u"
ANEW = b"\x1b[?1049h"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(lambda _word, _head: answer()) as found:
        yield found


def ask(path: Path, sql: str) -> list[Any]:
    """Ask the database file itself, past the product."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute(sql).fetchall()


def adding(name: str, *more: str) -> tuple[str, ...]:
    place = (f"--base-url={HERE}", "--credential-stdin", "-o", "json")
    return ("integrations", "add", f"--name={name}", "--provider=custom", *place, *more)


def killed_at(program: Program, name: str, seconds: float) -> bool:
    """Register one and kill that process after so long; tell whether it said that it did."""
    child = program.start(*adding(name))
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(b"sk-some-key\n")
        child.stdin.close()
        child.stdin = None
    # The moment is the point here: it is spread over the whole life of the command.
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    child.kill()
    out, _ = child.communicate()
    return b'"credential_ref"' in out and out.endswith(b"}\n")


def test_kills_while_registering_lose_nothing_acknowledged(program: Program) -> None:
    """From the very first one on, which makes the folder, the database and the key."""
    began = time.monotonic()
    program.run("--version")
    whole = max(0.25, 4 * (time.monotonic() - began))
    moments = [whole * step / 24 for step in range(3, 31)]
    with ThreadPoolExecutor(3) as pool:
        names = [f"n{place}" for place in range(len(moments))]
        told = list(pool.map(killed_at, [program] * len(moments), names, moments))
    acknowledged = {name for name, said in zip(names, told, strict=True) if said}
    last = program.run(*adding("last"), stdin="sk-some-key")
    assert last.code == 0, last.err
    there = {item["name"] for item in program.run(*LIST).json["items"]}
    assert acknowledged | {"last"} <= there
    assert ask(program.path, "PRAGMA integrity_check") == [("ok",)]
    # One change is one transaction: thing, lamp, credential and activity come together.
    counts = [
        ask(program.path, f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - our own names
        for table in ("integrations", "targets", "credentials")
    ]
    assert counts == [len(there)] * 3
    deeds = "SELECT count(*) FROM activity WHERE action = 'integration.created'"
    assert ask(program.path, deeds) == [(len(there),)]
    # And each credential can be opened: a check gets as far as the network.
    stages = {
        item["error"] for item in program.run("health", "check", "-o", "json").json["results"]
    }
    assert stages == {"refused"}


def test_a_killed_monitor_loses_no_result(program: Program, provider: Provider) -> None:
    program.extra |= {"LAMPBOARD_CHECK_INTERVAL_S": "5", "LAMPBOARD_RATE_PER_MINUTE": "100000"}
    runs = [
        ("integrations", "add", f"--name=n{place}", "--provider=custom", "--credential-ref=env://HOME",
         f"--base-url={provider.url}/n{place}/v1", "-o", "name")
        for place in range(40)
    ]  # fmt: skip
    assert {done.code for done in program.many(*runs)} == {0}
    child = program.start("monitor")
    wait_for(lambda: _checks(program), "a result")
    child.kill()
    child.communicate()
    kept = _checks(program)
    assert ask(program.path, "PRAGMA integrity_check") == [("ok",)]
    after = program.start("monitor", "-o", "json")
    every = "SELECT count(DISTINCT target_number) FROM checks"
    wait_for(lambda: ask(program.path, every) == [(40,)], "all of them checked")
    recorded = _checks(program)
    wait_for(lambda: _checks(program) > recorded, "a result of the next round")
    assert recorded >= kept
    after.send_signal(signal.SIGTERM)
    out, err = after.communicate(timeout=PATIENCE_S)
    assert after.returncode == 0, err
    assert b"Traceback" not in err
    assert out
    # Each lamp shows the newest result of its own.
    twice = (
        "SELECT target_number FROM checks GROUP BY target_number, checked_at HAVING count(*) > 1"
    )
    assert ask(program.path, twice) == []
    behind = (
        "SELECT count(*) FROM targets t WHERE checked_at <> "
        "(SELECT max(checked_at) FROM checks c WHERE c.target_number = t.number)"
    )
    assert ask(program.path, behind) == [(0,)]


def _checks(program: Program) -> int:
    return int(ask(program.path, "SELECT count(*) FROM checks")[0][0])


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "SIGHUP", "hang up"])
def test_a_dashboard_that_is_ended_leaves_no_monitor(
    program: Program, provider: Provider, end: str
) -> None:
    program.add("gpt", f"{provider.url}/x/v1", secret="sk-some-key")
    with program.dashboard() as board:
        board.shows("gpt", "● 1")
        assert len(monitors(program)) == 1
        if end == "hang up":
            board.hang_up()
        else:
            board.process.send_signal(signal.Signals[end])
        board.ends()
        wait_for(lambda: not processes(program), "all processes to end")
    assert ask(program.path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(program.path, "SELECT count(*) FROM targets WHERE lease_owner NOTNULL") == [(0,)]
    # What was seen is stored; on a busy machine there may be a later result.
    assert ask(program.path, "SELECT count(*) > 0 FROM checks WHERE state = 'healthy'") == [(1,)]
    counts = program.run("health", "summary", "-o", "json").json["counts"]
    assert sum(counts.values()) == 1


def test_a_dashboard_notices_that_its_monitor_died(program: Program, provider: Provider) -> None:
    program.add("gpt", f"{provider.url}/x/v1", secret="sk-some-key")
    with program.dashboard() as board:
        board.shows("gpt", "checks/min", "● 1")
        (first,) = wait_for(lambda: monitors(program), "the monitor")
        os.kill(first, signal.SIGKILL)
        board.wrote("ended by signal 9")
        (second,) = wait_for(lambda: set(monitors(program)) - {first}, "another monitor")
        board.shows("checks/min")
        assert second != first
        asked = len(provider.heads)
        board.press("4")
        board.shows("NAME")
        board.press("t")
        wait_for(lambda: len(provider.heads) > asked, "a check")
        board.press("q")
        assert board.ends() == 0
    wait_for(lambda: not processes(program), "all processes to end")


def test_a_dashboard_that_was_stopped_goes_on_and_ends(program: Program) -> None:
    """By a signal that no program hears, as batch systems and debuggers send it."""
    with program.dashboard(env=EVERYTHING_OFF) as board:
        board.shows("Overview", "help")
        for _ in range(3):
            board.process.send_signal(signal.SIGSTOP)
            wait_for(lambda: is_stopped(board.process.pid), "the stop")
            begun = board.raw.count(ANEW)
            board.process.send_signal(signal.SIGCONT)
            wait_for(lambda: board.raw.count(ANEW) > begun, "the terminal's set-up")  # noqa: B023
            board.press("?")
            board.shows("esc closes")
            board.press(ESCAPE)
            board.hides("esc closes")
        board.press("q")
        assert board.ends() == 0


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_two_dashboards_and_three_command_lines_at_once(
    program: Program, provider: Provider
) -> None:
    """No error, exact totals on every screen, and nothing is checked twice."""
    each = 12
    program.extra["LAMPBOARD_CHECK_INTERVAL_S"] = "3600"
    program.add("first", f"{provider.url}/x/v1", secret="sk-some-key")
    with program.dashboard() as one, program.dashboard() as two:
        one.shows("first")
        two.shows("first")

        def write(writer: int) -> list[str]:
            names = [f"w{writer}-{n}" for n in range(each)]
            failed = failing(program, [adding(name) for name in names])
            enabling = [("integrations", "enable", name) for name in names[::2]]
            return failed + failing(program, enabling)

        with ThreadPoolExecutor(3) as pool:
            assert list(pool.map(write, range(3))) == [[], [], []]
        total = 3 * each + 1
        for board in (one, two):
            board.press("4")
            board.shows(f"Integrations {total}")
            assert_calm(board)
        # The monitor is nicer than the writers, so it may begin long after them.
        wait_for(lambda: provider.heads, "the first check")
        for board in (one, two):
            board.press("q")
        assert (one.ends(), two.ends()) == (0, 0)
    wait_for(lambda: not processes(program), "all processes to end")
    # Opened in the same moment, both may have started a monitor: those share the work.
    assert len(provider.heads) == 1
    assert program.run(*LIST).json["total"] == total
    deeds = "SELECT action, count(*) FROM activity WHERE concept = 'integrations' GROUP BY action"
    found = dict(ask(program.path, deeds))
    assert found["integration.created"] == total
    assert found["integration.enabled"] == 3 * each // 2
    assert ask(program.path, "PRAGMA integrity_check") == [("ok",)]


def failing(program: Program, runs: Sequence[tuple[str, ...]]) -> list[str]:
    """Run them, the few that are told to try again once more; return what failed."""
    done = program.many(*runs, stdin=[b"sk-some-key"] * len(runs))
    # A writer that a busy machine does not let go on holds up the others.
    late = [run.argv for run in done if run.code == LATER]
    assert len(late) <= len(runs) // 4, done
    again = program.many(*late, stdin=[b"sk-some-key"] * len(late)) if late else []
    told = [run for run in done if run.code != LATER] + again
    return [f"{run.argv} {run.err}" for run in told if run.code]


def assert_calm(board: Terminal) -> None:
    seen = board.text
    assert not [word for word in ("locked", "cannot be", "went wrong", "stopped") if word in seen]


def test_an_open_umask_opens_nothing(program: Program, provider: Provider) -> None:
    open_to_all = ("sh", "-c", 'umask 000; exec "$@"', "sh")
    for name in ("data", "state"):
        (program.folder / name).rmdir()
    add = program.run(*adding("gpt"), stdin="sk-some-key", wrapped=open_to_all)
    assert add.code == 0, add.err
    reader = sqlite3.connect(program.path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM targets").fetchone()
    backup = program.folder / "backup.db"
    for argv in (
        ("db", "backup", str(backup)),
        ("monitor", "--once"),
        ("integrations", "edit", "gpt", "--credential-stdin"),
        ("health", "check", "--force"),
    ):
        done = program.run(*argv, stdin="sk-another-key", wrapped=open_to_all)
        assert done.code in {0, 1}, done.err
    crash = "import tui.app, sys\ntui.app.BoardApp.begin = None\nfrom tui.__main__ import main\n"
    with program.dashboard(code=crash + "sys.exit(main())", wrapped=open_to_all) as board:
        board.ends()
    with program.dashboard(wrapped=open_to_all) as board:
        board.shows("gpt", "checks/min")
        modes = {}
        for path in sorted(program.folder.rglob("*")):
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                if _of_the_product(path, program):
                    modes[str(path.relative_to(program.folder))] = _mode(path)
        board.press("q")
        assert board.ends() == 0
    reader.close()
    files = {name: mode for name, (mode, folder) in modes.items() if not folder}
    folders = {name: mode for name, (mode, folder) in modes.items() if folder}
    suffixes = ("lampboard.db", "lampboard.db-wal", "lampboard.db-shm", "lampboard.db.key")
    assert {name.rpartition("/")[2] for name in files} >= {*suffixes, "lampboard.log", "backup.db"}
    assert set(files.values()) == {0o600}, files
    assert set(folders.values()) == {0o700}, folders


def _of_the_product(path: Path, program: Program) -> bool:
    name = str(path.relative_to(program.folder))
    return name.startswith(("data", "state")) or name == "backup.db"


def _mode(path: Path) -> tuple[int, bool]:
    found = path.stat()
    return stat.S_IMODE(found.st_mode), stat.S_ISDIR(found.st_mode)


def test_without_a_network_the_board_says_offline(program: Program, provider: Provider) -> None:
    """What could not be asked keeps its lamp; what can be asked without a network is."""
    alone = ("unshare", "-n") if os.geteuid() == 0 else ("unshare", "-rn")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespace can be made here")
    program.add("was-well", f"{provider.url}/x/v1", secret="sk-some-key")
    for name in ("openai", "anthropic", "google", "bedrock"):
        key = "AKIA0123456789ABCDEF:some" if name == "bedrock" else "sk-some-key"
        done = program.run(
            "integrations", "add", f"--name=at-{name}", f"--provider={name}", "--credential-stdin",
            stdin=key,
        )  # fmt: skip
        assert done.code == 0, done.err
    program.add("by-address", "http://10.1.2.3/v1", secret="sk-some-key")
    assert program.run("integrations", "test", "was-well").code == 0
    with program.dashboard(wrapped=alone) as board:
        seen = board.shows("this machine is offline", "✖ 0")
        assert "● 1" in seen
        board.press("5")
        board.shows("offline")
        board.press("q")
        assert board.ends() == 0
    counts = program.run("health", "summary", "-o", "json").json["counts"]
    assert counts == {"failing": 0, "degraded": 0, "unknown": 5, "healthy": 1}
