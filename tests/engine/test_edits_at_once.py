"""Two people save the same form at once: one is told, and nothing of the other's is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import EditConflict
from engine.settings import Settings
from engine.silences.model import SilenceDraft
from engine.workspace import Workspace
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from pathlib import Path

    # Saves with what was read, by whom, and what distinguishes what the two want.
    Save = Callable[[Workspace, int], Awaitable[object]]

TENANT = "acme"
URL = "http://127.0.0.1:9/v1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with migrated_schema() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def pair(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Workspace, Workspace]]:
    """The boards of two people on one database of either kind."""
    given = f"sqlite:///{tmp_path / 'board.db'}"
    url = given if request.param == "sqlite" else request.getfixturevalue("server")
    settings = Settings(database=url, operator="dana", master_key="ab" * 32, deadline_s=60)
    one, other = Workspace.open(settings), Workspace.open(replace(settings, operator="eve"))
    yield one, other
    await one.aclose()
    await other.aclose()


async def integration(board: Workspace, name: str) -> Save:
    made = await board.integrations.create_integration(TENANT, name, "custom", base_url=URL)
    return lambda by, n: by.integrations.update_integration(
        TENANT, made.id, default_model=f"m-{n}", expected_version=1
    )


async def source(board: Workspace, name: str) -> Save:
    made = await board.sources.register_source(TENANT, name, "api", {"host": "127.0.0.1"})
    return lambda by, n: by.sources.update_source(
        TENANT, made.source_id, description=f"By {n}", expected_version=1
    )


async def connector(board: Workspace, name: str) -> Save:
    made = await board.connectors.register_connector(TENANT, name, "http", URL)
    return lambda by, n: by.connectors.update_connector(
        TENANT, made.id, description=f"By {n}", expected_version=1
    )


async def database(board: Workspace, name: str) -> tuple[str, int]:
    """A source that templates can run on, with the version of its gateway."""
    made = await board.sources.register_source(
        TENANT, name, "database", {"host": "127.0.0.1", "database": "x"}, technology="postgresql"
    )
    gate = await board.gateway.set_gateway(TENANT, "source", made.source_id, max_rows=10)
    return made.source_id, gate.version


async def gateway(board: Workspace, name: str) -> Save:
    thing, version = await database(board, name)
    return lambda by, n: by.gateway.set_gateway(
        TENANT, "source", thing, max_rows=20 + n, expected_version=version
    )


async def template(board: Workspace, name: str) -> Save:
    thing, _ = await database(board, name)
    made = await board.gateway.register_template(
        TENANT, kind="source", thing_id=thing, name=name, sql="SELECT a FROM b"
    )
    return lambda by, n: by.gateway.edit_template(
        TENANT, made.template.id, max_rows=1 + n, expected_version=1
    )


async def limits(board: Workspace, name: str) -> Save:
    await board.tenants.ensure(TENANT)
    made = await board.limits.set_limits(TENANT, "agent", name, token_limit_month=10)
    return lambda by, n: by.limits.set_limits(
        TENANT, "agent", name, token_limit_month=20 + n, expected_version=made.version
    )


async def silence(board: Workspace, name: str) -> Save:
    await board.tenants.ensure(TENANT)
    until = board.clock.now() + timedelta(hours=1)
    draft = SilenceDraft(tenant_id=TENANT, ends_at=until, reason=name)
    made = await board.silences.add(TENANT, draft)
    return lambda by, n: by.silences.edit(
        TENANT, made.id, replace(draft, reason=f"By {n}"), expected_version=made.version
    )


async def channel(board: Workspace, name: str) -> Save:
    await board.tenants.ensure(TENANT)
    made = await board.alerts.add_channel(TENANT, name, "bell")
    return lambda by, n: by.alerts.edit_channel(
        TENANT, made.id, per_hour=20 + n, expected_version=made.version
    )


async def route(board: Workspace, name: str) -> Save:
    await board.tenants.ensure(TENANT)
    there = await board.alerts.add_channel(TENANT, name, "bell")
    made = await board.alerts.add_route(TENANT, there.id)
    return lambda by, n: by.alerts.edit_route(
        TENANT, made.id, wait_s=20 + n, expected_version=made.version
    )


KINDS: tuple[Callable[[Workspace, str], Awaitable[Any]], ...] = (
    *(integration, source, connector, gateway, template, limits, silence, channel, route),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_the_second_is_told(
    pair: tuple[Workspace, Workspace], kind: Callable[[Workspace, str], Awaitable[Save]]
) -> None:
    save = await kind(pair[0], kind.__name__)
    saving = [save(by, number) for number, by in enumerate(pair)]
    done = await asyncio.gather(*saving, return_exceptions=True)
    refused = [found for found in done if isinstance(found, BaseException)]
    assert [type(error) for error in refused] == [EditConflict], refused


async def test_what_two_say_of_a_policy_is_both_kept(pair: tuple[Workspace, Workspace]) -> None:
    one, other = pair
    for turn in range(5):
        await one.prevention.set_policy(TENANT, "p", mode="shadow", name="P", needed=3)
        name, needed = f"Name {turn}", 10 + turn
        await asyncio.gather(
            one.prevention.set_policy(TENANT, "p", name=name),
            other.prevention.set_policy(TENANT, "p", needed=needed),
        )
        (found,) = await one.prevention.list_policies(TENANT)
        assert (found.name, found.needed) == (name, needed)
