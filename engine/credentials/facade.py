"""The only way in to stored credentials, for screens, the command line and callers in code.

No method returns a secret: what needs one resolves it at the point of use, through a
`CredentialService`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from engine.credentials.masterkey import MasterKeySource
from engine.credentials.service import WorkspaceCredentials
from engine.credentials.store import CredentialDescription, CredentialStore
from engine.hop import default_facade

if TYPE_CHECKING:
    from engine.hop import Hop


class CredentialsFacade:
    """Stores, replaces, deletes and describes a tenant's secrets.

    Attributes:
        core: The synchronous core, for units of work that store a secret together with the thing
            that uses it.
    """

    def __init__(self, hop: Hop, core: CredentialStore | None = None) -> None:
        self._hop = hop
        self.core = core or CredentialStore(
            MasterKeySource.from_settings(hop.settings), clock=hop.clock, ids=hop.ids
        )

    def of_tenant(self, tenant_id: str) -> WorkspaceCredentials:
        """Return the `CredentialService` of one tenant."""
        return WorkspaceCredentials(self._hop, self.core, tenant_id)

    async def store(self, tenant_id: str, secret: str, label: str = "") -> str:
        """Encrypt and keep a secret; return its reference. See `CredentialStore.store`."""
        await asyncio.to_thread(self.core.prepare)
        return await self._hop.write(
            lambda connection: self.core.store(connection, tenant_id, secret, label), durable=True
        )

    async def replace(self, tenant_id: str, credential_ref: str, secret: str) -> None:
        """Put another secret behind the same reference. See `CredentialStore.replace`."""
        await asyncio.to_thread(self.core.prepare)
        await self._hop.write(
            lambda connection: self.core.replace(connection, tenant_id, credential_ref, secret),
            durable=True,
        )

    async def delete(self, tenant_id: str, credential_ref: str) -> None:
        """Remove a secret for good. See `CredentialStore.delete`."""
        await self._hop.write(
            lambda connection: self.core.delete(connection, tenant_id, credential_ref),
            durable=True,
        )

    async def describe(self, tenant_id: str, credential_ref: str) -> CredentialDescription:
        """Return everything but the secret. See `CredentialStore.describe`."""
        return await self._hop.read(
            lambda connection: self.core.describe(connection, tenant_id, credential_ref)
        )


def get_credentials_facade() -> CredentialsFacade:
    """Return the facade of the process's default workspace."""
    return cast("CredentialsFacade", default_facade("credentials"))
