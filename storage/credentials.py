"""The driver of credentials (signatures first)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialRow:
    """An encrypted secret: only the engine's vault can open it."""

    id: str
    tenant_id: str
    label: str
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    key_id: str
    created_at: datetime
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialUserRow:
    """A thing that points to a credential."""

    kind: str
    id: str
    name: str


class CredentialsDriver:
    """Signatures; see each."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def put(self, row: CredentialRow) -> None:
        raise NotImplementedError

    def get(self, tenant_id: str, credential_id: str) -> CredentialRow | None:
        raise NotImplementedError

    def list(self, tenant_id: str | None, *, after_id: str = "", limit: int = 100) -> tuple[CredentialRow, ...]:
        raise NotImplementedError

    def replace(self, tenant_id: str, credential_id: str, *, nonce: bytes, ciphertext: bytes, key_id: str, updated_at: datetime) -> bool:
        raise NotImplementedError

    def delete(self, tenant_id: str, credential_id: str) -> bool:
        raise NotImplementedError

    def used_by(self, tenant_id: str, credential_ref: str) -> tuple[CredentialUserRow, ...]:
        """The things whose credential_ref is exactly this text."""
        raise NotImplementedError

    def any_stored(self) -> bool:
        raise NotImplementedError
