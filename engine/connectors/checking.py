"""How connectors are checked: a row and its secrets made ready, the other side reached for real."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.connectors.loading import connector_class
from engine.connectors.model import ConnectorCapability
from engine.connectors.places import config_for, place_for
from engine.sources.checking import host_of
from engine.sources.secrets import is_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.connectors.base import Connector
    from engine.connectors.config import ConnectorConfig
    from engine.credentials import Credential
    from engine.probes.place import Place, Tools
    from engine.probes.result import ProbeResult
    from engine.sources.secrets import Parted
    from storage.connectors import ConnectorRow


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyConnector:
    """A connector with its secrets in the open: keep it no longer than its check or its work.

    Attributes:
        tenant_id: Whose it is.
        id: The connector's id; empty for a form that was never saved.
        name: What people call it.
        type: Its type, which says which class it is.
        where: Where the other side is and how to get in.
        config: How it behaves.
        offered: The capabilities that the other side is known to offer.
    """

    tenant_id: str
    id: str
    name: str
    type: str
    where: Place = field(repr=False)
    config: ConnectorConfig = field(repr=False)
    offered: frozenset[ConnectorCapability] | None = None

    @property
    def place(self) -> str | None:
        """The host that its check reaches over the network; None when it never leaves here."""
        if self.where.technology == "mcp_stdio":
            return None
        return host_of(self.where)

    def make(self, tools: Tools) -> Connector:
        """Return the connector itself; nothing is connected yet.

        Raises:
            InvalidInput: There is no class of its type here.
        """
        return connector_class(self.type)(self.where, self.config, tools, offered=self.offered)

    async def check(self, tools: Tools, *, now: datetime, deadline_s: float) -> ProbeResult:  # noqa: ARG002 - every kind's check is told the time
        """Check it for real; never raises for what driver or server did."""
        connector = self.make(tools)
        try:
            return await connector.check(deadline_s=deadline_s)
        finally:
            await connector.close()


class ConnectorKind:
    """How connectors are read and made ready; see `engine.health.kinds`."""

    def rows(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, ConnectorRow]:
        """Return the connectors of these ids, whatever the tenant."""
        from storage.connectors import ConnectorsDriver

        return ConnectorsDriver(connection).get_many(ids)

    def references(self, row: ConnectorRow) -> Iterable[str]:
        """Return the credential references of a row."""
        return tuple(row.secrets.values())

    def prepare(
        self, row: ConnectorRow, open_secret: Callable[[str], Credential]
    ) -> ReadyConnector:
        """Open the row's secrets.

        Raises:
            CredentialError: One cannot be read.
            InvalidInput: It is not said whole where the other side is.
        """
        opened = {path: open_secret(reference).value for path, reference in row.secrets.items()}
        return ReadyConnector(
            tenant_id=row.tenant_id,
            id=row.id,
            name=row.name,
            type=row.type,
            where=place_for(row.type, row.technology, row.config, opened),
            config=config_for(row.type, row.config),
            offered=frozenset(ConnectorCapability(one) for one in row.capabilities),
        )


def prepare_draft(  # noqa: PLR0913 - what a form says, by name
    tenant_id: str,
    *,
    connector_id: str,
    name: str,
    type: str,  # noqa: A002 - the field's word
    technology: str,
    parted: Parted,
    open_secret: Callable[[str], Credential],
) -> ReadyConnector:
    """Make the values of a form ready: a typed secret is used as it is, a stored one opened.

    Raises: as `ConnectorKind.prepare`.
    """
    opened = {
        path: open_secret(value).value if is_reference(value, path) else value
        for path, value in parted.secrets.items()
    }
    return ReadyConnector(
        tenant_id=tenant_id,
        id=connector_id,
        name=name,
        type=type,
        where=place_for(type, technology, parted.config, opened),
        config=config_for(type, parted.config),
    )
