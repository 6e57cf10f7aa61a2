"""Integrations: a tenant's own accounts at LLM providers."""

from __future__ import annotations

from engine.integrations.facade import IntegrationsFacade, get_integrations_facade
from engine.integrations.model import IntegrationStatus, ProviderType
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

__all__ = [
    "HealthCheckResult",
    "HealthStatusResult",
    "IntegrationDeleteResult",
    "IntegrationDetailResult",
    "IntegrationLifecycleResult",
    "IntegrationListResult",
    "IntegrationStatus",
    "IntegrationSummaryResult",
    "IntegrationsFacade",
    "LimitsStatusResult",
    "ProviderType",
    "get_integrations_facade",
]
