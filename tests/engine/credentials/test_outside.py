"""Who keeps secrets elsewhere is asked with no transaction open, and not by the loop's thread."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.drafts import ConnectorDraft
from engine.integrations.drafts import Draft
from engine.settings import Settings
from engine.sources.drafts import SourceDraft
from engine.usage.sync.settings import FeedSettings
from engine.workspace import Workspace

from .elsewhere import SECRET, Elsewhere, keep_elsewhere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

REF = "vault://secret/app#key"


class Watch:
    """Counts the units of work that are open in a workspace's database."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self._lock, self._open = threading.Lock(), 0
        self.most, self.threads = 0, set[str]()
        for name in ("_read", "_write"):
            monkeypatch.setattr(workspace, name, self._counted(getattr(workspace, name)))

    def _counted(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            with self._lock:
                self._open += 1
            try:
                return run(*args)
            finally:
                with self._lock:
                    self._open -= 1

        return counted

    def look(self) -> None:
        with self._lock:
            self.most = max(self.most, self._open)
        self.threads.add(threading.current_thread().name)


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    settings = Settings(database=f"sqlite:///{tmp_path / 'board.db'}", test_deadline_s=30)
    opened = Workspace.open(settings)
    await opened.tenants.ensure("acme")
    yield opened
    await opened.aclose()


async def _integration(workspace: Workspace) -> str:
    made = await workspace.integrations.create_integration(
        "acme", "gpt", "custom", REF, base_url="http://127.0.0.1:9"
    )
    return made.id


PLACE = {"host": "127.0.0.1", "port": 9, "database": "x", "username": "u", "password": REF}


async def by_service(workspace: Workspace) -> None:
    assert (await workspace.credentials.of_tenant("acme").get(REF)).value == SECRET


async def by_test(workspace: Workspace) -> None:
    await workspace.credentials.register("acme", REF)
    assert (await workspace.credentials.test("acme", REF)).ok


async def by_check(workspace: Workspace) -> None:
    checked = await workspace.checks.check_health("acme", await _integration(workspace))
    assert checked.error == "refused"


async def by_sweep(workspace: Workspace) -> None:
    await _integration(workspace)
    (done,) = await workspace.checks.check_all_integrations("acme")
    assert done.error == "refused"


async def by_draft(workspace: Workspace) -> None:
    draft = Draft(
        tenant_id="acme", provider_type="custom", base_url="http://127.0.0.1:9", credential_ref=REF
    )
    assert (await workspace.checks.check_draft(draft)).error == "refused"


async def by_source_draft(workspace: Workspace) -> None:
    draft = SourceDraft(
        tenant_id="acme", source_type="database", technology="postgresql", config=PLACE
    )
    assert (await workspace.sources.test_draft(draft)).error == "refused"


async def by_connector_draft(workspace: Workspace) -> None:
    draft = ConnectorDraft(
        tenant_id="acme", connector_type="sql", technology="postgresql", config=PLACE
    )
    assert (await workspace.connectors.test_draft(draft)).error == "refused"


async def by_connector_in_use(workspace: Workspace) -> None:
    made = await workspace.connectors.register_connector(
        "acme", "reports", "sql", config=PLACE, technology="postgresql"
    )
    await workspace.connectors.connect_connector("acme", made.id)
    async with workspace.connectors.open("acme", made.id):
        pass


async def by_feed(workspace: Workspace) -> None:
    await workspace.integrations.create_integration("acme", "gpt", "openai", "env://A_KEY")
    settings = FeedSettings(base_url="http://127.0.0.1:9", every_s=0)
    await workspace.feeds.set_up("acme", "gpt", settings, credential_ref=REF)
    assert (await workspace.feeds.sync("acme", "gpt")).error


WAYS: list[Callable[[Workspace], Awaitable[None]]] = [
    *(by_service, by_test, by_check, by_sweep, by_draft, by_source_draft, by_connector_draft),
    *(by_connector_in_use, by_feed),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_nothing_is_open_meanwhile(
    way: Callable[[Workspace], Awaitable[None]],
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch(workspace, monkeypatch)
    elsewhere = Elsewhere(look=watch.look)
    keep_elsewhere(workspace, elsewhere)
    await way(workspace)
    assert elsewhere.asked[REF] >= 1
    assert watch.most == 0
    assert watch.threads == {"lampboard-vault"}


async def test_others_write_while_a_vault_is_slow(workspace: Workspace) -> None:
    elsewhere = Elsewhere()
    keep_elsewhere(workspace, elsewhere)
    slow = asyncio.create_task(
        workspace.credentials.of_tenant("acme").get("vault://secret/slow#key")
    )
    await asyncio.to_thread(elsewhere.begun.wait, 30)
    for place in range(5):  # more than the workspace has threads for its database
        await workspace.tenants.ensure(f"tenant-{place}")
    assert not slow.done()
    elsewhere.go.set()
    assert (await slow).value == SECRET
