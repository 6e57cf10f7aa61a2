"""The only way in to connectors, for screens, the command line and callers in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.connectors.drafts import NewConnector
from engine.connectors.listing import ConnectorLists
from engine.connectors.model import ConnectorStatus
from engine.connectors.results import (
    ConnectorDeleteResult,
    ConnectorLifecycleResult,
    DiscoveryResult,
)
from engine.connectors.selection import select
from engine.connectors.testing import NEEDED, ConnectorTests
from engine.connectors.working import ConnectorWork
from engine.hop import default_facade
from engine.readiness import ready
from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Connection

    from engine.connectors.base import Connector
    from engine.connectors.drafts import ConnectorDraft
    from engine.connectors.engine import ConnectorEngine
    from engine.connectors.registry import ConnectorRegistry
    from engine.connectors.results import ConnectorInfo, TestResult
    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.probes.place import Tools
    from engine.sources.drafts import Checker
    from storage.connectors import ConnectorListRow
    from storage.filters import Term


class ConnectorsFacade(ConnectorLists):
    """Facade for connector operations.

    Every method takes the tenant's id and answers for another tenant's id as for a missing one.
    What it returns has `***` in place of secrets. Changes write their activity in the same
    transaction. Any method may raise WorkspaceError.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
        checker: What checks for real.
        tools: Gives what connectors use to reach out, in the running loop.
        registry: Makes the synchronous registry on the same database.
    """

    def __init__(
        self,
        hop: Hop,
        *,
        credentials: CredentialStore,
        checker: Checker,
        tools: Callable[[], Tools],
        registry: Callable[[], ConnectorRegistry],
    ) -> None:
        super().__init__(hop)
        self._credentials = credentials
        self._make_registry = registry
        self._registry: ConnectorRegistry | None = None
        self._tests = ConnectorTests(hop, self._engine, credentials, checker)
        self._work = ConnectorWork(hop, self._engine, credentials, tools)

    @property
    def registry(self) -> ConnectorRegistry:
        """The synchronous registry on the same database, which blocks."""
        if self._registry is None:
            self._registry = self._make_registry()
        return self._registry

    async def register_connector(  # noqa: PLR0913 - a connector's own fields
        self,
        tenant_id: str,
        name: str,
        connector_type: str,
        endpoint: str | None = None,
        config: object = None,
        *,
        technology: str | None = None,
        description: str | None = None,
        tags: Iterable[str] = (),
        metadata: Mapping[str, object] | None = None,
        owner_id: str | None = None,
        interval_s: int | None = None,
    ) -> ConnectorInfo:
        """Register a connector; a tenant that is new is made.

        `name` is unique among the tenant's connectors, whatever its case. `endpoint` is a base
        URL or a connection string; `config` a ConnectorConfig, or fields of it and of how
        sources are reached (host, port, password …) by name. Without `technology`, type, endpoint
        and port tell it. Secrets are encrypted at once; `encrypted://…` and `env://…` are kept as
        references. `interval_s` are seconds between checks, the board's own unless told.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used; `field`
                names it, and nothing repeats what may be a secret.
        """
        said: dict[str, object] = {"name": name, "description": description, "tags": tags}
        said |= {"owner_id": owner_id, "interval_s": interval_s, "metadata": metadata}
        new = NewConnector(
            tenant_id=require_slug(tenant_id),
            connector_type=connector_type,
            values=said,
            endpoint=endpoint,
            config=config,
            technology=technology,
        )
        secrets = config is not None or endpoint is not None
        return await self._change(lambda engine: engine.create(new), secrets=secrets)

    async def get_connector(self, tenant_id: str, connector_id: str) -> ConnectorInfo:
        """Return one connector, its secrets masked; raises NotFound."""

        def work(connection: Connection) -> ConnectorInfo:
            from engine.connectors import rows

            return rows.info(self._engine(connection).get(tenant_id, connector_id))

        return await self._hop.read(work)

    async def update_connector(
        self,
        tenant_id: str,
        connector_id: str,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> ConnectorInfo:
        """Change fields of `register_connector` by name; what is not named stays.

        In a `config` of some fields by name, the others stay as well; `***` keeps a secret, None
        takes a field away. What is reached differently is in the making, and checked at once.
        With `expected_version`, a change that somebody else made meanwhile is not overwritten.

        Raises:
            NotFound: This tenant has none of that id.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            EditConflict: It has another version than expected.
        """
        return await self._change(
            lambda engine: engine.update(
                tenant_id, connector_id, changes, expected_version=expected_version
            ),
            secrets=bool(changes.keys() & {"config", "endpoint"}),
        )

    async def delete_connector(self, tenant_id: str, connector_id: str) -> ConnectorDeleteResult:
        """Delete softly: history stays, the name is free again, stored secrets are removed.

        Raises:
            NotFound: This tenant has none of that id.
        """

        def work(connection: Connection) -> ConnectorDeleteResult:
            deleted = self._engine(connection).delete(tenant_id, connector_id)
            return ConnectorDeleteResult(deleted=True, connector_id=deleted)

        return await self._hop.write(work)

    async def connect_connector(
        self, tenant_id: str, connector_id: str
    ) -> ConnectorLifecycleResult:
        """Take it into use: ready, checked at once; clears the last error. Raises NotFound."""
        return await self._set_status(tenant_id, connector_id, ConnectorStatus.READY)

    async def disconnect_connector(
        self, tenant_id: str, connector_id: str
    ) -> ConnectorLifecycleResult:
        """Take it out of use: nobody opens it, and the monitor leaves it alone.

        Raises:
            NotFound: This tenant has none of that id.
            LifecycleRefused: It is deprecated.
        """
        return await self._set_status(tenant_id, connector_id, ConnectorStatus.DISCONNECTED)

    async def deprecate_connector(
        self, tenant_id: str, connector_id: str
    ) -> ConnectorLifecycleResult:
        """Say that it is not to be used any more. Raises NotFound."""
        return await self._set_status(tenant_id, connector_id, ConnectorStatus.DEPRECATED)

    async def test_connector(
        self, tenant_id: str, connector_id: str, *, force: bool = True
    ) -> TestResult:
        """Test it now, for real; the result is recorded.

        Args:
            tenant_id: Whose it is.
            connector_id: Which one.
            force: Test even if the last check is less than a minute old.

        Raises:
            NotFound: This tenant has none of that id.
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        return await self._tests.one(tenant_id, connector_id, force=force)

    async def test_draft(self, draft: ConnectorDraft) -> TestResult:
        """Test values of a form before they are saved; nothing is stored or recorded.

        Raises:
            InvalidInput, CredentialReferenceInvalid, CredentialUnreadable: A value cannot be used.
            NotFound: This tenant has no such connector.
        """
        return await self._tests.draft(draft)

    async def test_all(  # noqa: PLR0913 - which ones, and how, by name
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        at_once: int | None = None,
        force: bool = True,
        tested: Callable[[str, TestResult], None] | None = None,
    ) -> list[tuple[ConnectorInfo, TestResult]]:
        """Test all that match and are in use, many at once; the results are recorded.

        `at_once` tests run at the same time, by default what suits them; without `force`, what
        was checked less than a minute ago is not tested again; `tested` is told of each
        connector's id and result as soon as it is recorded. Returns each connector as it is
        afterwards, with its result, sorted by name.

        Raises:
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        chosen = select(tenant_id, terms=terms, query=query)
        return await self._tests.all(chosen, at_once=at_once, force=force, tested=tested)

    async def discover(self, tenant_id: str, connector_id: str) -> DiscoveryResult:
        """Ask the other side what it can do, and store what it says.

        Raises:
            NotFound: This tenant has none of that id.
            ConnectorError: The other side did not answer, or refused.
            ReadOnlyRefused: The run is read-only.
        """
        self._hop.require_writable()
        discovery = await self._work.discovery(tenant_id, connector_id)
        row = await self._change(
            lambda engine: engine.keep_discovery(tenant_id, connector_id, discovery)
        )
        return DiscoveryResult(
            connector_id=row.id, capabilities=row.capabilities, discovered=row.discovered
        )

    def open(self, tenant_id: str, connector_id: str) -> AbstractAsyncContextManager[Connector]:
        """Open a connector for work: its class has the operations; it is closed in the end.

        Raises:
            NotFound: This tenant has none of that id.
            InvalidInput: It is not said whole where the other side is.
            LifecycleRefused: It is disconnected or deprecated.
        """
        return self._work.open(tenant_id, connector_id)

    @staticmethod
    def _get_capabilities_for_type(connector_type: str) -> list[str]:
        from engine.connectors.loading import promised_by

        return list(promised_by(connector_type))

    async def _set_status(
        self, tenant_id: str, connector_id: str, to: ConnectorStatus
    ) -> ConnectorLifecycleResult:
        def work(connection: Connection) -> ConnectorLifecycleResult:
            found, step = self._engine(connection).set_status(tenant_id, connector_id, to)
            return ConnectorLifecycleResult(
                connector_id=found, status=str(step.status), message=step.message
            )

        return await self._hop.write(work)

    async def _change(
        self, change: Callable[[ConnectorEngine], ConnectorListRow], *, secrets: bool = False
    ) -> ConnectorInfo:
        def work(connection: Connection) -> ConnectorInfo:
            from engine.connectors import rows

            return rows.info(change(self._engine(connection)))

        await ready(NEEDED, self._credentials if secrets else None)
        return await self._hop.write(work, durable=secrets)

    def _engine(self, connection: Connection) -> ConnectorEngine:
        from engine.connectors.engine import ConnectorEngine

        return ConnectorEngine(connection, self._hop, self._credentials)


def get_connectors_facade() -> ConnectorsFacade:
    """Return the facade of the process's default workspace."""
    return cast("ConnectorsFacade", default_facade("connectors"))
