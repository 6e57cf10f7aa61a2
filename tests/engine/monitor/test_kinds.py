"""The monitor checks things of every kind, and none of them can harm the others."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.health.kinds import KINDS
from engine.monitor import MonitorLimits, run_monitor
from storage.connectors import ConnectorRow, ConnectorsDriver
from storage.health import HealthDriver
from storage.sources import SourcesDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from engine.settings import Settings
    from engine.workspace import Workspace
    from storage.health import TargetRow

    from .conftest import CountingProvider

ROOT = Path(__file__).resolve().parents[3]


def lamps(workspace: Workspace) -> dict[str, TargetRow]:
    with workspace.database.read() as connection:
        page = HealthDriver(connection).lamps(None, limit=1000)
        return {row.name: row for row in page.rows}


def add_connector(workspace: Workspace, name: str, folder: Path) -> None:
    now = workspace.clock.now()
    row = ConnectorRow(
        id=f"id-{name}",
        tenant_id="acme",
        name=name,
        type="file",
        technology="local",
        status="registered",
        created_at=now,
        config={"database": str(folder)},
    )
    with workspace.database.write() as connection:
        ConnectorsDriver(connection).insert(row, active=True, interval_s=60, due_at=now)


async def test_what_is_due_of_every_kind_is_checked_in_one_run(
    workspace: Workspace, add: Callable[..., None], add_source: Callable[..., Path], tmp_path: Path
) -> None:
    add("gpt", "fail")
    add_source("files")
    add_source("gone").rmdir()
    add_connector(workspace, "reach", tmp_path)
    add_connector(workspace, "lost", tmp_path / "nowhere")
    counts = await run_monitor(workspace, once=True)
    assert (counts.healthy, counts.failing, counts.unknown) == (3, 3, 0)
    found = lamps(workspace)
    assert {name: (lamp.state, lamp.status) for name, lamp in found.items()} == {
        "gpt": ("healthy", "enabled"),
        "fail": ("failing", "enabled"),
        "files": ("healthy", "active"),
        "gone": ("failing", "error"),
        "reach": ("healthy", "connected"),
        "lost": ("failing", "error"),
    }
    assert all(lamp.due_at and lamp.due_at > workspace.clock.now() for lamp in found.values())


async def test_a_kinds_rows_and_all_secrets_are_read_at_once(
    workspace: Workspace, add_source: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_source("open")
    stored = await workspace.credentials.store("acme", "s3cret")
    for number in range(20):
        add_source(f"s{number}", secrets={"password": stored})
    reads: list[int] = []
    sealed: list[int] = []
    get_many, store = SourcesDriver.get_many, workspace.credentials.core
    seal = store.sealed

    def rows(driver: SourcesDriver, ids: Any) -> Any:
        reads.append(len(ids))
        return get_many(driver, ids)

    def secrets(connection: Any, wanted: Any) -> Any:
        pairs = list(wanted)
        sealed.append(len(pairs))
        return seal(connection, pairs)

    monkeypatch.setattr(SourcesDriver, "get_many", rows)
    monkeypatch.setattr(store, "sealed", secrets)
    counts = await run_monitor(workspace, once=True)
    assert counts.healthy == 21
    assert (max(reads), max(sealed)) == (21, 20)


async def test_a_check_that_breaks_is_one_lamp_and_all_others_go_on(
    workspace: Workspace,
    provider: CountingProvider,
    add: Callable[..., None],
    add_source: Callable[..., Path],
    acting: Callable[..., None],
) -> None:
    errors = iter([RuntimeError("x"), SystemExit(1), asyncio.CancelledError()])

    async def breaking() -> Any:
        raise next(errors)

    add("a", "b")
    for number in range(3):
        add_source(f"s{number}")
    acting(breaking)
    counts = await run_monitor(workspace, once=True)
    assert (counts.healthy, counts.unknown) == (2, 3)
    found = lamps(workspace)
    assert {found[f"s{number}"].error for number in range(3)} == {"check_broken"}
    assert {found[f"s{number}"].status for number in range(3)} == {"active"}
    assert set(provider.seen.values()) == {1}


async def test_what_was_deleted_since_it_was_planned_is_let_go(
    workspace: Workspace, add_source: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_source("files")
    monkeypatch.setattr(type(KINDS["source"]), "rows", lambda *_: {})
    counts = await run_monitor(workspace, once=True)
    assert counts.checked == 0
    assert lamps(workspace)["files"].due_at is None


BUSY = """
import asyncio, sys, time
from engine.health.kinds import KINDS
from engine.monitor import loop, run_monitor
from engine.probes.threads import in_thread
from engine.settings import Settings
from engine.sources.checking import SourceKind
from engine.workspace import Workspace
from tests.timing import within

# Leases are given back however long a busy machine's database takes.
loop._END_S = 30

class Stubborn:
    tenant_id = id = name = "x"
    place = None

    async def check(self, tools, *, now, deadline_s):
        under_way.release()
        try:
            await in_thread(lambda: time.sleep(600))
        finally:
            await asyncio.sleep(600)

class StubbornKind(SourceKind):
    def prepare(self, row, open_secret):
        return Stubborn()

async def main():
    global under_way
    under_way = asyncio.Semaphore(0)
    KINDS._loaded["source"] = StubbornKind()
    workspace = Workspace.open(Settings(database=sys.argv[1]))
    stop = asyncio.Event()
    running = asyncio.create_task(run_monitor(workspace, stop=stop))
    for _ in range(3):
        await under_way.acquire()
    with within(3):
        stop.set()
        await running

asyncio.run(main())
print("ended")
"""


async def test_the_end_waits_for_no_driver(
    workspace: Workspace, settings: Settings, add_source: Callable[..., Path]
) -> None:
    for number in range(3):
        add_source(f"s{number}")
    child = [sys.executable, "-c", BUSY, settings.database]
    done = await asyncio.to_thread(
        subprocess.run, child, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["ended"]
    assert all(lamp.lease_owner is None for lamp in lamps(workspace).values())


ONLY_INTEGRATIONS = """
import asyncio, sys
from engine.monitor import run_monitor
from engine.settings import Settings
from engine.workspace import Workspace

async def main():
    workspace = Workspace.open(Settings(database=sys.argv[1]))
    counts = await run_monitor(workspace, once=True)
    await workspace.aclose()
    print(counts.healthy, *sys.modules)

asyncio.run(main())
"""


async def test_a_monitor_of_integrations_imports_no_code_of_sources(
    settings: Settings, add: Callable[..., None]
) -> None:
    add("gpt")
    child = [sys.executable, "-c", ONLY_INTEGRATIONS, settings.database]
    done = await asyncio.to_thread(
        subprocess.run, child, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    healthy, *modules = done.stdout.split()
    assert healthy == "1"
    foreign = ("engine.sources", "engine.connectors", "engine.probes.registry", "storage.sources")
    assert not [name for name in modules if name.startswith(foreign)]


def test_a_lease_covers_the_check_of_its_kind() -> None:
    limits = MonitorLimits(deadline_s=20, test_deadline_s=2, lease_s=30)
    assert limits.reserve_s("integration") == 25
    assert limits.reserve_s("source") == limits.reserve_s("connector") == 7
