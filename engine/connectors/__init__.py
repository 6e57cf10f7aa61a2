"""Connectors: the means by which the platform reaches out."""

from __future__ import annotations

from engine.connectors.config import (
    ConnectorConfig,
    FileConnectorConfig,
    ServerlessConnectorConfig,
    VectorConnectorConfig,
)
from engine.connectors.drafts import ConnectorDraft
from engine.connectors.facade import ConnectorsFacade, get_connectors_facade
from engine.connectors.model import ConnectorCapability, ConnectorStatus, ConnectorType
from engine.connectors.registry import ConnectorRegistry
from engine.connectors.results import (
    ConnectorDeleteResult,
    ConnectorInfo,
    ConnectorLifecycleResult,
    ConnectorListResult,
    ConnectorStats,
    DiscoveryResult,
    TestResult,
)

__all__ = [
    "ConnectorCapability",
    "ConnectorConfig",
    "ConnectorDeleteResult",
    "ConnectorDraft",
    "ConnectorInfo",
    "ConnectorLifecycleResult",
    "ConnectorListResult",
    "ConnectorRegistry",
    "ConnectorStats",
    "ConnectorStatus",
    "ConnectorType",
    "ConnectorsFacade",
    "DiscoveryResult",
    "FileConnectorConfig",
    "ServerlessConnectorConfig",
    "TestResult",
    "VectorConnectorConfig",
    "get_connectors_facade",
]
