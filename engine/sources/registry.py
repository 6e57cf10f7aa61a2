"""The registry of data sources: synchronous, on a database, for callers in code.

It knows no operator's roles and blocks while it works, so that screens and services go through
the facade instead.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.errors import NotFound
from engine.registries import credentials_of, private_memory, run_on, unit_of_work
from engine.sources.drafts import NewSource
from engine.sources.errors import as_source_error
from engine.sources.facade import get_datasources_facade
from engine.sources.model import (
    FIELDS,
    CustomerDataSource,
    DataSourceStatus,
    DataSourceType,
)
from engine.sources.selection import order_by, select
from engine.tenants.slug import require_slug
from engine.translate import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.credentials import CredentialStore
    from engine.ids import IdMaker
    from engine.settings import Settings
    from engine.sources.config import DataSourceConfig
    from engine.sources.engine import SourceEngine
    from engine.sources.results import DataSourceStats
    from storage.database import Database
    from storage.sources import SourceListRow


# Inside the registry, `list` is its own method.
Sources: TypeAlias = "list[CustomerDataSource]"


class DataSourceRegistry:
    """Registry for managing customer data sources.

    Several registries may work on one database. What they return has `***` in place of secrets
    and writes each change through its methods to the database.

    Args:
        database: A database, or a connection inside a transaction of the caller; None is a
            private memory that goes with the registry.
        settings: Whose operator is told in the activity, and where the master key is; those of
            this process unless told.
        credentials: Where secrets go; made from the settings unless told.
        clock: Where time comes from.
        ids: Where identifiers come from.
        origin: What the activity says the changes came from.

    Raises:
        DataSourceError: By every method, for what cannot be used or stored.
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

    def register(  # noqa: PLR0913, PLR0917 - a source's own fields, in the order callers know
        self,
        tenant_id: str,
        name: str,
        source_type: DataSourceType | str,
        config: DataSourceConfig | None = None,
        description: str | None = None,
        tags: Iterable[str] = (),
        metadata: Mapping[str, Any] | None = None,
        access_roles: Iterable[str] = (),
        owner_id: str | None = None,
        *,
        technology: str | None = None,
        interval_s: int | None = None,
    ) -> CustomerDataSource:
        """Add a source, pending; its name is unique among the tenant's, whatever its case."""
        said: dict[str, object] = {"name": name, "description": description, "owner_id": owner_id}
        said |= {"metadata": metadata, "interval_s": interval_s}
        with self._changing() as engine:
            new = NewSource(
                tenant_id=require_slug(tenant_id),
                source_type=str(source_type),
                values={**said, "tags": list(tags), "access_roles": list(access_roles)},
                technology=technology,
                config=config,
            )
            return self._source(engine.create(new))

    def get(self, source_id: str, tenant_id: str | None = None) -> CustomerDataSource | None:
        """Return the source of that id, of that tenant where one is given, or None."""
        with self._reading() as engine:
            try:
                return self._source(engine.get(tenant_id, source_id))
            except NotFound:
                return None

    def get_by_name(self, tenant_id: str, name: str) -> CustomerDataSource | None:
        """Return the tenant's source of that name, in any case, or None."""
        with self._reading() as engine:
            row = engine.find(tenant_id, name)
            return self._source(row) if row else None

    def list(  # noqa: PLR0913, PLR0917 - each narrows the list, in the order callers know
        self,
        tenant_id: str | None = None,
        source_type: DataSourceType | str | None = None,
        status: DataSourceStatus | str | None = None,
        tag: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Sources:
        """Return a page of those that match, sorted by name; of all tenants unless one is given."""
        from storage import paging

        with self._connection(write=False) as connection:
            chosen = select(tenant_id, source_type=source_type, status=status, tag=tag)
            order = order_by("name", descending=False, limit=limit)
            rows, _ = chosen.rows(connection, order, paging.at(max(0, offset)))
            return [self._source(row) for row in rows]

    def update(
        self,
        source_id: str,
        tenant_id: str | None = None,
        *,
        expected_version: int | None = None,
        **changes: Any,
    ) -> CustomerDataSource:
        """Change fields of `register` by name; what is not named stays."""
        with self._changing(source_id) as engine:
            row = engine.update(tenant_id, source_id, changes, expected_version=expected_version)
            return self._source(row)

    def activate(self, source_id: str, tenant_id: str | None = None) -> CustomerDataSource:
        """Set the status to active and clear the last error."""
        return self._set_status(source_id, tenant_id, DataSourceStatus.ACTIVE)

    def deactivate(self, source_id: str, tenant_id: str | None = None) -> CustomerDataSource:
        """Set the status to inactive."""
        return self._set_status(source_id, tenant_id, DataSourceStatus.INACTIVE)

    def delete(self, source_id: str, tenant_id: str | None = None) -> bool:
        """Delete a source; False when there is none of that id."""
        with self._changing(source_id) as engine:
            try:
                engine.delete(tenant_id, source_id)
            except NotFound:
                return False
            return True

    def get_statistics(self, tenant_id: str | None = None) -> DataSourceStats:
        """Return the statistics of a tenant, or of all."""
        from engine.sources import rows
        from storage.sources import SourcesDriver

        with self._connection(write=False) as connection:
            return rows.statistics(SourcesDriver(connection).statistics(tenant_id))

    def clear_tenant(self, tenant_id: str) -> int:
        """Delete all sources of a tenant, and return how many."""
        with self._changing() as engine:
            return engine.delete_all(tenant_id)

    def reset(self) -> None:
        """Delete all sources of all tenants."""
        with self._changing() as engine:
            engine.delete_all(None)

    def keep(
        self, source: CustomerDataSource, change: Callable[[CustomerDataSource], None]
    ) -> None:
        """Apply a change to the stored source, then make `source` equal to it; see `Keeper`."""
        from engine.sources.through import write_through

        with self._changing(source.source_id) as engine:
            row = write_through(engine, source.tenant_id, source.source_id, change)
        now = self._source(row)
        for name in FIELDS:
            setattr(source, name, getattr(now, name))

    def _set_status(
        self, source_id: str, tenant_id: str | None, to: DataSourceStatus
    ) -> CustomerDataSource:
        with self._changing(source_id) as engine:
            engine.set_status(tenant_id, source_id, to)
            return self._source(engine.get(tenant_id, source_id))

    def _source(self, row: SourceListRow) -> CustomerDataSource:
        from engine.sources import rows

        return replace(rows.source(row), _keeper=self)

    @contextmanager
    def _reading(self) -> Iterator[SourceEngine]:
        with self._connection(write=False) as connection:
            yield self._engine(connection)

    @contextmanager
    def _changing(self, source_id: str | None = None) -> Iterator[SourceEngine]:
        with self._connection(write=True, source_id=source_id) as connection:
            yield self._engine(connection)

    @contextmanager
    def _connection(self, *, write: bool, source_id: str | None = None) -> Iterator[Connection]:
        """Give a connection inside a transaction, and translate what is raised there."""
        unit = unit_of_work(self._database, write=write)
        with as_source_error(source_id), translated(), unit as connection:
            yield connection

    def _engine(self, connection: Connection) -> SourceEngine:
        from engine.sources.engine import SourceEngine

        return SourceEngine(connection, self._run, self._credentials)


_registry: list[DataSourceRegistry] = []


def get_datasource_registry() -> DataSourceRegistry:
    """Get the singleton registry instance: that of the process's default workspace."""
    _registry[:] = [get_datasources_facade().registry]
    return _registry[0]


def _reset_registry() -> None:
    """Reset the singleton (for testing): every source of its database is deleted.

    Does nothing in a process that never asked for the singleton.
    """
    while _registry:
        _registry.pop().reset()


def create_datasource(
    tenant_id: str,
    name: str,
    source_type: DataSourceType,
    config: DataSourceConfig | None = None,
) -> CustomerDataSource:
    """Create a new data source using the singleton registry; raises DataSourceError."""
    return get_datasource_registry().register(tenant_id, name, source_type, config)


def get_datasource(source_id: str) -> CustomerDataSource | None:
    """Get a data source by ID using the singleton registry."""
    return get_datasource_registry().get(source_id)


def list_datasources(
    tenant_id: str | None = None, source_type: DataSourceType | None = None
) -> list[CustomerDataSource]:
    """List data sources using the singleton registry, a hundred at most, sorted by name."""
    return get_datasource_registry().list(tenant_id, source_type)
