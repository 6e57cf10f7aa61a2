"""What callers say of an integration before it is stored: to register it, or only to check it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.integrations.results import HealthCheckResult


@dataclass(frozen=True, kw_only=True, slots=True)
class NewIntegration:
    """What a caller said of a new integration, not checked yet; `values` are the common fields.

    `enabled` is what it arrives as; None is neither, which is how new ones are registered.
    """

    tenant_id: str
    provider_type: str
    values: Mapping[str, object]
    base_url: object = None
    config: object = None
    credential_ref: str | None = None
    created_by: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """Values to be checked before they are saved.

    Attributes:
        tenant_id: Whose form it is.
        provider_type: Which provider.
        base_url: The base URL; None is not said, which is the stored one's or the provider's.
        config: The provider's own fields; None is not said.
        secret: The credential in the open, if it was typed; no `repr` shows it.
        credential_ref: Else where it is.
        name: What the result calls it.
        integration_id: The stored integration that is being edited, if any.
    """

    tenant_id: str
    provider_type: str
    base_url: str | None = None
    config: Mapping[str, object] | None = None
    secret: str | None = field(default=None, repr=False)
    credential_ref: str | None = None
    name: str = ""
    integration_id: str = ""


class Checker(Protocol):
    """What the facade needs of the service of health, which stands above it."""

    async def check_health(
        self, tenant_id: str, integration_id: str, *, force: bool = False
    ) -> HealthCheckResult:
        """Check a stored integration and record the result."""
        ...

    async def check_draft(self, draft: Draft) -> HealthCheckResult:
        """Check values of a form; nothing is recorded."""
        ...
