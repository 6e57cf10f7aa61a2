from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Add, Run

ROOT = Path(__file__).resolve().parents[3]


def test_once_checks_what_is_due_and_counts(board: Run, add: Add) -> None:
    for name, secret in (("good", "sk-canary-8d1f0c6b2a"), ("bad", "sk-wrong")):
        add(name, secret=secret)
        board("integrations", "enable", name)
    done = board("monitor", "--once", "-o", "json")
    assert done.code == 0
    assert (done.json["checked"], done.json["healthy"], done.json["failing"]) == (2, 1, 1)
    assert board("monitor", "--once", "-o", "json").json["checked"] == 0
    assert "checked" in board("monitor", "--once").out


def test_a_monitor_must_be_able_to_write(board: Run, add: Add) -> None:
    add("gpt")
    assert board("monitor", "--once", "--read-only").code == 1


@pytest.mark.processes
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_monitor_ends_in_order_and_tells_what_it_did(
    add: Add, database: str, number: signal.Signals, code: int
) -> None:
    add("gpt")
    argv = ("--database", database, "monitor", "-o", "json")
    with subprocess.Popen(
        [sys.executable, "-m", "tui", *argv],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stderr is not None
        assert b"ctrl-C ends it" in child.stderr.readline()
        wait_for_heartbeat(database)
        child.send_signal(number)
        told, _ = child.communicate(timeout=60)
    assert child.returncode == code
    assert "checked" in json.loads(told)


@pytest.mark.processes
def test_a_child_ends_with_its_input(add: Add, database: str) -> None:
    add("gpt")
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "--database", database, "monitor", "--child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        wait_for_heartbeat(database)
        out, _ = child.communicate(timeout=60)
    assert (child.returncode, out) == (0, b"")


def wait_for_heartbeat(database: str) -> None:
    import asyncio

    from engine.settings import Settings
    from engine.workspace import Workspace

    async def wait() -> None:
        settings = Settings.load({"database": database, "refresh_s": 0.05}, environment={})
        workspace = Workspace.open(settings)
        try:
            async with asyncio.timeout(60):
                # Another process's doing: there is nothing here to wait on but what it writes.
                while not (await workspace.health.monitor_status()).alive:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        finally:
            await workspace.aclose()

    asyncio.run(wait())


@pytest.mark.processes
def test_the_demo_without_a_terminal(run: Run) -> None:
    # How far it gets in so many seconds is the machine's affair.
    for seconds in ("3", "12", "48"):
        done = run("demo", "--headless", "--seconds", seconds, "-o", "json")
        assert done.code == 0
        if done.json["summary"]["overall_health"] == "failing":
            break
    assert len(done.json["tenants"]) == 3
    assert done.json["checks"] > 0
    assert sum(done.json["summary"]["counts"].values()) == done.json["summary"]["total"]
    assert done.json["summary"]["overall_health"] == "failing"


def test_the_demo_with_a_dashboard_needs_a_terminal(run: Run) -> None:
    assert run("demo").code == 2
