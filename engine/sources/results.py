"""What the sources facade answers with: frozen records, JSON-ready by `to_dict()`.

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
class SourceSummary(JsonRecord):
    """A source as a row of a list, with its lamp.

    `where` is one line that says where it is, such as `db.example:5432/app`; never a secret.
    """

    id: str
    name: str
    source_type: str
    technology: str
    status: str
    health_state: str
    health_error: str | None = None
    health_message: str | None = None
    latency_ms: int | None = None
    checked_at: datetime | None = None
    last_connected: datetime | None = None
    tags: tuple[str, ...] = ()
    owner_id: str | None = None
    access_roles: tuple[str, ...] = ()
    where: str = ""
    version: int = 1
    active: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceListResult(JsonRecord):
    """One page of sources and how many there are in all."""

    items: list[SourceSummary]
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceLifecycleResult(JsonRecord):
    """What activating, deactivating or deprecating came to."""

    source_id: str
    status: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceDeleteResult(JsonRecord):
    """What deleting came to."""

    deleted: bool
    source_id: str


@dataclass(frozen=True, slots=True)
class TestConnectionResult(JsonRecord):
    """Result of testing a data source connection.

    Attributes:
        success: Whether it was reached and let us in (healthy or degraded).
        message: One sentence for people.
        latency_ms: Whole milliseconds; None when nothing was sent.
        details: What is worth keeping of the answer, such as the server's version.
        state: What the lamp shows.
        error: The cause as a word; None when there is nothing wrong.
        stage: The last stage that was reached.
        stages: Each stage with `name`, `ms` and `ok`.
        remedy: What to do about it.
        checked_at: When the test ended.
        cached: Whether the last result was returned instead of a new test's.
    """

    # Else pytest takes it for a class of tests.
    __test__ = False

    success: bool
    message: str
    latency_ms: int | None = None
    details: Mapping[str, Any] | None = None
    state: str = "unknown"
    error: str | None = None
    stage: str | None = None
    stages: tuple[Mapping[str, Any], ...] = ()
    remedy: str | None = None
    checked_at: datetime | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class DataSourceStats(JsonRecord):
    """Statistics for data sources; connections and errors are passing and failing checks."""

    total_sources: int = 0
    active_sources: int = 0
    inactive_sources: int = 0
    error_sources: int = 0
    pending_sources: int = 0
    sources_by_type: dict[str, int] = field(default_factory=dict)
    total_connections: int = 0
    total_errors: int = 0
