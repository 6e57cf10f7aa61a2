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
    "engine.gateway": (
        "ParameterType",
        "ParameterSpec",
        "QueryTemplate",
        "SqlGatewayConfig",
        "SqlGatewayError",
        "SqlInjectionAttemptError",
        "SqlGatewayService",
        "SqlQueryRequest",
        "SqlQueryResult",
        "DEFAULT_MAX_ROWS",
        "DEFAULT_MAX_RESULT_BYTES",
        "DEFAULT_TIMEOUT_SECONDS",
        "GatewayFacade",
        "get_gateway_facade",
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
        "ConnectorType",
        "ConnectorStatus",
        "ConnectorCapability",
        "ConnectorConfig",
        "ConnectorRegistry",
        "get_connectors_facade",
    ),
    "engine.prevention": (
        "PreventionContractViolation",
        "PreventionCandidate",
        "validate_prevention_candidate",
        "assert_prevention_immutable",
        "assert_no_deletion",
        "validate_prevention_for_graduation",
        "PREVENTION_CONTRACT_VERSION",
        "PREVENTION_CONTRACT_FROZEN_AT",
        "PreventionFacade",
        "get_prevention_facade",
    ),
    "engine.limits": ("LimitsFacade", "get_limits_facade"),
    "engine.tenants": ("TenantsFacade", "get_tenants_facade"),
    "engine.activity": ("ActivityFacade", "get_activity_facade"),
    "engine.integrations.providers": ("Provider", "get_provider", "known_providers"),
}

METHODS = {
    ("engine.sources", "DataSourcesFacade"): (
        *("registry", "register_source", "list_sources", "get_source", "update_source"),
        *("delete_source", "test_connection", "activate_source", "deactivate_source"),
        "get_statistics",
    ),
    ("engine.sources", "CustomerDataSource"): (
        *("record_connection", "record_error", "activate", "deactivate", "deprecate"),
        *("update_config", "add_tag", "remove_tag", "grant_access", "revoke_access"),
        *("has_access", "to_dict"),
    ),
    ("engine.sources", "DataSourceRegistry"): (
        *("register", "get", "get_by_name", "list", "update", "activate", "deactivate"),
        *("delete", "get_statistics", "clear_tenant", "reset"),
    ),
    ("engine.sources", "DataSourceConfig"): ("to_dict", "get_connection_url"),
    ("engine.connectors", "ConnectorsFacade"): (
        *("registry", "list_connectors", "get_connector", "register_connector"),
        *("update_connector", "delete_connector", "test_connector", "_get_capabilities_for_type"),
    ),
}


@pytest.mark.parametrize(
    ("package", "name"), [(package, name) for package, names in PUBLIC.items() for name in names]
)
def test_a_public_name_comes_from_its_package(package: str, name: str) -> None:
    module = importlib.import_module(package)
    assert name in module.__all__
    assert getattr(module, name).__doc__


@pytest.mark.parametrize(("place", "methods"), METHODS.items(), ids=lambda told: told[-1])
def test_what_callers_call_is_there(place: tuple[str, str], methods: tuple[str, ...]) -> None:
    package, name = place
    known = getattr(importlib.import_module(package), name)
    assert [method for method in methods if not hasattr(known, method)] == []


def test_the_health_service_has_the_methods_that_are_known() -> None:
    for name in ("check_health", "check_all_integrations", "get_health_summary"):
        assert inspect.iscoroutinefunction(getattr(CusHealthService, name))


def test_whatever_gets_a_credential_is_a_credential_service() -> None:
    class Own:
        async def get(self, credential_ref: str) -> Credential:
            return Credential(value=credential_ref)

    assert isinstance(Own(), CredentialService)
    assert not isinstance(object(), CredentialService)
