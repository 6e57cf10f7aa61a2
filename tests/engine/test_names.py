"""The names that callers in code know are where they look for them."""

from __future__ import annotations

import importlib
import inspect

import pytest

from engine.credentials import Credential, CredentialService
from engine.health import CusHealthService

PUBLIC = {
    "engine.integrations": (
        "IntegrationsFacade",
        "IntegrationSummaryResult",
        "IntegrationListResult",
        "IntegrationDetailResult",
        "IntegrationLifecycleResult",
        "IntegrationDeleteResult",
        "HealthCheckResult",
        "HealthStatusResult",
        "LimitsStatusResult",
        "get_integrations_facade",
    ),
    "engine.health": (
        "CusHealthService",
        "CusHealthState",
        "HealthFacade",
        "get_health_facade",
        "get_health_service",
    ),
    "engine.credentials": (
        "Credential",
        "CredentialService",
        "CredentialsFacade",
        "get_credentials_facade",
    ),
    "engine.sources": (
        "DataSourceType",
        "DataSourceStatus",
        "DataSourceConfig",
        "CustomerDataSource",
        "DataSourceError",
        "DataSourceStats",
        "DataSourceRegistry",
        "get_datasource_registry",
        "_reset_registry",
        "create_datasource",
        "get_datasource",
        "list_datasources",
        "DataSourcesFacade",
        "TestConnectionResult",
        "get_datasources_facade",
    ),
    "engine.connectors": (
        "ConnectorsFacade",
        "ConnectorInfo",
        "TestResult",
        "ConnectorRegistry",
        "get_connectors_facade",
    ),
    "engine.tenants": ("TenantsFacade", "get_tenants_facade"),
    "engine.activity": ("ActivityFacade", "get_activity_facade"),
    "engine.integrations.providers": ("Provider", "get_provider", "known_providers"),
}


@pytest.mark.parametrize(
    ("package", "name"), [(package, name) for package, names in PUBLIC.items() for name in names]
)
def test_a_public_name_comes_from_its_package(package: str, name: str) -> None:
    module = importlib.import_module(package)
    assert name in module.__all__
    assert getattr(module, name).__doc__


def test_the_health_service_has_the_methods_that_are_known() -> None:
    for name in ("check_health", "check_all_integrations", "get_health_summary"):
        assert inspect.iscoroutinefunction(getattr(CusHealthService, name))


def test_whatever_gets_a_credential_is_a_credential_service() -> None:
    class Own:
        async def get(self, credential_ref: str) -> Credential:
            return Credential(value=credential_ref)

    assert isinstance(Own(), CredentialService)
    assert not isinstance(object(), CredentialService)
