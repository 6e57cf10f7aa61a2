"""The facades on a shared server: the same answers as on a file, and who comes second is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import EditConflict, LampboardError, NameTaken, WorkspaceError
from engine.settings import Settings
from engine.workspace import Workspace
from tests.servers.schemas import own_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def schema() -> Iterator[str]:
    """The URL of an empty schema of this module's own."""
    with own_schema() as url:
        yield url


@pytest.fixture
async def shared(schema: str) -> AsyncIterator[Workspace]:
    from storage.database import upgrade

    await asyncio.to_thread(upgrade, schema)
    opened = Workspace.open(Settings(database=schema, master_key="ab" * 32, deadline_s=60))
    yield opened
    await opened.aclose()


async def test_a_server_without_a_schema_is_left_alone(schema: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(Settings(database=schema))
    assert "upgrade" in caught.value.hint + caught.value.message


async def test_an_integrations_life(shared: Workspace, provider: Any) -> None:
    facade = shared.integrations
    made = await facade.create_integration(
        "acme", "gpt", "custom", base_url=provider.url, secret="sk-0123456789abcdef"
    )
    assert (await facade.test_credentials("acme", made.id)).health_state == "healthy"
    assert (await facade.enable_integration("acme", made.id)).status == "enabled"
    listed = await facade.list_integrations("acme", query="GP health:healthy", sort="latency")
    assert ([item.name for item in listed.items], listed.total) == (["gpt"], 1)
    story = await shared.health.story("acme", "integration", made.id)
    assert [change.to_state for change in story.transitions] == ["healthy"]
    await facade.update_integration("acme", made.id, name="gpt-2", expected_version=2)
    with pytest.raises(EditConflict):
        await facade.update_integration("acme", made.id, name="gpt-3", expected_version=2)
    assert (await shared.checks.get_health_summary("acme")).overall_health == "healthy"
    assert (await facade.delete_integration("acme", made.id)).deleted
    assert (await shared.tenants.get("acme")).integrations == 0


async def test_of_two_who_take_a_name_at_once_one_is_told(shared: Workspace) -> None:
    racing = [
        shared.integrations.create_integration(
            f"race-{number}", "gpt", "custom", base_url="http://127.0.0.1:9/v1"
        )
        for number in range(4)
        for _ in range(3)
    ]
    results = await asyncio.gather(*racing, return_exceptions=True)
    refused = [result for result in results if isinstance(result, LampboardError)]
    assert len(refused) == 8
    assert {type(error) for error in refused} == {NameTaken}, [e.to_dict() for e in refused]
    assert not any(type(result) is Exception for result in results)
