"""The words of a connector: its types, its statuses, and what it can do."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ConnectorType(StrEnum):
    """Types of connectors; entry points of `lampboard.connectors` may add others."""

    HTTP = "http"
    SQL = "sql"
    MCP = "mcp"
    VECTOR = "vector"
    FILE = "file"
    SERVERLESS = "serverless"
    STREAM = "stream"
    CUSTOM = "custom"


class ConnectorStatus(StrEnum):
    """Status of a connector; lifecycle.py has the steps between them."""

    REGISTERED = "registered"
    CONFIGURING = "configuring"
    READY = "ready"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    ERROR = "error"
    DEPRECATED = "deprecated"


class ConnectorCapability(StrEnum):
    """What a connector can do."""

    READ = "read"
    WRITE = "write"
    QUERY = "query"
    STREAM = "stream"
    BATCH = "batch"
    TRANSACTION = "transaction"
    SEARCH = "search"
    VECTOR_SEARCH = "vector_search"


_C = ConnectorCapability
_BY_TYPE: dict[str, tuple[ConnectorCapability, ...]] = {
    ConnectorType.HTTP: (_C.READ, _C.WRITE, _C.QUERY),
    ConnectorType.SQL: (_C.READ, _C.WRITE, _C.QUERY, _C.TRANSACTION),
    ConnectorType.MCP: (_C.READ, _C.WRITE, _C.QUERY),
    ConnectorType.VECTOR: (_C.READ, _C.WRITE, _C.VECTOR_SEARCH),
    ConnectorType.FILE: (_C.READ, _C.WRITE),
    ConnectorType.SERVERLESS: (_C.QUERY,),
    ConnectorType.STREAM: (_C.READ, _C.STREAM),
}


def capabilities_of(type: str) -> tuple[ConnectorCapability, ...]:  # noqa: A002 - the field's word
    """Return what connectors of a type can do, in the order of the declaration."""
    return _BY_TYPE.get(type, (_C.READ,))


def in_order(capabilities: Iterable[str]) -> tuple[str, ...]:
    """Return capabilities as words, each once, in the order in which they are declared."""
    wanted = set(capabilities)
    return tuple(str(one) for one in ConnectorCapability if one in wanted)
