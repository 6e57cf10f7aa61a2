"""The only way in to integrations, for screens, the command line and callers in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.hop import default_facade

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.integrations.results import (
        HealthCheckResult,
        HealthStatusResult,
        IntegrationDeleteResult,
        IntegrationDetailResult,
        IntegrationLifecycleResult,
        IntegrationListResult,
        IntegrationSummaryResult,
        LimitsStatusResult,
    )
    from storage.filters import Term
    from storage.paging import Anchor


class IntegrationsFacade:
    """Everything that can be asked of, and done to, a tenant's integrations.

    Every method takes the tenant's id and answers for another tenant's id as for a missing one.
    """

    async def list_integrations(
        self,
        tenant_id: str,
        *,
        offset: int = 0,
        limit: int = 100,
        status: str | None = None,
        provider_type: str | None = None,
        query: str = "",
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
    ) -> IntegrationListResult:
        """Return one page and the total."""
        raise NotImplementedError

    async def page_integrations(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        status: str | None = None,
        provider_type: str | None = None,
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[IntegrationSummaryResult, ...], tuple[tuple[object, ...], ...]]:
        """Return one page and the key of each row, without counting."""
        raise NotImplementedError

    async def count_integrations(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        status: str | None = None,
        provider_type: str | None = None,
    ) -> int:
        """Return how many match."""
        raise NotImplementedError

    async def get_integration(self, tenant_id: str, integration_id: str) -> IntegrationDetailResult:
        """Return one integration; raises NotFound."""
        raise NotImplementedError

    async def create_integration(
        self,
        tenant_id: str,
        name: str,
        provider_type: str,
        credential_ref: str | None = None,
        *,
        secret: str | None = None,
        base_url: str | None = None,
        config: Mapping[str, object] | None = None,
        default_model: str | None = None,
        budget_limit_cents: int = 0,
        token_limit_month: int = 0,
        rate_limit_rpm: int = 0,
        interval_s: int | None = None,
        created_by: str | None = None,
    ) -> IntegrationDetailResult:
        """Register an integration; raises InvalidInput, NameTaken, CredentialReferenceInvalid."""
        raise NotImplementedError

    async def update_integration(
        self,
        tenant_id: str,
        integration_id: str,
        *,
        expected_version: int | None = None,
        **changes: object,
    ) -> IntegrationDetailResult:
        """Change fields of `create_integration`; raises NotFound, InvalidInput, EditConflict."""
        raise NotImplementedError

    async def delete_integration(
        self, tenant_id: str, integration_id: str
    ) -> IntegrationDeleteResult:
        """Delete softly; raises NotFound."""
        raise NotImplementedError

    async def enable_integration(
        self, tenant_id: str, integration_id: str
    ) -> IntegrationLifecycleResult:
        """Enable; raises NotFound, LifecycleRefused."""
        raise NotImplementedError

    async def disable_integration(
        self, tenant_id: str, integration_id: str
    ) -> IntegrationLifecycleResult:
        """Disable; raises NotFound, LifecycleRefused."""
        raise NotImplementedError

    async def get_health_status(self, tenant_id: str, integration_id: str) -> HealthStatusResult:
        """Return the last known health; raises NotFound."""
        raise NotImplementedError

    async def test_credentials(self, tenant_id: str, integration_id: str) -> HealthCheckResult:
        """Check now, for real; raises NotFound."""
        raise NotImplementedError

    async def test_draft(
        self,
        tenant_id: str,
        provider_type: str,
        *,
        integration_id: str | None = None,
        credential_ref: str | None = None,
        secret: str | None = None,
        base_url: str | None = None,
        config: Mapping[str, object] | None = None,
    ) -> HealthCheckResult:
        """Check values of a form before they are saved; nothing is stored.

        With `integration_id`, what is not given comes from that integration.
        """
        raise NotImplementedError

    async def get_limits_status(self, tenant_id: str, integration_id: str) -> LimitsStatusResult:
        """Return usage against limits; raises NotFound."""
        raise NotImplementedError


def get_integrations_facade() -> IntegrationsFacade:
    """Return the facade of the process's default workspace."""
    return cast("IntegrationsFacade", default_facade("integrations"))
