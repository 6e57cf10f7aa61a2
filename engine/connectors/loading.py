"""The connector classes by type: the house's own, and those of other distributions.

An entry point of the group `lampboard.connectors` names a class; the entry point's name is the
type. One that cannot be loaded, or that takes a type that is taken, is passed over and told by
`broken_connectors()`.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from engine.connectors.model import ConnectorType, capabilities_of, in_order
from engine.errors import InvalidInput
from engine.plugins import Brought, UnfitPluginError, brought

if TYPE_CHECKING:
    from engine.connectors.base import Connector
    from engine.connectors.config import ConnectorConfig
    from engine.connectors.model import ConnectorCapability
    from engine.probes.place import Place, Tools

    class ConnectorClass(Protocol):
        """What makes a connector."""

        def __call__(
            self,
            place: Place,
            config: ConnectorConfig,
            tools: Tools,
            *,
            offered: frozenset[ConnectorCapability] | None = None,
        ) -> Connector:
            """Make a connector; nothing is connected yet."""
            ...


GROUP = "lampboard.connectors"
_HOUSE = {
    ConnectorType.HTTP: "engine.connectors.http:HttpConnector",
    ConnectorType.SQL: "engine.connectors.sql.connector:SqlConnector",
    ConnectorType.MCP: "engine.connectors.mcp:McpConnector",
    ConnectorType.VECTOR: "engine.connectors.vector.connector:VectorConnector",
    ConnectorType.FILE: "engine.connectors.files.connector:FileConnector",
    ConnectorType.SERVERLESS: "engine.connectors.serverless:ServerlessConnector",
    ConnectorType.STREAM: "engine.connectors.stream.connector:StreamConnector",
    ConnectorType.CUSTOM: "engine.connectors.custom:CustomConnector",
}
_PROTOCOL = ("connect", "check", "capabilities", "close")


def connector_types() -> tuple[str, ...]:
    """Return all types, the house's own first."""
    return (*(str(one) for one in _HOUSE), *_others())


def connector_class(connector_type: str) -> ConnectorClass:
    """Return the class of a type.

    Raises:
        InvalidInput: There is none.
    """
    if connector_type in _HOUSE:
        module, _, name = _HOUSE[ConnectorType(connector_type)].partition(":")
        return cast("ConnectorClass", getattr(importlib.import_module(module), name))
    if connector_type in _others():
        return _others()[connector_type]
    raise InvalidInput(
        "There is no such type of connector here.",
        hint="Install the distribution that brings it, or choose another type.",
        field="connector_type",
    )


def promised_by(connector_type: str) -> tuple[str, ...]:
    """Return what connectors of a type can do, in order; another distribution's class says it."""
    said = None if connector_type in _HOUSE else _others().get(connector_type)
    return in_order(getattr(said, "CAPABILITIES", None) or capabilities_of(connector_type))


def broken_connectors() -> dict[str, str]:
    """Return the entry points that could not be used, each with its reason."""
    return dict(_brought().broken)


def _others() -> dict[str, ConnectorClass]:
    return _brought().found


@cache
def _brought() -> Brought[ConnectorClass]:
    taken = set(map(str, _HOUSE))

    def take(name: str, loaded: object) -> ConnectorClass:
        if name in taken:
            raise UnfitPluginError(f"the type {name} is taken")
        if not all(callable(getattr(loaded, one, None)) for one in _PROTOCOL):
            raise UnfitPluginError("it is not a connector class")
        taken.add(name)
        return cast("ConnectorClass", loaded)

    return brought(GROUP, take)
