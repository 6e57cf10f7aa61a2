"""Backends that other distributions bring, by the entry point `lampboard.credentials`."""

from __future__ import annotations

import re
from functools import cache

from engine.credentials.backends.base import CredentialBackend
from engine.plugins import Brought, UnfitPluginError, brought

GROUP = "lampboard.credentials"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,31}")
# A connection string of theirs would else be taken for a reference, and kept as it is typed.
_TAKEN = frozenset(
    {
        *("encrypted", "env", "file", "keyring", "vault"),
        *("http", "https", "ftp", "sftp", "s3", "gs", "gcs", "az", "abfs", "abfss", "memory"),
        *("sqlite", "duckdb", "postgres", "postgresql", "mysql", "mariadb", "mssql", "oracle"),
        *("mongodb", "mongodb+srv", "redis", "rediss", "nats", "tls", "amqp", "amqps"),
        *("mqtt", "mqtts", "kafka", "ws", "wss", "grpc", "grpcs"),
    }
)


@cache
def backends() -> Brought[CredentialBackend]:
    """Return what was brought by scheme, and why others were passed over by entry point's name."""
    found = brought(GROUP, _taken)
    by_scheme: Brought[CredentialBackend] = Brought(broken=dict(found.broken))
    for name, backend in found.found.items():
        if backend.scheme in by_scheme.found:
            by_scheme.broken[name] = f"another one brings the scheme {backend.scheme} already"
        else:
            by_scheme.found[backend.scheme] = backend
    return by_scheme


def schemes() -> frozenset[str]:
    """Return the schemes that were brought."""
    return frozenset(backends().found)


def _taken(name: str, loaded: object) -> CredentialBackend:
    """Keep what an entry point names: a backend, or a class or function that makes one.

    A class fulfils the protocol as much as its instances do, so it is told from them first.
    """
    made = loaded
    if isinstance(loaded, type) or not isinstance(loaded, CredentialBackend):
        if not callable(loaded):
            raise UnfitPluginError("it is neither a backend nor makes one")
        made = loaded()
    if not isinstance(made, CredentialBackend):
        raise UnfitPluginError("it has no `scheme` with a `get(path)`")
    if not _SCHEME.fullmatch(str(made.scheme)):
        raise UnfitPluginError("its scheme is not lower-case letters, digits and +-.")
    if made.scheme in _TAKEN:
        raise UnfitPluginError(f"the scheme {made.scheme} is in use already")
    del name
    return made
