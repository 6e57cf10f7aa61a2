"""A change on one workspace is seen by another as soon as a server tells of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.settings import Settings
from engine.workspace import Workspace
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from engine.following import Look

LIMIT_S = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Settings]:
    """The settings of a dashboard that would look once an hour."""
    with migrated_schema() as url:
        yield Settings(database=url, operator="dana", refresh_s=3600.0)


@pytest.fixture
async def pair(server: Settings) -> AsyncIterator[tuple[Workspace, Workspace]]:
    one, other = Workspace.open(server), Workspace.open(replace(server, operator="eve"))
    yield one, other
    await one.aclose()
    await other.aclose()


async def hearing(workspace: Workspace) -> Look:
    """Wait until the server tells of changes."""
    async with asyncio.timeout(LIMIT_S):
        while (heard := workspace.following.heard()) is None:
            await workspace.following.wait({}, LIMIT_S)
    return heard


@pytest.mark.postgres
async def test_a_change_elsewhere_is_told_without_a_look(
    pair: tuple[Workspace, Workspace],
) -> None:
    one, other = pair
    await hearing(one)
    changes = one.changes(await one.revisions())
    seen = asyncio.ensure_future(anext(changes))
    await other.tenants.ensure("acme", "Acme Ltd")
    async with asyncio.timeout(LIMIT_S):
        assert "tenants" in await seen
    await changes.aclose()  # type: ignore[attr-defined]


@pytest.mark.postgres
async def test_what_changed_before_the_wait_is_not_waited_for(
    pair: tuple[Workspace, Workspace],
) -> None:
    one, other = pair
    before = (await hearing(one)).revisions
    await other.tenants.ensure("beta", "Beta Ltd")
    async with asyncio.timeout(LIMIT_S):
        while (await one.following.look()).revisions == before:
            await one.following.wait(before, 3600.0)
        # Again, with what is old by now.
        await one.following.wait(before, 3600.0)


@pytest.mark.postgres
async def test_a_look_at_what_was_told_asks_nothing(
    pair: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = pair
    heard = await hearing(one)
    monkeypatch.setattr(one.database, "read", None)
    assert (await one.following.look()).revisions == heard.revisions


async def test_a_file_is_looked_at(workspace: Workspace) -> None:
    assert workspace.following.heard() is None
    before = await workspace.following.look()
    await workspace.tenants.ensure("acme", "Acme Ltd")
    await workspace.following.wait(before.revisions, 0.0)
    after = await workspace.following.look()
    assert after.revisions["tenants"] > before.revisions["tenants"]
