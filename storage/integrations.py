"""The driver of integrations: a tenant's accounts at providers of models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from storage.inventory import Inventory
from storage.layout import COMMON, Layout
from storage.tables import integrations
from storage.things import LampFields, ThingRow

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "integration"
Sort: TypeAlias = Literal["name", "provider", "status", "health", "latency", "checked", "created"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationRow(ThingRow):
    """A tenant's account at a provider. Limits of 0 are unlimited.

    `config` holds the provider's own fields (region, API version, deployment). `credential_ref`
    points to a secret, never is one.
    """

    provider_type: str
    credential_ref: str | None = None
    base_url: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    default_model: str | None = None
    budget_limit_cents: int = 0
    token_limit_month: int = 0
    rate_limit_rpm: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationListRow(LampFields, IntegrationRow):
    """An integration with its lamp, as a list shows it."""


_LAYOUT = Layout(
    kind=KIND,
    table=integrations,
    row=IntegrationRow,
    list_row=IntegrationListRow,
    secrets="credential_ref",
    mirrors={**COMMON, "provider_type": lambda name: {"type": name, "technology": name}},
)


class IntegrationsDriver(Inventory[IntegrationRow, IntegrationListRow]):
    """Reads and writes integrations on one connection; the caller commits."""

    layout = _LAYOUT
