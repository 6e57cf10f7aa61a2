"""A board on a role that is kept to its tenant: everything works there, nothing else exists."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from engine.errors import InvalidInput, NotFound, WorkspaceError
from engine.settings import Settings
from engine.workspace import Workspace
from tests.servers.schemas import as_role, migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with migrated_schema() as found:
        yield found


@pytest.fixture(scope="module")
def role(url: str) -> Iterator[str]:
    """A role that the server has and nobody has granted anything."""
    name = f"lampboard_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN")
        yield name
        owner.execute(f"DROP OWNED BY {name}")
        owner.execute(f"DROP ROLE {name}")


def opened(url: str) -> Workspace:
    return Workspace.open(Settings(database=url, operator="dana", master_key="ab" * 32))


@pytest.fixture
async def owner(url: str) -> AsyncIterator[Workspace]:
    """The board of whoever keeps the server, with an integration in each of two tenants."""
    workspace = opened(url)
    for tenant in ("acme", "beta"):
        names = {item.name for item in (await _listed(workspace, tenant))}
        if not names:
            await workspace.integrations.create_integration(
                tenant, "gpt", "custom", base_url="http://127.0.0.1:9/v1"
            )
    yield workspace
    await workspace.aclose()


async def _listed(workspace: Workspace, tenant: str) -> Any:
    try:
        return (await workspace.integrations.list_integrations(tenant)).items
    except NotFound:
        return ()


@pytest.fixture
async def board(owner: Workspace, url: str, role: str) -> AsyncIterator[Workspace]:
    """The board of acme's own people."""
    await owner.tenants.isolate(role, ["acme"])
    workspace = opened(as_role(url, role))
    yield workspace
    await workspace.aclose()


async def test_it_shows_its_tenant_alone(owner: Workspace, board: Workspace) -> None:
    assert [tenant.id for tenant in await board.tenants.list_tenants()] == ["acme"]
    (theirs,) = await _listed(owner, "beta")
    assert not await _listed(board, "beta")
    for tenant in ("acme", "beta"):
        with pytest.raises(NotFound):
            await board.integrations.get_integration(tenant, theirs.id)
    assert sum((await board.health.counts(None)).values()) == 1
    assert sum((await owner.health.counts(None)).values()) == 2
    assert {entry.tenant_id for entry in (await board.activity.page("acme")).items} == {"acme"}


async def test_it_reads_what_every_place_shows(board: Workspace) -> None:
    assert (await board.health.overview("acme")).total == 1
    assert (await board.limits.headline("acme")).states is not None
    assert (await board.incidents.headline("acme")).open == 0
    assert (await board.credentials.headline("acme")) is not None
    assert (await board.prevention.status("acme")) is not None
    assert (await board.health.monitor_status()).alive is False


async def test_it_tests_and_changes_its_own(
    board: Workspace, owner: Workspace, provider: Any
) -> None:
    made = await board.integrations.create_integration(
        "acme", "new", "custom", base_url=provider.url, secret="sk-0123456789abcdef"
    )
    tested = await board.integrations.test_credentials("acme", made.id)
    assert tested.health_state == "healthy"
    await board.integrations.update_integration(
        "acme", made.id, name="more", token_limit_month=1_000
    )
    assert (await board.limits.check("acme", made.id, tokens=1)).reservation_id
    assert (await owner.integrations.get_integration("acme", made.id)).name == "more"
    assert (await board.integrations.delete_integration("acme", made.id)).deleted


async def test_another_tenant_is_none_of_its_to_make(board: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="does not let this role") as caught:
        await board.integrations.create_integration(
            "gamma", "gpt", "custom", base_url="http://127.0.0.1:9/v1"
        )
    assert not caught.value.temporary
    with pytest.raises(WorkspaceError, match="does not let this role"):
        await board.tenants.ensure("beta")
    with pytest.raises(WorkspaceError):
        await board.tenants.isolate("anybody", ["acme"])


async def test_who_was_granted_what_is_told_and_noted(owner: Workspace, role: str) -> None:
    made = await owner.tenants.isolate(role, ["beta", "acme"], read_only=True)
    assert made in await owner.tenants.isolated()
    assert (made.tenants, made.read_only) == (("acme", "beta"), True)
    await owner.tenants.release(role)
    assert await owner.tenants.isolated() == ()
    (last, before, *_) = (await owner.activity.page("beta")).items
    assert [last.action, before.action] == ["role.released", "role.isolated_to_look"]
    with pytest.raises(NotFound):
        await owner.tenants.release(role)
    with pytest.raises(NotFound):
        await owner.tenants.isolate(role, ["nobody"])
    with pytest.raises(InvalidInput):
        await owner.tenants.isolate(role, [])
