"""Checks on demand of things of any kind, proved with sources that are folders."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import CredentialUnreadable, InvalidInput, NotFound
from engine.health.kinds import KINDS
from engine.probes.result import ProbeResult
from engine.probes.states import CusHealthState
from engine.workspace import Workspace
from storage.sources import SourcesDriver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.clock import FixedClock
    from engine.health.checker import CheckedThing
    from engine.settings import Settings
    from storage.sources import SourceListRow

FINE = ProbeResult(state=CusHealthState.HEALTHY, message="Healthy.")


def source(workspace: Workspace, name: str) -> SourceListRow:
    with workspace.database.read() as connection:
        row = SourcesDriver(connection).get("acme", f"id-{name}")
        assert row is not None
        return row


async def test_a_check_is_real_recorded_and_changes_the_status(
    workspace: Workspace, clock: FixedClock, add_source: Callable[..., Path]
) -> None:
    folder = add_source("files")
    first = await workspace.checks.check("source", "acme", "id-files")
    assert (first.result.state, first.cached, first.previous_state) == ("healthy", False, "unknown")
    assert (first.checked_at, first.result.stage) == (clock.now(), "list")
    clock.advance(1)
    folder.rmdir()
    again = await workspace.checks.check("source", "acme", "id-files")
    assert (again.cached, again.result.state, again.checked_at) == (
        True,
        "healthy",
        first.checked_at,
    )
    failed = await workspace.checks.check("source", "acme", "id-files", force=True)
    assert (failed.result.state, failed.previous_state) == ("failing", "healthy")
    row = source(workspace, "files")
    assert (row.status, row.passes, row.failures) == ("error", 1, 1)
    assert (row.last_error, row.passed_at) == (failed.result.message, first.checked_at)
    folder.mkdir()
    clock.advance(1)
    await workspace.checks.check("source", "acme", "id-files", force=True)
    assert source(workspace, "files").status == "active"
    story = await workspace.health.story("acme", "source", "id-files")
    assert [check.state for check in story.checks] == ["healthy", "failing", "healthy"]
    assert [stage["name"] for stage in story.checks[0].stages] == ["open", "list"]


@pytest.mark.parametrize("roles", [(), ("db",)])
async def test_what_an_operators_roles_do_not_show_is_not_there(
    workspace: Workspace,
    settings: Settings,
    add_source: Callable[..., Path],
    roles: tuple[str, ...],
) -> None:
    add_source("open")
    add_source("closed", access_roles=("dba",))
    assert len(await workspace.checks.check_all("source", "acme")) == 2
    opened = Workspace.open(replace(settings, roles=roles))
    try:
        facade = opened.health
        assert sum((await facade.counts("acme")).values()) == 1
        assert [lamp.name for lamp in await facade.lamps("acme", kind="source")] == ["open"]
        assert (await facade.overview("acme")).total == 1
        assert (await opened.checks.get_health_summary("acme")).total == 1
        assert [change.name for change in await facade.transitions("acme")] == ["open"]
        done = await opened.checks.check_all("source", "acme", roles=roles, force=True)
        assert [thing.name for thing in done] == ["open"]
        for asked in (
            facade.story("acme", "source", "id-closed"),
            facade.history("acme", "source", "id-closed"),
            opened.checks.check("source", "acme", "id-closed", roles=roles),
        ):
            with pytest.raises(NotFound, match="no such source"):
                await asked
    finally:
        await opened.aclose()


async def test_one_of_its_roles_shows_a_thing(
    settings: Settings, add_source: Callable[..., Path]
) -> None:
    add_source("closed", access_roles=("dba", "ops"))
    opened = Workspace.open(replace(settings, roles=("dev", "ops")))
    try:
        assert (await opened.checks.check("source", "acme", "id-closed", roles=("ops",))).result.ok
        assert (await opened.health.story("acme", "source", "id-closed")).lamp.name == "closed"
        assert (await opened.checks.get_health_summary("acme")).total == 1
    finally:
        await opened.aclose()


async def test_a_kind_narrows_what_is_shown(
    workspace: Workspace, provider: Any, clock: FixedClock, add_source: Callable[..., Path]
) -> None:
    made = await workspace.integrations.create_integration(
        "acme", "gpt", "custom", base_url=provider.url
    )
    add_source("files")
    await workspace.checks.check("source", "acme", "id-files")
    clock.advance(9)
    await workspace.checks.check("integration", "acme", made.id)
    facade = workspace.health
    assert {lamp.kind for lamp in await facade.lamps("acme")} == {"integration", "source"}
    assert [lamp.name for lamp in await facade.lamps("acme", kind="source")] == ["files"]
    assert [lamp.name for lamp in (await facade.overview("acme", kind="integration")).lamps] == [
        "gpt"
    ]
    assert (await facade.counts("acme", kind="connector"))["healthy"] == 0
    assert [change.name for change in await facade.transitions("acme", kind="source")] == ["files"]
    assert sum(group.total for group in (await facade.board("acme", kind="source")).groups) == 1
    summary = await workspace.checks.get_health_summary("acme")
    assert (summary.total, summary.checked_at) == (2, clock.now())
    only = await workspace.checks.get_health_summary("acme", kind="source")
    assert only.checked_at is not None
    assert (clock.now() - only.checked_at).total_seconds() == 9


async def test_all_that_is_in_use_is_checked_and_told_as_it_comes(
    workspace: Workspace, add_source: Callable[..., Path]
) -> None:
    for name in ("b", "A", "c"):
        add_source(name)
    add_source("off", status="inactive")
    add_source("old", status="deprecated")
    told: list[CheckedThing] = []
    done = await workspace.checks.check_all("source", "acme", told=told.append)
    assert [thing.name for thing in done] == ["A", "b", "c"]
    assert sorted(told, key=lambda thing: thing.name.casefold()) == done
    assert {thing.technology for thing in done} == {"local"}
    assert all(thing.checked.result.ok for thing in done)


async def test_many_are_checked_at_once_but_no_more_than_told(
    workspace: Workspace, add_source: Callable[..., Path], acting: Callable[..., None]
) -> None:
    under_way, most, enough = 0, 0, asyncio.Event()

    async def count() -> ProbeResult:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            enough.set()
        await enough.wait()
        under_way -= 1
        return FINE

    for number in range(7):
        add_source(f"s{number}")
    acting(count)
    done = await workspace.checks.check_all("source", "acme", at_once=3)
    assert (len(done), most) == (7, 3)


async def test_the_next_check_does_not_wait_for_the_database(
    workspace: Workspace,
    add_source: Callable[..., Path],
    acting: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_source("a")
    add_source("b")
    second = asyncio.Event()
    began = 0

    async def noted() -> ProbeResult:
        nonlocal began
        began += 1
        if began == 2:
            second.set()
        return FINE

    record = workspace.checks._recorder.record

    async def only_then(row: Any) -> None:
        await second.wait()
        await record(row)

    acting(noted)
    monkeypatch.setattr(workspace.checks._recorder, "record", only_then)
    async with asyncio.timeout(60):
        await workspace.checks.check_all("source", "acme", at_once=1)


async def test_a_form_is_checked_and_nothing_is_recorded(
    workspace: Workspace, add_source: Callable[..., Path], acting: Callable[..., None]
) -> None:
    add_source("files")

    async def fine() -> ProbeResult:
        return FINE

    acting(fine)
    ready = KINDS["source"].prepare(None, lambda _: pytest.fail("no secret"))
    checked = await workspace.checks.check_ready(ready)
    assert (checked.result, checked.cached, checked.previous_state) == (FINE, False, None)
    assert source(workspace, "files").checked_at is None


async def test_what_was_changed_meanwhile_is_checked_as_it_is_now(
    workspace: Workspace,
    add_source: Callable[..., Path],
    acting: Callable[..., None],
    boarding: asyncio.Queue[str],
) -> None:
    asked, go = [asyncio.Event(), asyncio.Event()], asyncio.Event()

    async def held() -> ProbeResult:
        next(event for event in asked if not event.is_set()).set()
        await go.wait()
        return FINE

    add_source("files")
    acting(held)

    def check() -> asyncio.Task[Any]:
        return asyncio.create_task(workspace.checks.check("source", "acme", "id-files", force=True))

    first, same = check(), check()
    await asyncio.wait_for(asked[0].wait(), 60)
    for _ in (first, same):
        await asyncio.wait_for(boarding.get(), 60)
    with workspace.database.write() as connection:
        SourcesDriver(connection).update("acme", "id-files", {"name": "renamed"})
    changed = check()
    await asyncio.wait_for(asked[1].wait(), 60)
    go.set()
    assert (await first) is (await same)
    assert (await changed) is not (await first)


async def raising(error: BaseException) -> ProbeResult:
    raise error


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (RuntimeError("s3cret in an error"), ("unknown", "check_broken")),
        (SystemExit("s3cret"), ("unknown", "check_broken")),
        (asyncio.CancelledError("s3cret"), ("unknown", "check_broken")),
        (TimeoutError("s3cret"), ("unknown", "check_broken")),
        (InvalidInput("The port is missing."), ("unknown", "misconfigured")),
        (CredentialUnreadable("It is gone."), ("failing", "credential_unreadable")),
    ],
)
async def test_whatever_a_check_raises_is_the_state_of_that_one_thing(
    workspace: Workspace,
    add_source: Callable[..., Path],
    acting: Callable[..., None],
    error: BaseException,
    found: tuple[str, str],
) -> None:
    add_source("files")
    acting(lambda: raising(error))
    checked = await workspace.checks.check("source", "acme", "id-files")
    assert (checked.result.state, checked.result.error) == found
    assert "s3cret" not in repr(checked)
    assert source(workspace, "files").state == found[0]


async def test_a_check_that_keeps_no_deadline_is_ended(
    settings: Settings, add_source: Callable[..., Path], acting: Callable[..., None]
) -> None:
    add_source("files")

    async def forever() -> ProbeResult:
        await asyncio.Event().wait()
        return FINE

    acting(forever)
    opened = Workspace.open(replace(settings, test_deadline_s=0.05))
    try:
        async with asyncio.timeout(20):
            checked = await opened.checks.check("source", "acme", "id-files")
        assert (checked.result.state, checked.result.error) == ("failing", "timeout")
    finally:
        await opened.aclose()


async def test_a_check_that_is_stopped_at_the_end_says_nothing(
    workspace: Workspace,
    settings: Settings,
    add_source: Callable[..., Path],
    acting: Callable[..., None],
) -> None:
    add_source("files")
    asked = asyncio.Event()

    async def forever() -> ProbeResult:
        asked.set()
        await asyncio.Event().wait()
        return FINE

    acting(forever)
    opened = Workspace.open(settings)
    asking = asyncio.create_task(opened.checks.check("source", "acme", "id-files"))
    await asyncio.wait_for(asked.wait(), 60)
    async with asyncio.timeout(20):
        await opened.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert source(workspace, "files").checked_at is None
