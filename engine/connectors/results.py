"""What the connectors facade answers with: frozen records, JSON-ready by `to_dict()`.

The first fields of each are the domain's own; those with defaults came later. Times are aware
UTC, latencies milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorInfo(JsonRecord):
    """Connector information, with its lamp; in a list, `discovered` is left empty.

    Attributes:
        id: Its id.
        name: What people call it; unique among the tenant's connectors.
        connector_type: Which type; see `ConnectorType`.
        status: Where it is in its life; see `ConnectorStatus`.
        capabilities: What it can do, as words.
        endpoint: Base URL, connection string or command; never a secret.
        tenant_id: Whose it is.
        created_at: When it was registered.
        updated_at: When it was last changed.
        last_used_at: When it was last opened for work.
        config: How it is reached and how it behaves, `***` where a secret is stored.
        metadata: What else was noted.
        technology: How the other side is spoken to.
        description: What it is for, in one line.
        tags: Words to find it by.
        owner_id: Who answers for it.
        interval_s: Seconds between checks; None is the board's own.
        version: How often it was changed, counted from 1.
        created_by: Who registered it.
        active: Whether the monitor checks it.
        where: One line that says where it is; never a secret.
        discovered: What the other side said that it can do.
        health_state: What its lamp shows.
        health_error: The cause as a word.
        health_message: One sentence.
        health_remedy: What to do about it.
        stage: The last stage that its last check reached.
        latency_ms: What its last check took.
        checked_at: When that was.
        since: Since when the lamp shows what it shows.
        last_connected: When a check last passed.
        last_error: What the last failing check said.
        connection_count: Passing checks so far.
        error_count: Failing checks so far.
    """

    id: str
    name: str
    connector_type: str
    status: str
    capabilities: tuple[str, ...]
    endpoint: str | None
    tenant_id: str
    created_at: datetime
    updated_at: datetime | None
    last_used_at: datetime | None
    config: Mapping[str, Any]
    metadata: Mapping[str, Any]
    technology: str = ""
    description: str | None = None
    tags: tuple[str, ...] = ()
    owner_id: str | None = None
    interval_s: int | None = None
    version: int = 1
    created_by: str | None = None
    active: bool = False
    where: str = ""
    discovered: Mapping[str, Any] = field(default_factory=dict)
    health_state: str = "unknown"
    health_error: str | None = None
    health_message: str | None = None
    health_remedy: str | None = None
    stage: str | None = None
    latency_ms: int | None = None
    checked_at: datetime | None = None
    since: datetime | None = None
    last_connected: datetime | None = None
    last_error: str | None = None
    connection_count: int = 0
    error_count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorListResult(JsonRecord):
    """One page of connectors and how many there are in all."""

    items: list[ConnectorInfo]
    total: int


@dataclass(frozen=True, slots=True)
class TestResult(JsonRecord):
    """Result of connector test.

    Attributes:
        success: Whether it was reached and let us in (healthy or degraded).
        connector_id: Which connector; empty for a form that was never saved.
        latency_ms: Whole milliseconds; None when nothing was sent.
        error: The cause as a word; None when there is nothing wrong.
        details: What is worth keeping of the answer, such as the server's version.
        state: What the lamp shows.
        message: One sentence for people.
        stage: The last stage that was reached.
        stages: Each stage with `name`, `ms` and `ok`.
        remedy: What to do about it.
        checked_at: When the test ended.
        cached: Whether the last result was returned instead of a new test's.
    """

    # Else pytest takes it for a class of tests.
    __test__ = False

    success: bool
    connector_id: str
    latency_ms: int | None = None
    error: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    state: str = "unknown"
    message: str = ""
    stage: str | None = None
    stages: tuple[Mapping[str, Any], ...] = ()
    remedy: str | None = None
    checked_at: datetime | None = None
    cached: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorLifecycleResult(JsonRecord):
    """What connecting, disconnecting or deprecating came to."""

    connector_id: str
    status: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorDeleteResult(JsonRecord):
    """What deleting came to."""

    deleted: bool
    connector_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectorStats(JsonRecord):
    """How many connectors there are, by status and type, and how their checks ended so far."""

    total_connectors: int = 0
    connectors_by_status: Mapping[str, int] = field(default_factory=dict)
    connectors_by_type: Mapping[str, int] = field(default_factory=dict)
    total_connections: int = 0
    total_errors: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscoveryResult(JsonRecord):
    """What the other side said that it can do, as it is stored now."""

    connector_id: str
    capabilities: tuple[str, ...]
    discovered: Mapping[str, Any]
