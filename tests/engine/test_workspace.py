from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine import integrations
from engine.errors import EditConflict, LampboardError, NameTaken, ReadOnlyRefused, WorkspaceError
from engine.settings import Settings
from engine.translate import translated
from engine.workspace import Workspace, set_default_workspace
from storage.errors import Conflict, DatabaseLocked, DiskFull, StaleWrite

if TYPE_CHECKING:
    from pathlib import Path


async def test_blocking_work_never_runs_on_the_loop(workspace: Workspace) -> None:
    assert await workspace.run(threading.get_ident) != threading.get_ident()


async def test_a_change_is_seen_by_concept(settings: Settings, workspace: Workspace) -> None:
    watching = Workspace.open(replace(settings, refresh_s=0.05))
    changes = watching.changes()
    seen = asyncio.ensure_future(anext(changes))
    try:
        await asyncio.wait_for(watching.revisions(), 60)
        while not seen.done():
            await workspace.tenants.ensure(f"t{await _tenants(workspace)}")
            await asyncio.wait([seen], timeout=0.1)
        assert "tenants" in seen.result()
        assert "integrations" not in seen.result()
    finally:
        await changes.aclose()  # type: ignore[attr-defined]
        await watching.aclose()


async def _tenants(workspace: Workspace) -> int:
    return len(await workspace.tenants.list_tenants())


async def test_a_failed_change_leaves_nothing_behind(workspace: Workspace) -> None:
    with pytest.raises(LampboardError):
        await workspace.integrations.create_integration("new", "gpt", "custom", "env://X Y")
    assert await workspace.tenants.list_tenants() == ()


async def test_read_only_refuses_before_anything_happens(
    workspace: Workspace, settings: Settings
) -> None:
    made = await workspace.integrations.create_integration(
        "acme", "gpt", "custom", base_url="http://127.0.0.1:9/v1"
    )
    looking = Workspace.open(replace(settings, read_only=True))
    try:
        assert (await looking.integrations.list_integrations("acme")).total == 1
        for change in (
            looking.integrations.delete_integration("acme", made.id),
            looking.integrations.test_credentials("acme", made.id),
            looking.integrations.test_draft("acme", "custom", base_url="http://127.0.0.1:9"),
            looking.tenants.ensure("other"),
            looking.checks.check_all_integrations("acme"),
        ):
            with pytest.raises(ReadOnlyRefused):
                await change
    finally:
        await looking.aclose()


@pytest.mark.parametrize("name", ["text.db", "missing/folder/x.db"])
def test_what_is_no_database_of_ours_is_a_workspace_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.parent.exists():
        path.write_text("just some text, no database at all\n" * 50, encoding="utf-8")
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(Settings(database=f"sqlite:///{path}"))
    assert caught.value.exit_code == 1
    assert not path.exists() or path.read_text(encoding="utf-8").startswith("just some text")


@pytest.mark.parametrize(
    ("error", "kind", "exit_code"),
    [
        (DatabaseLocked("Busy."), WorkspaceError, 3),
        (DiskFull("Full."), WorkspaceError, 3),
        (StaleWrite("Old."), EditConflict, 1),
        (Conflict("Twice.", field="sort_name"), NameTaken, 2),
        (Conflict("Twice.", field="id"), WorkspaceError, 1),
    ],
)
def test_errors_of_the_storage_are_translated_once(
    error: Exception, kind: type[Exception], exit_code: int
) -> None:
    with pytest.raises(kind) as caught, translated():
        raise error
    assert caught.value.exit_code == exit_code  # type: ignore[attr-defined]


async def test_the_default_workspace_serves_the_facade_functions(workspace: Workspace) -> None:
    set_default_workspace(workspace)
    try:
        assert integrations.get_integrations_facade() is workspace.integrations
    finally:
        set_default_workspace(None)


async def test_a_private_database_in_memory_works_alike() -> None:
    opened = Workspace.open(Settings(database="sqlite://"))
    try:
        await opened.tenants.ensure("acme", "Acme Ltd")
        assert (await opened.tenants.get("acme")).name == "Acme Ltd"
    finally:
        await opened.aclose()


async def test_closing_twice_is_fine(settings: Settings) -> None:
    opened = Workspace.open(settings)
    await opened.aclose()
    await opened.aclose()
