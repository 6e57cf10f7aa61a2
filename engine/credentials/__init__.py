"""Credentials: references that may be shown, and secrets that are opened at the point of use.

A thing holds a reference (`encrypted://…`, `env://…`). The secret behind it is decrypted or
looked up when a request needs it, and appears nowhere else. Importing this package is cheap;
the cipher is loaded with the first secret.
"""

from __future__ import annotations

from engine.credentials.facade import CredentialsFacade, get_credentials_facade
from engine.credentials.masterkey import MasterKey, MasterKeySource
from engine.credentials.protocol import CredentialService
from engine.credentials.references import (
    EncryptedReference,
    EnvironmentReference,
    parse_reference,
)
from engine.credentials.service import WorkspaceCredentials
from engine.credentials.store import CredentialDescription, CredentialStore
from engine.credentials.types import Credential
from engine.credentials.vault import Sealed, Vault

__all__ = [
    "Credential",
    "CredentialDescription",
    "CredentialService",
    "CredentialStore",
    "CredentialsFacade",
    "EncryptedReference",
    "EnvironmentReference",
    "MasterKey",
    "MasterKeySource",
    "Sealed",
    "Vault",
    "WorkspaceCredentials",
    "get_credentials_facade",
    "parse_reference",
]
