from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.credentials import CredentialService
from engine.errors import CredentialReferenceInvalid, CredentialUnreadable
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SECRET = "sk-planted-0123456789-abcdef"


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    opened = Workspace.open(Settings(database=f"sqlite:///{tmp_path / 'board.db'}"))
    await opened.tenants.ensure("acme")
    await opened.tenants.ensure("globex")
    yield opened
    await opened.aclose()


async def test_a_tenants_service_fulfils_the_protocol(workspace: Workspace) -> None:
    reference = await workspace.credentials.store("acme", SECRET, "gpt")
    service = workspace.credentials.of_tenant("acme")
    assert isinstance(service, CredentialService)
    assert (await service.get(reference)).value == SECRET
    with pytest.raises(CredentialUnreadable):
        await workspace.credentials.of_tenant("globex").get(reference)
    with pytest.raises(CredentialReferenceInvalid):
        await service.get(SECRET)


async def test_it_is_replaced_described_and_deleted(workspace: Workspace) -> None:
    facade = workspace.credentials
    reference = await facade.store("acme", SECRET, "gpt")
    await facade.replace("acme", reference, "sk-other-0123456789")
    service = facade.of_tenant("acme")
    assert (await service.get(reference)).value == "sk-other-0123456789"
    told = await facade.test("acme", reference)
    assert told.ok
    described = await facade.get("acme", reference)
    assert described.credential.state == "ok"
    assert "sk-other" not in repr(described) + repr(told)
    await facade.delete("acme", reference)
    with pytest.raises(CredentialUnreadable):
        await service.get(reference)
