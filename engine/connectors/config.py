"""How a connector behaves and what bounds it: the part of its config that names no place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from engine.probes.secret_names import is_secret_name
from engine.probes.words import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_MAX_BYTES = 5 * 1024 * 1024
DEFAULT_MAX_ROWS = 1000


@dataclass(frozen=True, kw_only=True, repr=False)
class ConnectorConfig:
    """Configuration for a connector.

    Attributes:
        endpoint: Base URL or connection string, without any secret.
        timeout_seconds: Seconds for one operation, with everything that it takes.
        max_retries: How often an operation that changes nothing is tried again after a fault
            that may pass.
        retry_delay_seconds: Seconds between two tries.
        auth_type: How to prove who one is, where a technology knows several ways.
        credentials: User, password, key and the like; `***` where a secret is stored.
        rate_limit_enabled: Whether operations are counted against a limit.
        rate_limit_requests: Operations in one window.
        rate_limit_window_seconds: Seconds of a window.
        options: The technology's own fields.
        max_bytes: The most bytes that one operation brings back, or writes.
        max_rows: The most rows, entries or messages that one operation brings back.
    """

    endpoint: str | None = None
    timeout_seconds: int = 30
    max_retries: int = 3
    retry_delay_seconds: float = 1
    auth_type: str | None = None
    credentials: dict[str, Any] = field(default_factory=dict)
    rate_limit_enabled: bool = False
    rate_limit_requests: int = 100
    rate_limit_window_seconds: int = 60
    options: dict[str, Any] = field(default_factory=dict)
    max_bytes: int = DEFAULT_MAX_BYTES
    max_rows: int = DEFAULT_MAX_ROWS

    def to_dict(self, include_secrets: bool = False) -> dict[str, Any]:
        """Return the fields as JSON-ready values; secrets as `***` unless they are asked for."""
        told = asdict(self)
        if not include_secrets:
            told["credentials"] = {
                name: value if name == "username" else MASK
                for name, value in self.credentials.items()
            }
            told["options"] = {
                name: MASK if value and is_secret_name(name) else value
                for name, value in self.options.items()
            }
        return told

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.to_dict().items())
        return f"{type(self).__name__}({said})"


@dataclass(frozen=True, kw_only=True, repr=False)
class VectorConnectorConfig(ConnectorConfig):
    """Configuration for a vector connector: the length of its vectors, and what is near."""

    vector_dimension: int = 1536
    distance_metric: str = "cosine"


@dataclass(frozen=True, kw_only=True, repr=False)
class FileConnectorConfig(ConnectorConfig):
    """Configuration for a file connector: which store, and the root that is never left."""

    storage_type: str = "local"
    base_path: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class ServerlessConnectorConfig(ConnectorConfig):
    """Configuration for a serverless connector: whose functions, and where they run."""

    platform: str = "aws_lambda"
    region: str = "us-east-1"


CONFIGS: Mapping[str, type[ConnectorConfig]] = {
    "vector": VectorConnectorConfig,
    "file": FileConnectorConfig,
    "serverless": ServerlessConnectorConfig,
}
POLICY = tuple(
    item.name
    for item in fields(ConnectorConfig)
    if item.name not in {"endpoint", "auth_type", "credentials", "options"}
)
"""Fields that say how every connector behaves; the others say where it is and how to get in."""


def config_class(type: str) -> type[ConnectorConfig]:  # noqa: A002 - the field's word
    """Return the class of the configs of a type."""
    return CONFIGS.get(type, ConnectorConfig)


def own_fields(type: str) -> tuple[str, ...]:  # noqa: A002 - the field's word
    """Return the fields that only this type's config has."""
    known = {item.name for item in fields(ConnectorConfig)}
    return tuple(item.name for item in fields(config_class(type)) if item.name not in known)


def behaviour(type: str, config: Mapping[str, Any]) -> ConnectorConfig:  # noqa: A002
    """Return the config object of what is stored; places and secrets are not in it."""
    names = {*POLICY, *own_fields(type), "auth_type", "options"}
    told = {name: value for name, value in config.items() if name in names}
    return config_class(type)(**told)
