"""The credentials of one tenant, for whatever needs a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.credentials.references import parse_reference

if TYPE_CHECKING:
    from engine.credentials.store import CredentialStore
    from engine.credentials.types import Credential
    from engine.hop import Hop


class WorkspaceCredentials:
    """A `CredentialService` over a workspace's database, for one tenant.

    It answers for another tenant's references as for missing ones.
    """

    def __init__(self, hop: Hop, store: CredentialStore, tenant_id: str) -> None:
        self._hop = hop
        self._store = store
        self._tenant_id = tenant_id

    async def get(self, credential_ref: str) -> Credential:
        """Return the credential behind the reference; see `CredentialService.get`."""
        parse_reference(credential_ref)
        return await self._hop.read(
            lambda connection: self._store.resolve(connection, self._tenant_id, credential_ref)
        )
