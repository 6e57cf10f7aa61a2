"""Credentials: references that may be shown, and secrets that are opened at the point of use.

A thing holds a reference (`encrypted://…`, `env://…`, `keyring://…`, `vault://…`, `file://…`).
The secret behind it is decrypted, looked up or asked for when a request needs it, and appears
nowhere else. Importing this package is cheap; the cipher is loaded with the first secret.
"""

from __future__ import annotations

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
