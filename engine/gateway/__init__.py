"""The gateway: registered, read-only, parameterised SQL for a tenant, under caps."""

from __future__ import annotations

from engine.gateway.errors import SqlGatewayError, SqlInjectionAttemptError, TemplateRefused
from engine.gateway.facade import GatewayFacade, get_gateway_facade
from engine.gateway.model import (
    DEFAULT_MAX_RESULT_BYTES,
    DEFAULT_MAX_ROWS,
    DEFAULT_TIMEOUT_SECONDS,
    ParameterSpec,
    ParameterType,
    QueryTemplate,
    ResultColumn,
    SqlGatewayConfig,
    SqlQueryRequest,
    SqlQueryResult,
)
from engine.gateway.registry import TemplateRegistry
from engine.gateway.service import SqlGatewayService

__all__ = [
    "DEFAULT_MAX_RESULT_BYTES",
    "DEFAULT_MAX_ROWS",
    "DEFAULT_TIMEOUT_SECONDS",
    "GatewayFacade",
    "ParameterSpec",
    "ParameterType",
    "QueryTemplate",
    "ResultColumn",
    "SqlGatewayConfig",
    "SqlGatewayError",
    "SqlGatewayService",
    "SqlInjectionAttemptError",
    "SqlQueryRequest",
    "SqlQueryResult",
    "TemplateRefused",
    "TemplateRegistry",
    "get_gateway_facade",
]
