"""Monitors of sources and connectors: killed, doubled, held up by a driver; operators at once."""

from __future__ import annotations

import contextlib
import signal
import socket
import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from engine.probes.registry import get_technology
from engine.workspace import Workspace
from tests.servers.hostile import answer
from tests.system.children import PATIENCE_S, wait_for
from tests.system.program import TENANT, Program
from tests.system.provider import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.provider import Provider

pytestmark = pytest.mark.processes
EACH = 20
# Drivers of each way to wait: on the loop, in a thread, in a process, of our own.
STUCK = ("postgresql", "mysql", "mssql", "sftp", "kafka", "mongodb", "rest")
ENDS_S = 2.0
# A busy machine holds anything up now and then; a driver would hold up every end.
TRIES = 4


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(lambda _word, _head: answer({"ok": True})) as found:
        yield found


@contextmanager
def silence() -> Iterator[tuple[int, list[socket.socket]]]:
    """Accept without a word; yield the port and the connections so far."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):  # closed: the test is over
                while True:
                    held.append(server.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server.getsockname()[1], held
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for one in held:
                one.close()


def opened(program: Program) -> Workspace:
    """Open it past the command line; what is registered is checked once in a test."""
    return Workspace.open(program.settings(check_interval_s="3600"))


async def register(program: Program, provider: Provider) -> None:
    """Register so many sources and connectors, all due."""
    program.path.parent.mkdir(mode=0o700)
    workspace = opened(program)
    for place in range(EACH):
        url = f"{provider.url}/s{place}"
        await workspace.sources.register_source(
            TENANT, f"s{place}", "api", {"connection_string": url}, technology="rest", activate=True
        )
        await workspace.connectors.register_connector(
            TENANT, f"c{place}", "http", f"{provider.url}/c{place}"
        )
    await workspace.aclose()


def ask(path: Path, sql: str) -> list[Any]:
    """Ask the database file itself, past the product."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute(sql).fetchall()


def checked(program: Program) -> list[tuple[str, int]]:
    """Return how many things of each kind were checked."""
    return ask(
        program.path,
        "SELECT kind, count(DISTINCT target_number) FROM checks JOIN targets "
        "ON targets.number = checks.target_number GROUP BY kind ORDER BY kind",
    )


async def test_two_monitors_check_each_once(program: Program, provider: Provider) -> None:
    await register(program, provider)
    program.extra |= {"LAMPBOARD_TEST_DEADLINE_S": "30", "LAMPBOARD_RATE_PER_MINUTE": "100000"}
    both = [program.start("monitor") for _ in range(2)]
    wait_for(lambda: checked(program) == [("connector", EACH), ("source", EACH)], "all of them")
    # The one may be through with all of it before the other hears signals.
    wait_for(lambda: ask(program.path, "SELECT count(*) FROM monitors") == [(2,)], "both of them")
    for monitor in both:
        monitor.send_signal(signal.SIGTERM)
    ended = [monitor.communicate(timeout=PATIENCE_S) for monitor in both]
    assert [monitor.returncode for monitor in both] == [0, 0], ended
    assert len(provider.heads) == 2 * EACH
    assert ask(program.path, "SELECT count(*) FROM checks") == [(2 * EACH,)]


async def test_killed_monitor_loses_no_result(program: Program) -> None:
    """What it recorded is kept; what it was at is done by the next one, once its claim is over."""
    killed = threading.Event()

    def patient(word: str, _head: bytes) -> bytes:
        if word.startswith("c"):
            killed.wait(PATIENCE_S)
        return answer({"ok": True})

    with serving(patient) as provider:
        await register(program, provider)
        # The connectors' checks must still be at it when the sources' are recorded.
        program.extra |= {"LAMPBOARD_TEST_DEADLINE_S": "30", "LAMPBOARD_RATE_PER_MINUTE": "100000"}
        first = program.start("monitor")
        wait_for(lambda: checked(program) == [("source", EACH)], "the sources' results")
        first.kill()
        first.communicate()
        killed.set()
        assert ask(program.path, "PRAGMA integrity_check") == [("ok",)]
        second = program.start("monitor")
        everything = [("connector", EACH), ("source", EACH)]
        wait_for(lambda: checked(program) == everything, "all of them")
        second.send_signal(signal.SIGTERM)
        _, err = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 0, err
    # Lamp, counts and history of each thing are of one and the same results.
    wrong = (
        "SELECT name FROM targets t WHERE passes + failures <> "
        "(SELECT count(*) FROM checks c WHERE c.target_number = t.number) "
        "OR checked_at <> (SELECT max(checked_at) FROM checks c WHERE c.target_number = t.number)"
    )
    assert ask(program.path, wrong) == []
    told = program.run("sources", "stats", "-o", "json").json
    assert told["total_sources"] == EACH


async def test_stuck_driver_does_not_hold_up_the_end(program: Program) -> None:
    program.path.parent.mkdir(mode=0o700)
    program.extra["LAMPBOARD_TEST_DEADLINE_S"] = "30"
    workspace = opened(program)
    with silence() as (port, held):
        for name in STUCK:
            reach = {"host": "127.0.0.1", "port": port, "username": "app", "password": "secret-1"}
            if name == "rest":
                reach = {"connection_string": f"http://127.0.0.1:{port}"}
            kind = get_technology(name).type
            await workspace.sources.register_source(
                TENANT, name, kind, reach, technology=name, activate=True
            )
        await workspace.aclose()
        took = [ended_in(program, held)]
        while min(took) > ENDS_S and len(took) < TRIES:
            took.append(ended_in(program, held))
    assert min(took) < ENDS_S, took


def ended_in(program: Program, held: list[socket.socket]) -> float:
    """Start a monitor, end it once every driver is held; return the seconds that its end took."""
    before = len(held)
    monitor = program.start("monitor")
    wait_for(lambda: len(held) - before >= len(STUCK), "every driver to be held")
    began = time.monotonic()
    monitor.send_signal(signal.SIGTERM)
    _, err = monitor.communicate(timeout=PATIENCE_S)
    took = time.monotonic() - began
    assert monitor.returncode == 0, err
    assert b"Traceback" not in err
    assert ask(program.path, "SELECT count(*) FROM targets WHERE lease_owner NOTNULL") == [(0,)]
    return took


async def test_second_of_two_operators_is_told(program: Program, provider: Provider) -> None:
    """Whoever changes what somebody else has changed meanwhile; neither change is lost."""
    await register(program, provider)
    for kind in ("sources", "connectors"):
        name = f"{kind[0]}0"
        seen = program.run(kind, "show", name, "-o", "json").json["version"]
        edit = (kind, "edit", name, "--expected-version", str(seen))
        first, second = program.many(
            [*edit, "--description", "mine", "-o", "json"],
            [*edit, "--owner-id", "me", "-o", "json"],
        )
        assert first.code == 0, first.err
        assert (second.code, second.error["code"]) == (1, "edit_conflict")
        now = program.run(kind, "show", name, "-o", "json").json
        assert (now["description"], now["owner_id"]) == ("mine", None)
