"""The connector classes by type: the house's own, and those of other distributions.

An entry point of the group `lampboard.connectors` names a class; the entry point's name is the
type. One that cannot be loaded, or that takes a type that is taken, is passed over and told by
`broken_connectors()`.
"""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast

from engine.connectors.model import ConnectorType, capabilities_of, in_order
from engine.errors import InvalidInput

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
_broken: dict[str, str] = {}


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
    _others()
    return dict(_broken)


@cache
def _others() -> dict[str, ConnectorClass]:
    found: dict[str, ConnectorClass] = {}
    for point in entry_points(group=GROUP):
        try:
            loaded = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code must not take the board down
            _broken[point.name] = f"it cannot be loaded ({type(error).__name__})"
            continue
        if point.name in _HOUSE or point.name in found:
            _broken[point.name] = f"the type {point.name} is taken"
        elif not all(callable(getattr(loaded, name, None)) for name in _PROTOCOL):
            _broken[point.name] = "it is not a connector class"
        else:
            found[point.name] = loaded
    return found
