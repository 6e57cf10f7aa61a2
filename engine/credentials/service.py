"""The credentials of one tenant, for whatever needs a secret."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from engine.credentials.references import parse_reference
from engine.credentials.types import Credential

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials.sealed import SealedCredentials
    from engine.credentials.store import CredentialStore
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
        reference = str(parse_reference(credential_ref))

        def work(connection: Connection) -> tuple[SealedCredentials, datetime | None]:
            from engine.credentials.listing import expiry_of
            from storage.references import ReferencesDriver

            sealed = self._store.sealed(connection, [(self._tenant_id, reference)])
            row = ReferencesDriver(connection).get(self._tenant_id, reference)
            return sealed, None if row is None else expiry_of(row)

        sealed, expires_at = await self._hop.read(work)
        async with self._fetched(sealed) as open_secret:
            found = open_secret(reference)
        return Credential(value=found.value, expires_at=expires_at or found.expires_at)

    @asynccontextmanager
    async def opened(self, references: Iterable[str]) -> AsyncIterator[Callable[[str], Credential]]:
        """Give what opens each of these references; see `SealedCredentials.open`.

        They are read by themselves: keys are loaded before anything else is seen of the database.
        """
        wanted = [(self._tenant_id, reference) for reference in references]
        sealed = await self._hop.read(partial(self._store.sealed, wanted=wanted))
        async with self._fetched(sealed) as open_secret:
            yield open_secret

    @asynccontextmanager
    async def _fetched(
        self, sealed: SealedCredentials
    ) -> AsyncIterator[Callable[[str], Credential]]:
        """Give what opens secrets once all are there; who asked is written down afterwards."""
        try:
            await sealed.fetch()
            yield partial(sealed.open, self._tenant_id)
        finally:
            self._store.accesses.write_soon(self._hop)
