"""The monitor verifies ledgers: what is new every few minutes, all of it once a day."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.errors import WorkspaceError
from engine.monitor import run_monitor
from engine.monitor.ledgers import verify_ledgers
from engine.prevention import PreventionCandidate
from engine.prevention.due import NEW_EVERY, WHOLE_EVERY

if TYPE_CHECKING:
    from engine.workspace import Workspace

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GOOD = PreventionCandidate("p", "x", "acme", "i", None, 0.9, "active", None, None, False)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


async def spans(workspace: Workspace) -> list[tuple[int, int, bool]]:
    """What verifications there are, oldest first: from where, how many, whether they hold."""
    kept = await workspace.prevention.verifications("acme")
    return [(one.since, one.verified, one.ok) for one in reversed(kept)]


async def test_what_is_due_is_verified_and_nothing_else(
    workspace: Workspace, clock: FixedClock
) -> None:
    async def look(after_s: float = 0) -> list[tuple[int, int, bool]]:
        clock.advance(after_s)
        await verify_ledgers(workspace, once=True)
        return await spans(workspace)

    assert await look() == []
    await workspace.prevention.record_many("acme", [GOOD] * 3)
    assert await look() == [(1, 3, True)]
    await workspace.prevention.record_many("acme", [GOOD] * 2)
    assert len(await look(NEW_EVERY.total_seconds() - 1)) == 1
    assert (await look(1))[1:] == [(4, 5, True)]
    assert len(await look(NEW_EVERY.total_seconds())) == 2  # nothing new
    assert (await look(WHOLE_EVERY.total_seconds()))[2:] == [(1, 5, True)]
    # A clock that was set back must not keep the ledger from being verified.
    assert len(await look(-2 * WHOLE_EVERY.total_seconds())) == 4


async def test_a_broken_ledger_is_told_once_and_looked_at_once_a_day(
    workspace: Workspace, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    await workspace.prevention.record_many("acme", [GOOD] * 3)
    with workspace.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER prevention_records_no_delete")
        connection.exec_driver_sql("DELETE FROM prevention_records WHERE seq = 2")
    with caplog.at_level(logging.INFO, logger="engine.monitor.ledgers"):
        for _ in range(3):
            await verify_ledgers(workspace, once=True)
            clock.advance(NEW_EVERY.total_seconds())
    assert caplog.text.count("The ledger of acme does not hold: Record 2 was removed") == 1
    assert (await workspace.prevention.status("acme")).state == "failing"
    clock.advance(WHOLE_EVERY.total_seconds())
    await verify_ledgers(workspace, once=True)
    assert len(await spans(workspace)) == 2
    actions = (await workspace.activity.page("acme", concept="prevention")).items
    assert [one.action for one in actions] == ["prevention.broken"]


async def test_a_single_run_of_the_monitor_verifies(workspace: Workspace) -> None:
    await workspace.prevention.record_many("acme", [GOOD] * 3)
    await run_monitor(workspace, once=True)
    assert (await workspace.prevention.status("acme")).state == "healthy"


async def test_whatever_goes_wrong_the_next_look_comes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done, errors = asyncio.Event(), [WorkspaceError("locked"), RuntimeError("odd")]

    async def read(_: object) -> list[str]:
        if errors:
            raise errors.pop(0)
        done.set()
        return []

    monkeypatch.setattr(workspace, "read", read)
    task = asyncio.create_task(verify_ledgers(workspace, look_s=0))
    await asyncio.wait_for(done.wait(), 60)
    task.cancel()
    assert "locked" in caplog.text
    assert "Verifying ledgers failed." in caplog.text
