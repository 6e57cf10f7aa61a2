"""A config parted into what may be stored and shown, and its secrets; and joined again.

A secret is known by its path: `password`, `oauth_config.client_secret`, `options.token`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from engine.credentials.references import FILE, is_scheme
from engine.probes.connection_string import parse_connection_string
from engine.probes.secret_names import is_secret_name
from engine.probes.words import MASK
from engine.sources.config import DataSourceConfig

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CONNECTION_STRING = "connection_string"
_PLAIN = tuple(
    (item.name, item.default)
    for item in fields(DataSourceConfig)
    if item.name not in {CONNECTION_STRING, "password", "api_key", "oauth_config", "options"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parted:
    """A config in two parts.

    Attributes:
        config: What is said beyond the defaults, without any secret.
        secrets: By path: a secret in the open, a reference to one, or `***` for what is stored.
    """

    config: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)


def part(config: DataSourceConfig, secret_options: Collection[str] = ()) -> Parted:
    """Part a config.

    Args:
        config: As a caller said it.
        secret_options: Options that are secrets although their names do not tell.

    Raises:
        InvalidInput: The connection string is none.
    """
    plain: dict[str, Any] = {
        name: value for name, default in _PLAIN if (value := getattr(config, name)) != default
    }
    secrets = {name: value for name in ("password", "api_key") if (value := getattr(config, name))}
    secrets |= {f"oauth_config.{name}": v for name, v in (config.oauth_config or {}).items() if v}
    hidden = {
        name: str(value)
        for name, value in config.options.items()
        if value and (name in secret_options or is_secret_name(name) or _is_secret(value))
    }
    secrets |= {f"options.{name}": value for name, value in hidden.items()}
    if shown := {name: v for name, v in config.options.items() if name not in hidden}:
        plain["options"] = shown
    if config.connection_string:
        _part_string(config.connection_string, plain, secrets)
    return Parted(config=plain, secrets=secrets)


def join(config: Mapping[str, Any], secrets: Mapping[str, str]) -> DataSourceConfig:
    """Return the config again, with these values at the paths of its secrets.

    A connection string whose value is `***` stays in its masked form.
    """
    told = dict(config)
    told["options"] = dict(told.get("options") or {})
    oauth: dict[str, str] = {}
    for path, value in secrets.items():
        name, _, inner = path.partition(".")
        if name == "options":
            told["options"][inner] = value
        elif name == "oauth_config":
            oauth[inner] = value
        elif name != CONNECTION_STRING or value != MASK:
            told[name] = value
        else:
            told.setdefault(name, MASK)
    return DataSourceConfig(**told, oauth_config=oauth or None)


def masked(config: Mapping[str, Any], secrets: Mapping[str, str]) -> DataSourceConfig:
    """Return the config as it is shown: `***` for each secret."""
    return join(config, dict.fromkeys(secrets, MASK))


def is_reference(value: str, path: str = "") -> bool:
    """Tell whether a value points to a secret instead of being one.

    Args:
        value: What was said.
        path: Of which secret: `file://` is where a connection string leads, and no reference.
    """
    kind, found, _ = value.partition("://")
    return bool(found) and is_scheme(kind) and not (kind == FILE and path == CONNECTION_STRING)


def references_of(parted: Parted) -> list[str]:
    """Return those of its secrets that point elsewhere."""
    return [value for path, value in parted.secrets.items() if is_reference(value, path)]


def _part_string(text: str, plain: dict[str, Any], secrets: dict[str, str]) -> None:
    if text == MASK or is_reference(text, CONNECTION_STRING):
        secrets[CONNECTION_STRING] = text
        return
    found = parse_connection_string(text)
    if not found.secret:
        plain[CONNECTION_STRING] = text.strip()
        return
    plain[CONNECTION_STRING] = found.masked
    # A masked form that comes back means the string that is stored.
    secrets[CONNECTION_STRING] = MASK if MASK in text else text.strip()


def _is_secret(value: object) -> bool:
    """Tell whether an option is a stored secret's mask, or a URL with a login, as of a proxy."""
    if value == MASK:
        return True
    if not isinstance(value, str) or "://" not in value or "@" not in value:
        return False
    return ":" in value.partition("://")[2].rpartition("@")[0]
