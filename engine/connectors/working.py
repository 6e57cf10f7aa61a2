"""Work with a stored connector: opened for as long as it takes, or asked what it can do."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from engine.errors import LifecycleRefused
from engine.probes.redaction import redact_value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy import Connection

    from engine.connectors.base import Connector, Discovery
    from engine.connectors.checking import ReadyConnector
    from engine.connectors.engine import ConnectorEngine
    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.probes.place import Tools
    from storage.connectors import ConnectorListRow


class ConnectorWork:
    """What the facade's `open` and `discover` do; see there.

    Args:
        hop: The way to the database.
        engine: Makes the rules of connectors on a connection.
        credentials: The synchronous core of credentials.
        tools: Gives what connectors use to reach out, in the running loop.
    """

    def __init__(
        self,
        hop: Hop,
        engine: Callable[[Connection], ConnectorEngine],
        credentials: CredentialStore,
        tools: Callable[[], Tools],
    ) -> None:
        self._hop = hop
        self._engine = engine
        self._credentials = credentials
        self._tools = tools

    @asynccontextmanager
    async def open(self, tenant_id: str, connector_id: str) -> AsyncIterator[Connector]:
        """Open a connector that is in use, and close it in the end."""
        found = await self._ready(tenant_id, connector_id)
        if not self._hop.settings.read_only:
            await self._hop.write(
                lambda connection: self._engine(connection).touch(tenant_id, connector_id)
            )
        connector = found.make(self._tools())
        try:
            yield connector
        finally:
            await connector.close()

    async def discovery(self, tenant_id: str, connector_id: str) -> Discovery:
        """Ask the other side what it can do, whatever it was known to offer."""
        from engine.connectors.base import Discovering, Discovery

        found = await self._ready(tenant_id, connector_id, anew=True)
        connector = found.make(self._tools())
        try:
            if isinstance(connector, Discovering):
                told = await connector.discover()
                # What is stored and shown must not hold what the other side was let in with.
                masked = redact_value(told.found, *found.where.secrets)
                return replace(told, found=cast("dict[str, Any]", masked))
            return Discovery(capabilities=connector.capabilities())
        finally:
            await connector.close()

    async def _ready(
        self, tenant_id: str, connector_id: str, *, anew: bool = False
    ) -> ReadyConnector:
        """Return a stored connector with its secrets in the open."""
        from engine.connectors.checking import ConnectorKind
        from engine.credentials.service import WorkspaceCredentials

        row = await self._hop.read(
            lambda connection: self._engine(connection).get(tenant_id, connector_id)
        )
        if not anew:
            _require_used(row)
        kind = ConnectorKind()
        credentials = WorkspaceCredentials(self._hop, self._credentials, tenant_id)
        async with credentials.opened(kind.references(row)) as open_secret:
            found = kind.prepare(row, open_secret)
        return replace(found, offered=None) if anew else found


def _require_used(row: ConnectorListRow) -> None:
    from engine.connectors.lifecycle import is_monitored

    if not is_monitored(row.status):
        raise LifecycleRefused(
            f"{row.name} is {row.status}, so it is not used.",
            hint="Connect it first.",
            field="status",
        )
