"""What may be said of a connector: each value checked before it comes near the database.

A connector is reached as a source is, so those fields are checked as a source's are; what it has
besides is how it behaves.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engine.connectors.config import POLICY, ConnectorConfig, own_fields
from engine.connectors.loading import connector_types
from engine.connectors.model import ConnectorStatus, ConnectorType
from engine.errors import InvalidInput
from engine.probes.connection_string import parse_connection_string
from engine.probes.registry import get_technology, technologies, technology_of_scheme
from engine.probes.secret_names import is_secret_name
from engine.probes.words import MASK
from engine.sources.config import DataSourceConfig
from engine.sources.inputs import check_own_fields, clean_config, secret_options
from engine.sources.secrets import CONNECTION_STRING, is_reference, part

if TYPE_CHECKING:
    from engine.probes.technology import Technology
    from engine.sources.secrets import Parted

CHANGEABLE = (
    "name",
    "connector_type",
    "technology",
    "endpoint",
    "config",
    "description",
    "tags",
    "metadata",
    "owner_id",
    "interval_s",
)
# Which technologies a type is reached by, where the two have different words for it.
_TECHNOLOGY_TYPES: dict[str, str] = {ConnectorType.HTTP: "api", ConnectorType.SQL: "database"}
# The domain's words for a technology, in the config of these types.
_ALIASES: dict[str, str] = {
    ConnectorType.FILE: "storage_type",
    ConnectorType.SERVERLESS: "platform",
}
# What is meant where neither the technology nor the config tells.
_USUAL: dict[str, str] = {
    ConnectorType.HTTP: "rest",
    ConnectorType.FILE: "local",
    ConnectorType.SERVERLESS: "aws_lambda",
}
_REACH = tuple(item.name for item in fields(DataSourceConfig))
_HTTP = "connection_string"
# Other words for a credential, by the field in which it is kept.
_CREDENTIALS = {
    "username": "username",
    "user": "username",
    "password": "password",
    "api_key": "api_key",
    "token": "api_key",
    "key": "api_key",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A config in its two halves: where the other side is, and how the connector behaves."""

    technology: str
    reach: DataSourceConfig
    behaviour: dict[str, Any]

    def parted(self) -> Parted:
        """Return the reach without its secrets, and the secrets.

        Raises:
            InvalidInput: A value does not fit its technology.
        """
        check_own_fields(self.technology, self.reach)
        _refuse_half_an_allow_list(str(self.reach.options.get("allow") or ""))
        _refuse_secret_arguments(str(self.reach.options.get("arguments") or ""))
        return part(self.reach, secret_options(self.technology))


def clean_type(connector_type: object) -> str:
    """Return the type of connector.

    Raises:
        InvalidInput: There is none of that name.
    """
    known = connector_types()
    if isinstance(connector_type, str) and connector_type in known:
        return str(connector_type)
    raise InvalidInput(
        "There is no such type of connector.",
        hint="There are: " + ", ".join(known),
        field="connector_type",
    )


def clean_status(status: object) -> str:
    """Return the status.

    Raises:
        InvalidInput: There is none of that name.
    """
    if isinstance(status, str) and status in tuple(ConnectorStatus):
        return str(status)
    raise InvalidInput(
        "There is no such status.", hint="There are: " + ", ".join(ConnectorStatus), field="status"
    )


def clean_said(
    connector_type: str,
    *,
    technology: str | None,
    endpoint: str | None,
    config: object,
    stored: tuple[DataSourceConfig, Mapping[str, Any]] | None = None,
) -> Said:
    """Return what is said of a config, each half checked.

    Args:
        connector_type: Which type of connector.
        technology: Which technology, if it is said.
        endpoint: Base URL or connection string; None is not said.
        config: Some fields of `ConnectorConfig` and of how sources are reached, by name.
        stored: What there is already in its two halves, secrets masked; what is not named stays.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    told = _by_name(connector_type, config)
    before, behaved = stored or (None, {})
    reach = {name: told[name] for name in _REACH if name in told and name != "max_retries"}
    if endpoint is not None:
        reach[_HTTP] = endpoint
    cleaned = clean_config(_with_credentials(reach, told.get("credentials")), before)
    named = technology or told.get(_ALIASES.get(connector_type, ""))
    return Said(
        technology=technology_for(connector_type, named, cleaned),
        reach=cleaned,
        behaviour=_behaviour(connector_type, {**behaved, **told}),
    )


def technologies_of(connector_type: str) -> tuple[Technology, ...]:
    """Return the technologies that connectors of a type may speak to; a custom one to any."""
    return technologies(_TECHNOLOGY_TYPES.get(connector_type, connector_type)) or technologies()


def technology_for(connector_type: str, technology: object, reach: DataSourceConfig) -> str:
    """Return the technology that is named, else the one that type and config tell of.

    Raises:
        InvalidInput: There is no such technology, it is of another type, or nothing tells it.
    """
    kind = _TECHNOLOGY_TYPES.get(connector_type, connector_type)
    own = technologies(kind)
    if isinstance(technology, str) and technology:
        found = get_technology(technology)
        if own and found not in own:
            raise _not_of(connector_type, found.title, kind)
        return found.name
    told = _told(reach, kind)
    if told is None and len(own) == 1:
        told = own[0].name
    if told is None and (usual := _USUAL.get(connector_type)) in {one.name for one in own}:
        told = usual
    if told is None:
        raise InvalidInput(
            "It is not said which technology this connector speaks to.",
            hint="Say one of: " + ", ".join(one.name for one in own or technologies()) + ".",
            field="technology",
        )
    return told


def refuse_unknown(changes: Mapping[str, object]) -> None:
    """Raise InvalidInput when `changes` has a key that no connector has."""
    for name in changes:
        if name not in CHANGEABLE:
            raise InvalidInput(
                "A connector has no such field that could be changed.",
                hint="Its fields: " + ", ".join(CHANGEABLE),
                field=str(name)[:40],
            )


def _by_name(connector_type: str, config: object) -> dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, ConnectorConfig):
        names = (item.name for item in fields(config))
        said = {name: getattr(config, name) for name in names}
        if said["endpoint"] is not None:
            said[_HTTP] = said["endpoint"]
        del said["endpoint"]
        return said
    if not isinstance(config, Mapping):
        raise InvalidInput("The config must be names with values.", field="config")
    known = {*_REACH, *POLICY, *own_fields(connector_type), "credentials"}
    for name in config:
        if name not in known:
            raise InvalidInput(
                "The config has a field that no connector of this type has.",
                hint="Its fields: " + ", ".join(sorted(known)),
                field=str(name)[:40],
            )
    return dict(config)


def _with_credentials(reach: dict[str, Any], credentials: object) -> dict[str, Any]:
    """Put the entries of `credentials` where each is kept; the others are OAuth's."""
    if not credentials:
        return reach
    if not isinstance(credentials, Mapping):
        raise InvalidInput("The credentials must be names with values.", field="credentials")
    oauth = dict(reach.get("oauth_config") or {})
    for name, value in credentials.items():
        if (known := _CREDENTIALS.get(str(name))) is not None:
            reach[known] = value
        else:
            oauth[str(name)] = value
    return {**reach, "oauth_config": oauth} if oauth else reach


def _behaviour(connector_type: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return how it behaves, as far as that differs from the defaults."""
    # pydantic must not be paid for by those who only read.
    from engine.connectors.shapes import PolicyFields
    from engine.shapes import checked

    known = PolicyFields.model_fields.keys() & {*POLICY, *own_fields(connector_type)}
    given = {name: told[name] for name in known if told.get(name) is not None}
    clean = checked(PolicyFields, given)
    defaults = PolicyFields()
    return {
        name: getattr(clean, name)
        for name in sorted(given)
        if getattr(clean, name) != getattr(defaults, name)
    }


def _refuse_half_an_allow_list(text: str) -> None:
    """Refuse what would silently allow less than somebody meant."""
    from engine.connectors.allowed import AllowList

    if not AllowList.is_readable(text):
        raise InvalidInput(
            "The allow list has something in it that is neither a method nor a path.",
            hint="Such as: GET /v1/users POST,PUT /v1/items/*",
            field="allow",
        )


def _refuse_secret_arguments(text: str) -> None:
    """Refuse a command's arguments with a secret in them: lists of processes show them."""
    try:
        words = shlex.split(text)
    except ValueError:  # a quote that is not closed, of which the check will tell
        words = text.split()
    for word, following in pairwise([*words, "-"]):
        name, equals, value = word.lstrip("-").partition("=")
        told = value if equals else not following.startswith("-")
        if word.startswith("-") and told and is_secret_name(name):
            raise InvalidInput(
                "The arguments have a secret in them, and everybody on the machine sees them.",
                hint="Give it as the token, and name the variable that the command reads it from.",
                field="arguments",
            )


def _told(reach: DataSourceConfig, kind: str) -> str | None:
    """Return the technology that the config tells of by itself."""
    if reach.options.get("command"):
        return "mcp_stdio"
    string = reach.connection_string
    if not string or string == MASK or is_reference(string, CONNECTION_STRING):
        ports = [one for one in technologies(kind) if reach.port and one.default_port == reach.port]
        return ports[0].name if len(ports) == 1 else None
    scheme = parse_connection_string(string).scheme
    if kind == "mcp" and scheme in {"http", "https"}:
        return "mcp_http"
    found = technology_of_scheme(scheme)
    return found.name if found is not None and kind in {found.type, "custom"} else None


def _not_of(connector_type: str, title: str, kind: str) -> InvalidInput:
    return InvalidInput(
        f"A connector of type {connector_type} does not speak to {title}.",
        hint="Choose one of: " + ", ".join(one.name for one in technologies(kind)) + ".",
        field="technology",
    )
