"""Whom a check trusts: the TLS context that a place asks for."""

from __future__ import annotations

import atexit
import ssl
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from engine.probes.place import Place


def has_own_trust(place: Place) -> bool:
    """Tell whether a place differs in whom it trusts from what the process trusts."""
    return bool(place.tls_ca) or not place.tls_verify


def trust_of(place: Place, ca_file: str | None = None) -> ssl.SSLContext:
    """Return the context with which to speak TLS to a place; it is shared, so never change it.

    Args:
        place: Whether to verify, and the authorities of its own.
        ca_file: Those of the process, where the place names none.

    Raises:
        Refused: The file of authorities cannot be used; nothing was sent.
    """
    if not place.tls_verify:
        return _unverified()
    path = place.tls_ca or ca_file
    try:
        return _verified(path, _changed_at(path) if path else 0)
    except (InvalidInput, OSError):
        raise Refused(
            "invalid_request",
            f"The CA file {path} cannot be used.",
            "Name a PEM file with certificates that this process may read.",
        ) from None


@lru_cache(maxsize=32)
def _verified(path: str | None, changed_at: int) -> ssl.SSLContext:
    """Make a context once for each state of the file: the bundle takes 20 to 80 ms to load."""
    from engine.http.tls import make_context

    del changed_at
    return make_context(path)


@lru_cache(maxsize=1)
def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def trust_file_of(place: Place, ca_file: str | None = None) -> str:
    """Return a file (PEM) of everybody a place trusts: the public authorities and its own.

    Args:
        place: The authorities of its own; they were found usable.
        ca_file: Those of the process, where the place names none.
    """
    import certifi

    path = place.tls_ca or ca_file
    return joined_with(path) if path else certifi.where()


def joined_with(path: str) -> str:
    """Return a file (PEM) of the public authorities and those of another file.

    Raises:
        OSError: It cannot be read.
    """
    joined = _joined(path, _changed_at(path))
    if not Path(joined).exists():  # something tidied the temporary files up
        _joined.cache_clear()
        joined = _joined(path, _changed_at(path))
    return joined


@lru_cache(maxsize=32)
def _joined(path: str, changed_at: int) -> str:
    """Write both files' certificates, which are no secret, into one; it goes with the process."""
    import certifi

    del changed_at
    with NamedTemporaryFile(prefix="lampboard-ca-", suffix=".pem", delete=False) as file:
        for each in (certifi.where(), path):
            file.write(Path(each).read_bytes() + b"\n")
    atexit.register(Path(file.name).unlink, missing_ok=True)
    return file.name


def _changed_at(path: str) -> int:
    return Path(path).stat().st_mtime_ns
