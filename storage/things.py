"""The rows that integrations, sources and connectors have in common, and their lamp in a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# The orders of a list of sources or connectors; `connected` is when a check last passed.
Sort: TypeAlias = Literal[
    "name",
    "type",
    "technology",
    "status",
    "health",
    "latency",
    "checked",
    "connected",
    "created",
    "owner",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ThingRow:
    """A thing of a tenant that checks are about; `version` counts its changes.

    `interval_s` is None where the board's own interval holds.
    """

    id: str
    tenant_id: str
    name: str
    status: str
    created_at: datetime
    interval_s: int | None = None
    updated_at: datetime | None = None
    created_by: str | None = None
    deleted_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachedRow(ThingRow):
    """A thing that is reached by a technology, such as a database by `postgresql`.

    `config` says where and how, and never holds a secret; `secrets` gives the reference of each
    by the path of its field, such as `{"oauth_config.client_secret": "env://X"}`. `status` is
    read from the thing's target, where checks change it too.
    """

    type: str
    technology: str
    description: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    owner_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class LampFields:
    """The lamp of a thing in a list; `number` is its target's, latencies are milliseconds.

    `passes` and `failures` count the checks so far that did and did not reach it, `last_error` is
    what the last failing one said, `passed_at` when one last passed (kept of sources and
    connectors). Without slots, so that a list row can inherit from this and from its thing's row.
    """

    number: int
    active: bool
    state: str
    error: str | None
    message: str | None
    remedy: str | None
    stage: str | None
    latency_ms: float | None
    status_code: int | None
    checked_at: datetime | None
    since: datetime | None
    failures_in_row: int
    due_at: datetime | None
    passed_at: datetime | None
    passes: int
    failures: int
    last_error: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StatisticsRow:
    """How many things there are, by status and by type, and how their checks ended so far."""

    total: int
    by_status: Mapping[str, int]
    by_type: Mapping[str, int]
    passes: int
    failures: int
