"""A data source as callers in code hold it: its words, its fields and its steps."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from engine.jsonable import jsonable
from engine.sources.config import DataSourceConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class DataSourceType(StrEnum):
    """Types of data sources."""

    DATABASE = "database"
    DOCUMENT = "document"
    FILE = "file"
    VECTOR = "vector"
    API = "api"
    STREAM = "stream"
    CUSTOM = "custom"


class DataSourceStatus(StrEnum):
    """Status of a data source; lifecycle.py has the steps between them."""

    PENDING = "pending"
    CONFIGURING = "configuring"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ERROR = "error"
    DEPRECATED = "deprecated"


class Keeper(Protocol):
    """What stores the changes of a source that came from a registry."""

    def keep(
        self, source: CustomerDataSource, change: Callable[[CustomerDataSource], None]
    ) -> None:
        """Apply `change` to the stored source, then make `source` equal to it.

        Raises:
            DataSourceError: It is gone, or the change cannot be stored.
        """
        ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class CustomerDataSource:
    """Representation of a customer data source.

    One that came from a registry writes each change through its methods to the database, on top
    of what others changed there meanwhile; one that was made by itself only changes itself.
    Secrets in the config of a stored source are masks. Times are aware UTC, latencies
    milliseconds; `version` counts the stored changes.
    """

    source_id: str
    tenant_id: str
    name: str
    source_type: DataSourceType
    config: DataSourceConfig = field(default_factory=DataSourceConfig)
    status: DataSourceStatus = DataSourceStatus.PENDING
    description: str | None = None
    tags: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    access_roles: list[str] = field(default_factory=list)
    owner_id: str | None = None
    last_connected: datetime | None = None
    last_error: str | None = None
    connection_count: int = 0
    error_count: int = 0
    created_at: datetime = field(default_factory=_now)
    updated_at: datetime = field(default_factory=_now)
    technology: str = ""
    version: int = 1
    interval_s: int | None = None
    created_by: str | None = None
    health_state: str = "unknown"
    health_message: str | None = None
    health_remedy: str | None = None
    health_checked_at: datetime | None = None
    health_error: str | None = None
    latency_ms: int | None = None
    since: datetime | None = None
    _keeper: Keeper | None = field(default=None, repr=False, compare=False)

    def record_connection(self, now: datetime | None = None) -> None:
        """Count a connection that was made just now."""

        def change(source: CustomerDataSource) -> None:
            source.last_connected = now or _now()
            source.connection_count += 1

        self._change(change, now)

    def record_error(self, error: str, now: datetime | None = None) -> None:
        """Count an error and set the status to error."""

        def change(source: CustomerDataSource) -> None:
            source.last_error = error
            source.error_count += 1
            source.status = DataSourceStatus.ERROR

        self._change(change, now)

    def activate(self, now: datetime | None = None) -> None:
        """Set the status to active and clear the last error."""

        def change(source: CustomerDataSource) -> None:
            source.status = DataSourceStatus.ACTIVE
            source.last_error = None

        self._change(change, now)

    def deactivate(self, now: datetime | None = None) -> None:
        """Set the status to inactive."""
        self._set_status(DataSourceStatus.INACTIVE, now)

    def deprecate(self, now: datetime | None = None) -> None:
        """Set the status to deprecated."""
        self._set_status(DataSourceStatus.DEPRECATED, now)

    def update_config(self, config: DataSourceConfig, now: datetime | None = None) -> None:
        """Replace the config and set the status to configuring."""

        def change(source: CustomerDataSource) -> None:
            source.config = config
            source.status = DataSourceStatus.CONFIGURING

        self._change(change, now)

    def add_tag(self, tag: str, now: datetime | None = None) -> None:
        """Add a tag; one that is there stays once."""
        self._change(lambda source: _add(source.tags, tag), now)

    def remove_tag(self, tag: str, now: datetime | None = None) -> None:
        """Remove a tag, if it is there."""
        self._change(lambda source: _remove(source.tags, tag), now)

    def grant_access(self, role: str, now: datetime | None = None) -> None:
        """Let a role see it; without any role it is open to all."""
        self._change(lambda source: _add(source.access_roles, role), now)

    def revoke_access(self, role: str, now: datetime | None = None) -> None:
        """Take the access of a role away, if it has it."""
        self._change(lambda source: _remove(source.access_roles, role), now)

    def has_access(self, roles: str | Iterable[str]) -> bool:
        """Tell whether somebody with this role, or with any of these, may see it."""
        asked = [roles] if isinstance(roles, str) else list(roles)
        return not self.access_roles or any(role in self.access_roles for role in asked)

    def to_dict(self, include_secrets: bool = False) -> dict[str, Any]:
        """Return everything as JSON-ready values; secrets as `***` unless they are asked for."""
        told = {name: getattr(self, name) for name in FIELDS}
        told["config"] = self.config.to_dict(include_secrets)
        result: dict[str, Any] = jsonable(told)
        return result

    def _set_status(self, status: DataSourceStatus, now: datetime | None) -> None:
        def change(source: CustomerDataSource) -> None:
            source.status = status

        self._change(change, now)

    def _change(
        self, change: Callable[[CustomerDataSource], None], now: datetime | None = None
    ) -> None:
        if self._keeper is not None:
            self._keeper.keep(self, change)
            return
        change(self)
        self.updated_at = now or _now()


FIELDS = tuple(item.name for item in fields(CustomerDataSource) if not item.name.startswith("_"))
"""The public fields of a source, in their order."""


def _add(words: list[str], word: str) -> None:
    if word not in words:
        words.append(word)


def _remove(words: list[str], word: str) -> None:
    if word in words:
        words.remove(word)
