"""Credentials: references that may be shown, and secrets that are opened at the point of use.

A thing holds a reference (`encrypted://…`, `env://…`, `keyring://…`, `vault://…`, `file://…`).
The secret behind it is decrypted, looked up or asked for when a request needs it, and appears
nowhere else. Importing this package costs nothing; the cipher is loaded with the first secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lazily import at_first_use

if TYPE_CHECKING:
    from engine.credentials.backends import CredentialBackend
    from engine.credentials.cipher import Cipher, Sealed
    from engine.credentials.facade import CredentialsFacade, get_credentials_facade
    from engine.credentials.keysource import MasterKeySource
    from engine.credentials.masterkey import MasterKey
    from engine.credentials.protocol import CredentialService
    from engine.credentials.references import (
        EncryptedReference,
        EnvironmentReference,
        ExternalReference,
        parse_reference,
    )
    from engine.credentials.service import WorkspaceCredentials
    from engine.credentials.store import CredentialStore
    from engine.credentials.types import Credential

__all__ = [
    "Cipher",
    "Credential",
    "CredentialBackend",
    "CredentialService",
    "CredentialStore",
    "CredentialsFacade",
    "EncryptedReference",
    "EnvironmentReference",
    "ExternalReference",
    "MasterKey",
    "MasterKeySource",
    "Sealed",
    "WorkspaceCredentials",
    "get_credentials_facade",
    "parse_reference",
]

# Where the key is looked for is asked before the first frame, and needs next to nothing.
__getattr__ = at_first_use(
    __name__,
    {
        "Cipher": "cipher",
        "Credential": "types",
        "CredentialBackend": "backends",
        "CredentialService": "protocol",
        "CredentialStore": "store",
        "CredentialsFacade": "facade",
        "EncryptedReference": "references",
        "EnvironmentReference": "references",
        "ExternalReference": "references",
        "MasterKey": "masterkey",
        "MasterKeySource": "keysource",
        "Sealed": "cipher",
        "WorkspaceCredentials": "service",
        "get_credentials_facade": "facade",
        "parse_reference": "references",
    },
)
