"""What the monitor does about secrets that others keep: one question a batch, nobody held up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.monitor import MonitorLimits, run_monitor
from engine.monitor.loop import Monitor
from storage.health import HealthDriver
from storage.references import ReferencesDriver
from tests.engine.credentials.elsewhere import Elsewhere, keep_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.workspace import Workspace
    from storage.health import CheckRow

    from .conftest import CountingProvider

SLOW, GONE, GOOD = "vault://secret/slow#key", "vault://secret/gone#key", "vault://secret/app#key"


def errors(workspace: Workspace) -> dict[str, str | None]:
    with workspace.database.read() as connection:
        rows = HealthDriver(connection).lamps(None, limit=100).rows
    return {row.name: row.error for row in rows}


async def test_a_batch_asks_once_for_each_secret(
    workspace: Workspace, add: Callable[..., None], provider: CountingProvider
) -> None:
    elsewhere = Elsewhere()
    keep_elsewhere(workspace, elsewhere)
    add(*(f"good-{n}" for n in range(20)), credential_ref=GOOD)
    add(*(f"gone-{n}" for n in range(20)), credential_ref=GONE)
    counts = await run_monitor(workspace, once=True)
    assert (counts.healthy, counts.failing) == (20, 20)
    assert elsewhere.asked == {GOOD: 1, GONE: 1}
    assert sum(provider.seen.values()) == 20
    assert set(errors(workspace).values()) == {None, "credential_unreadable"}
    with workspace.database.read() as connection:
        driver = ReferencesDriver(connection)
        good, gone = driver.get("acme", GOOD), driver.get("acme", GONE)
    assert good is not None
    assert gone is not None
    assert (good.accesses, good.problem) == (20, None)
    assert (gone.accesses, gone.problem) == (20, "It is gone.")


async def test_a_slow_vault_holds_up_nobody_else(
    workspace: Workspace, add: Callable[..., None]
) -> None:
    elsewhere = Elsewhere()
    keep_elsewhere(workspace, elsewhere)
    add("one-slow", "two-slow", credential_ref=SLOW)
    add("env-1", "env-2", credential_ref="env://A_KEY")
    add("keyring", credential_ref="keyring://service/user")
    written: list[int] = []
    quick = asyncio.Event()

    def recorded(rows: Sequence[CheckRow]) -> None:
        written.extend(row.target_number for row in rows)
        if len(written) == 3:
            quick.set()

    stop = asyncio.Event()
    limits = MonitorLimits(per_minute=None, deadline_s=60, lease_s=200, poll_s=0.05)
    monitor = Monitor(workspace, limits, stop=stop, once=True, recorded=recorded)
    running = asyncio.create_task(monitor.run())
    async with asyncio.timeout(60):
        await quick.wait()
    assert elsewhere.begun.is_set()
    assert elsewhere.asked[SLOW] == 1
    assert not running.done()
    elsewhere.go.set()
    counts = await running
    assert counts.healthy == 5


async def test_a_vault_that_never_answers_is_the_state_of_those_who_need_it(
    workspace: Workspace, add: Callable[..., None]
) -> None:
    elsewhere = Elsewhere(deadline_s=0.2)
    keep_elsewhere(workspace, elsewhere)
    add("slow", credential_ref=SLOW)
    add("good", credential_ref="env://A_KEY")
    counts = await run_monitor(workspace, once=True)
    assert (counts.healthy, counts.failing) == (1, 1)
    assert errors(workspace) == {"slow": "credential_unreadable", "good": None}
    elsewhere.go.set()


async def test_the_lease_of_a_check_leaves_time_for_its_secrets() -> None:
    from engine.settings import Settings

    for secret_s in (0.5, 5.0, 60.0):
        for deadline_s in (0.5, 10.0, 120.0):
            limits = MonitorLimits.of(
                Settings(credential_deadline_s=secret_s, deadline_s=deadline_s)
            )
            assert limits.reserve_s("integration") + 5 <= limits.lease_s
            assert limits.reserve_s("integration") >= secret_s + deadline_s
