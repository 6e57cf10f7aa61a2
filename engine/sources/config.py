"""How a data source is reached, as callers say it and as it is shown to them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from engine.jsonable import jsonable
from engine.probes.secret_names import is_secret_name
from engine.probes.words import MASK

SECRET_FIELDS = ("connection_string", "password", "api_key")
"""Fields that are masked whole; each value of `oauth_config` is, too."""


@dataclass(frozen=True, repr=False)
class DataSourceConfig:
    """Configuration for a data source.

    A config that was read from a registry or facade has `***` where a secret is stored, and its
    connection string with the password masked; to write a mask back keeps what is stored. Where a
    secret is written, `encrypted://<id>` or `env://<NAME>` points to one instead.

    Attributes:
        connection_string: The whole of it in one text, or a base URL; it goes before the others.
        host: Host name or address.
        port: From 1 to 65,535; None is the technology's own.
        username: Whom to say one is.
        password: The password.
        database: The database, bucket, folder, collection or virtual host.
        auth_type: How to prove who one is, where a technology knows several ways.
        api_key: The key or token.
        oauth_config: Client id, client secret, token URL and the like, all stored as secrets.
        pool_size: Connections at a time.
        pool_timeout: Seconds to wait for one of them.
        max_retries: How often to try again.
        ssl_enabled: Whether the connection is encrypted.
        ssl_verify: Whether the other side's certificate must be valid.
        ssl_cert_path: A file of authorities (PEM) that are trusted as well.
        options: The technology's own fields.
    """

    connection_string: str | None = None
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = None
    database: str | None = None
    auth_type: str | None = None
    api_key: str | None = None
    oauth_config: dict[str, Any] | None = None
    pool_size: int = 5
    pool_timeout: int = 30
    max_retries: int = 3
    ssl_enabled: bool = False
    ssl_verify: bool = True
    ssl_cert_path: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def to_dict(self, include_secrets: bool = False) -> dict[str, Any]:
        """Return the fields as JSON-ready values; secrets as `***` unless they are asked for."""
        told: dict[str, Any] = {spec.name: getattr(self, spec.name) for spec in fields(self)}
        if not include_secrets:
            told |= {name: MASK for name in SECRET_FIELDS if told[name]}
            if self.oauth_config:
                told["oauth_config"] = dict.fromkeys(self.oauth_config, MASK)
            told["options"] = {name: _masked(name, value) for name, value in self.options.items()}
        result: dict[str, Any] = jsonable(told)
        return result

    def get_connection_url(self) -> str | None:
        """Return the connection string, else `user:password@host:port/database`.

        What is missing is left out; without a host there is nothing to return. The password is
        in the open where the config has it in the open.
        """
        if self.connection_string:
            return self.connection_string
        if not self.host:
            return None
        login = ":".join(part for part in (self.username, self.password) if part)
        host = f"[{self.host}]" if ":" in self.host else self.host
        at, port = f"{login}@" if login else "", f":{self.port}" if self.port else ""
        return f"{at}{host}{port}" + (f"/{self.database}" if self.database else "")

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.to_dict().items() if value)
        return f"DataSourceConfig({said})"


def _masked(name: str, value: object) -> object:
    return MASK if value and is_secret_name(name) else value
