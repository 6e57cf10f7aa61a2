"""The rows of the gateway: what a source or connector lets templates do, templates, versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Sort: TypeAlias = Literal["name", "status", "outcome", "last_run", "runs", "created"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayRow:
    """The caps of one source or connector; `tables` are the only ones to be read, none means any.

    `username` and `credential_ref` are those of the role that runs log in as; None is the
    thing's own login.
    """

    id: str
    tenant_id: str
    kind: str
    thing_id: str
    max_rows: int
    max_result_bytes: int
    timeout_seconds: float
    tripwire: bool
    tables: tuple[str, ...] = ()
    username: str | None = None
    credential_ref: str | None = None
    created_at: datetime
    updated_at: datetime | None = None
    created_by: str | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ThingSaid:
    """What is told of the source or connector under a gateway; `retired_at` is its deletion."""

    kind: str
    id: str
    name: str
    type: str
    technology: str
    status: str
    retired_at: datetime | None
    gateway_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateRow:
    """A template: what is of all its versions. `version` is the newest's number.

    `parameters` counts those of the newest version.
    """

    number: int = 0
    id: str
    tenant_id: str
    gateway_id: str
    name: str
    description: str
    status: str
    version: int = 1
    parameters: int = 0
    runs: int = 0
    last_run_at: datetime | None = None
    last_outcome: str | None = None
    created_at: datetime
    updated_at: datetime | None = None
    created_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionRow:
    """One version of a template, written once; `parameters` holds them under `declared`."""

    template_id: str
    version: int
    sql: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    max_rows: int | None = None
    timeout_seconds: float | None = None
    written_at: datetime
    written_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayListRow:
    """A gateway with its thing; `templates` counts those in use."""

    gateway: GatewayRow
    thing: ThingSaid
    templates: int


@dataclass(frozen=True, kw_only=True)
class ThingFields:
    """The thing that a template runs on; see `ThingSaid`. Without slots, to inherit from."""

    thing_kind: str
    thing_id: str
    thing_name: str
    thing_type: str
    thing_technology: str
    thing_status: str
    thing_retired_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateListRow(ThingFields, TemplateRow):
    """A template with the thing that it runs on, as a list shows it."""

    @property
    def thing(self) -> ThingSaid:
        """The thing by itself."""
        return ThingSaid(
            kind=self.thing_kind,
            id=self.thing_id,
            name=self.thing_name,
            type=self.thing_type,
            technology=self.thing_technology,
            status=self.thing_status,
            retired_at=self.thing_retired_at,
            gateway_id=self.gateway_id,
        )
