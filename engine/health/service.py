"""Checks of a tenant's LLM integrations, on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.health.model import HealthSummary
    from engine.integrations.results import HealthCheckResult


class CusHealthService:
    """Service for health checking customer LLM integrations."""

    async def check_health(
        self, tenant_id: str, integration_id: str, *, force: bool = False
    ) -> HealthCheckResult:
        """Check one; within a minute of the last check its result is returned, marked cached."""
        raise NotImplementedError

    async def check_all_integrations(
        self, tenant_id: str, *, force: bool = False
    ) -> list[HealthCheckResult]:
        """Check all that are not deleted, sorted by name."""
        raise NotImplementedError

    async def get_health_summary(self, tenant_id: str) -> HealthSummary:
        """Return the tenant's health in numbers, without a new check."""
        raise NotImplementedError
