"""The registry of connectors: synchronous, on a database, for callers in code.

It blocks while it works, so that screens and services go through the facade instead.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from engine.connectors.drafts import NewConnector
from engine.connectors.model import ConnectorStatus
from engine.connectors.selection import order_by, select
from engine.errors import NotFound
from engine.registries import credentials_of, private_memory, run_on, unit_of_work
from engine.tenants.slug import require_slug
from engine.translate import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.connectors.engine import ConnectorEngine
    from engine.connectors.results import ConnectorInfo, ConnectorStats
    from engine.credentials import CredentialStore
    from engine.ids import IdMaker
    from engine.settings import Settings
    from storage.connectors import ConnectorListRow
    from storage.database import Database

# Inside the registry, `list` is its own method.
Connectors: TypeAlias = "list[ConnectorInfo]"


class ConnectorRegistry:
    """Registry for managing connectors.

    Several registries may work on one database. What they return has `***` in place of secrets.

    Args:
        database: A database, or a connection inside a transaction of the caller; None is a
            private memory that goes with the registry.
        settings: Whose operator is told in the activity, and where the master key is; those of
            this process unless told.
        credentials: Where secrets go; made from the settings unless told.
        clock: Where time comes from.
        ids: Where identifiers come from.
        origin: What the activity says the changes came from.
    """

    def __init__(  # noqa: PLR0913 - each injected for itself
        self,
        database: Database | Connection | None = None,
        *,
        settings: Settings | None = None,
        credentials: CredentialStore | None = None,
        clock: Clock | None = None,
        ids: IdMaker | None = None,
        origin: str = "code",
    ) -> None:
        self._database = private_memory() if database is None else database
        self._run = run_on(self._database, settings=settings, clock=clock, ids=ids, origin=origin)
        self._credentials = credentials or credentials_of(self._run)

    def register(  # noqa: PLR0913 - a connector's own fields
        self,
        tenant_id: str,
        name: str,
        connector_type: str,
        endpoint: str | None = None,
        config: object = None,
        *,
        technology: str | None = None,
        **values: object,
    ) -> ConnectorInfo:
        """Add a connector; `values` are description, tags, metadata, owner_id and interval_s.

        Raises:
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
        """
        new = NewConnector(
            tenant_id=require_slug(tenant_id),
            connector_type=connector_type,
            values={"name": name, **values},
            endpoint=endpoint,
            config=config,
            technology=technology,
        )
        with self._engine(write=True) as engine:
            return _info(engine.create(new))

    def get(self, connector_id: str, tenant_id: str | None = None) -> ConnectorInfo | None:
        """Return the connector of that id, of that tenant where one is given, or None."""
        with self._engine(write=False) as engine:
            try:
                return _info(engine.get(tenant_id, connector_id))
            except NotFound:
                return None

    def get_by_name(self, tenant_id: str, name: str) -> ConnectorInfo | None:
        """Return the tenant's connector of that name, in any case, or None."""
        with self._engine(write=False) as engine:
            row = engine.find(tenant_id, name)
            return _info(row) if row else None

    def list(  # noqa: PLR0913 - each narrows the list by name
        self,
        tenant_id: str | None = None,
        *,
        connector_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Connectors:
        """Return a page of those that match, sorted by name; of all tenants unless one is given."""
        from storage import paging

        chosen = select(tenant_id, connector_type=connector_type, status=status, tag=tag)
        order = order_by("name", descending=False, limit=limit)
        with self._connection(write=False) as connection:
            rows, _ = chosen.rows(connection, order, paging.at(max(0, offset)))
            return [_info(row) for row in rows]

    def update(
        self,
        connector_id: str,
        tenant_id: str | None = None,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> ConnectorInfo:
        """Change fields of `register` by name; what is not named stays.

        Raises:
            NotFound: There is none of that id.
            InvalidInput, NameTaken, CredentialReferenceInvalid: A value cannot be used.
            EditConflict: It has another version than expected.
        """
        with self._engine(write=True) as engine:
            row = engine.update(tenant_id, connector_id, changes, expected_version=expected_version)
            return _info(row)

    def set_status(
        self, connector_id: str, status: ConnectorStatus | str, tenant_id: str | None = None
    ) -> ConnectorInfo:
        """Take it into use (ready), out of use (disconnected), or deprecate it.

        Raises:
            NotFound: There is none of that id.
            LifecycleRefused: Its status does not allow the step.
        """
        with self._engine(write=True) as engine:
            engine.set_status(tenant_id, connector_id, ConnectorStatus(status))
            return _info(engine.get(tenant_id, connector_id))

    def delete(self, connector_id: str, tenant_id: str | None = None) -> bool:
        """Delete a connector; False when there is none of that id."""
        with self._engine(write=True) as engine:
            try:
                engine.delete(tenant_id, connector_id)
            except NotFound:
                return False
            return True

    def get_statistics(self, tenant_id: str | None = None) -> ConnectorStats:
        """Return the statistics of a tenant, or of all."""
        from engine.connectors import rows
        from storage.connectors import ConnectorsDriver

        with self._connection(write=False) as connection:
            return rows.statistics(ConnectorsDriver(connection).statistics(tenant_id))

    @contextmanager
    def _engine(self, *, write: bool) -> Iterator[ConnectorEngine]:
        from engine.connectors.engine import ConnectorEngine

        with self._connection(write=write) as connection:
            yield ConnectorEngine(connection, self._run, self._credentials)

    @contextmanager
    def _connection(self, *, write: bool) -> Iterator[Connection]:
        """Give a connection inside a transaction, and translate what is raised there."""
        with translated(), unit_of_work(self._database, write=write) as connection:
            yield connection


def _info(row: ConnectorListRow) -> ConnectorInfo:
    from engine.connectors import rows

    return rows.info(row)
