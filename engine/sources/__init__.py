"""Sources: where a tenant's data lives."""

from __future__ import annotations

from engine.sources.config import DataSourceConfig
from engine.sources.drafts import SourceDraft
from engine.sources.errors import DataSourceError
from engine.sources.facade import DataSourcesFacade, get_datasources_facade
from engine.sources.model import CustomerDataSource, DataSourceStatus, DataSourceType
from engine.sources.registry import (
    DataSourceRegistry,
    _reset_registry,
    create_datasource,
    get_datasource,
    get_datasource_registry,
    list_datasources,
)
from engine.sources.results import (
    DataSourceStats,
    SourceDeleteResult,
    SourceLifecycleResult,
    SourceListResult,
    SourceSummary,
    TestConnectionResult,
)

__all__ = [
    "CustomerDataSource",
    "DataSourceConfig",
    "DataSourceError",
    "DataSourceRegistry",
    "DataSourceStats",
    "DataSourceStatus",
    "DataSourceType",
    "DataSourcesFacade",
    "SourceDeleteResult",
    "SourceDraft",
    "SourceLifecycleResult",
    "SourceListResult",
    "SourceSummary",
    "TestConnectionResult",
    "_reset_registry",
    "create_datasource",
    "get_datasource",
    "get_datasource_registry",
    "get_datasources_facade",
    "list_datasources",
]
