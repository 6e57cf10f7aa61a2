"""Where a stored connector leads: its place for a check, its behaviour, and one line for people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.connectors.config import POLICY, behaviour, own_fields
from engine.errors import InvalidInput
from engine.probes.words import MASK
from engine.sources.checking import place_of
from engine.sources.config import DataSourceConfig
from engine.sources.rows import where as where_of
from engine.sources.secrets import join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.connectors.config import ConnectorConfig
    from engine.probes.place import Place

_COMMAND = "command"
# Fields of a connector's own that its technology knows as an option.
_OPTIONS = ("region",)


def reach_of(
    connector_type: str, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> DataSourceConfig:
    """Return where and how to get in, with these values at the paths of the secrets."""
    behaved = {*POLICY, *own_fields(connector_type)}
    return join({name: v for name, v in config.items() if name not in behaved}, secrets)


def behaviour_of(connector_type: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return how it behaves, as far as that was said."""
    behaved = {*POLICY, *own_fields(connector_type)}
    return {name: value for name, value in config.items() if name in behaved}


def place_for(
    connector_type: str, technology: str, config: Mapping[str, Any], opened: Mapping[str, str]
) -> Place:
    """Return where it leads, its secrets in the open.

    Raises:
        InvalidInput: It is not said whole; `field` names what is missing.
    """
    reach = reach_of(connector_type, config, opened)
    settings = config_for(connector_type, config)
    options = {name: getattr(settings, name) for name in _OPTIONS if hasattr(settings, name)}
    place = place_of(technology, replace(reach, options={**options, **reach.options}))
    if technology == "mcp_stdio" and not place.option(_COMMAND):
        raise InvalidInput(
            "The command is missing, so the MCP server cannot be started.",
            hint="Name the program in the option `command`.",
            field=_COMMAND,
        )
    return place


def config_for(connector_type: str, config: Mapping[str, Any]) -> ConnectorConfig:
    """Return the config object of what is stored."""
    return behaviour(connector_type, config)


def shown(
    connector_type: str, config: Mapping[str, Any], secrets: Mapping[str, str]
) -> dict[str, Any]:
    """Return the config as it is shown: what was said, `***` for each secret."""
    masked = reach_of(connector_type, config, dict.fromkeys(secrets, MASK)).to_dict()
    plain = DataSourceConfig().to_dict()
    said = {name: value for name, value in masked.items() if value != plain[name]}
    if string := config.get("connection_string"):
        said["connection_string"] = string  # stored with its secrets masked already
    return said | behaviour_of(connector_type, config)


def endpoint_of(config: Mapping[str, Any]) -> str | None:
    """Return its base URL, connection string or command, without any secret."""
    string = config.get("connection_string")
    command = (config.get("options") or {}).get(_COMMAND)
    found = string or command or where_of(config)
    return str(found) if found else None


def where(config: Mapping[str, Any]) -> str:
    """Return one line that says where it is; never a secret."""
    return where_of(config) or str((config.get("options") or {}).get(_COMMAND) or "")
