from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from engine.errors import WorkspaceError
from engine.health.recorder import Recorder
from storage.health import CheckRow

if TYPE_CHECKING:
    import pytest

    from engine.workspace import Workspace


async def test_what_comes_during_a_write_goes_together_into_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = 0
    begun, release = asyncio.Event(), asyncio.Event()

    async def held(work: Any, **_: Any) -> None:
        nonlocal writes
        writes += 1
        begun.set()
        await release.wait()

    monkeypatch.setattr(workspace, "write", held)
    recorder = Recorder(workspace, workspace.credentials.core.accesses)
    row = CheckRow(target_number=1, checked_at=workspace.clock.now(), state="healthy")
    waiting = [asyncio.create_task(recorder.record(row)) for _ in range(50)]
    await begun.wait()
    release.set()
    await asyncio.gather(*waiting)
    assert writes <= 2


async def test_what_comes_soon_after_a_write_joins_what_waited_for_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.health.recorder.GATHER_S", 0.2)
    writes = 0
    begun, release = asyncio.Event(), asyncio.Event()

    async def held(work: Any, **_: Any) -> None:
        nonlocal writes
        writes += 1
        begun.set()
        await release.wait()

    monkeypatch.setattr(workspace, "write", held)
    recorder = Recorder(workspace, workspace.credentials.core.accesses)
    row = CheckRow(target_number=1, checked_at=workspace.clock.now(), state="healthy")
    first = asyncio.create_task(recorder.record(row))
    await begun.wait()
    during = asyncio.create_task(recorder.record(row))
    release.set()
    await first
    await asyncio.gather(during, recorder.record(row))
    assert writes == 2


async def test_everybody_in_a_batch_learns_that_it_failed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise WorkspaceError("Away.", temporary=True)

    recorder = Recorder(workspace, workspace.credentials.core.accesses)
    row = CheckRow(target_number=1, checked_at=workspace.clock.now(), state="healthy")
    with monkeypatch.context() as patch:
        patch.setattr(workspace, "write", away)
        results = await asyncio.gather(
            recorder.record(row), recorder.record(row), return_exceptions=True
        )
    assert [type(result) for result in results] == [WorkspaceError, WorkspaceError]
    await recorder.record(row)
