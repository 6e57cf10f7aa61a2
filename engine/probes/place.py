"""Where something is reached and how, and what a probe may use to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.http.lag import LagSampler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from engine.http import AddressPolicy, HttpClient


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where one thing is and how to get in: every secret in the open, for one check only.

    Attributes:
        technology: The name of its technology, such as `postgresql`.
        url: Its connection string or base URL, which may hold a password.
        host: Its host name or address.
        port: Its port; None is the technology's own.
        username: Whom to say one is.
        password: The password.
        database: What to open there: a database, bucket, collection, path or virtual host.
        auth_type: How to prove who one is, where a technology knows several ways.
        api_key: The key or token.
        oauth: Client id, client secret, token URL and whatever else the grant needs.
        tls: Whether to speak TLS.
        tls_verify: Whether the other side's certificate must be valid.
        tls_ca: A file of authorities (PEM) that are trusted as well.
        options: The technology's own fields, by the names that it declares.
    """

    technology: str
    url: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    auth_type: str | None = None
    api_key: str | None = field(default=None, repr=False)
    oauth: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: bool = False
    tls_verify: bool = True
    tls_ca: str | None = None
    options: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not come back in a message, the longest first."""
        from engine.probes.known_secrets import known_secrets

        return known_secrets(self)

    def option(self, name: str, default: str = "") -> str:
        """Return one of the technology's own fields as text."""
        value = self.options.get(name)
        return default if value in {None, ""} else str(value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What every probe of one process shares.

    Attributes:
        client: The one way out over HTTP.
        policy: Which addresses may be connected to, for what does not speak HTTP.
        resolve: Looks a name up without holding up anything.
        now: The time, aware.
        ca_file: Authorities (PEM) that are trusted beside the public ones.
        allow_commands: Programs that may be started for a check; None allows any.
        lag: Notes how late this process's event loop runs.
    """

    client: HttpClient
    policy: AddressPolicy
    resolve: Callable[[str], Awaitable[tuple[str, ...]]]
    now: Callable[[], datetime]
    ca_file: str | None = None
    allow_commands: frozenset[str] | None = None
    lag: LagSampler = field(default_factory=LagSampler, repr=False, compare=False)
