"""The only way in to credentials, for screens, the command line and callers in code.

No method returns a secret: what needs one resolves it at the point of use, through a
`CredentialService`.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from engine.credentials.listing import AsOf, order_by, select
from engine.credentials.results import CredentialTest
from engine.credentials.rotation import MasterKeys
from engine.credentials.service import WorkspaceCredentials
from engine.credentials.store import CredentialStore
from engine.errors import CredentialError, MasterKeyRefused
from engine.hop import default_facade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials.keeping import Keeper
    from engine.credentials.results import (
        CredentialDetail,
        CredentialsHeadline,
        CredentialSummary,
        RotationProgress,
    )
    from engine.credentials.sealed import SealedCredentials
    from engine.hop import Hop, Run
    from storage.filters import Term
    from storage.paging import Anchor, Key

    Newcomer = Callable[[Connection, Run, str], None]
    """Makes a tenant unless it is there; tenants are built on credentials, not the reverse."""

T = TypeVar("T")


class CredentialsFacade:
    """References of every kind: listed, stored, dated, tested, deleted; and the master keys.

    Every method takes the tenant's id and answers for what is another tenant's as for what is
    missing. Any may raise WorkspaceError, and those that change anything ReadOnlyRefused.

    Attributes:
        core: The synchronous core, for units of work that store a secret together with the thing
            that uses it.
        master: The master keys.
    """

    def __init__(
        self, hop: Hop, core: CredentialStore | None = None, newcomer: Newcomer | None = None
    ) -> None:
        self._hop = hop
        self._newcomer = newcomer
        self.core = core or CredentialStore.of(hop)
        self.master = MasterKeys(hop, self.core.keys)

    def of_tenant(self, tenant_id: str) -> WorkspaceCredentials:
        """Return the `CredentialService` of one tenant."""
        return WorkspaceCredentials(self._hop, self.core, tenant_id)

    async def page_references(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        sort: str = "state",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[CredentialSummary, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; for windowed tables.

        `tenant_id` None is all tenants. The worst comes first, unless told otherwise. A query
        takes words and fields: `kind:`, `state:`, `label:`, `used:yes`.

        Raises:
            InvalidInput: Limit or sort cannot be used.
        """
        chosen = select(tenant_id, self._as_of(), terms=terms, query=query)
        order = order_by(sort, descending=descending, limit=limit)
        return await self._hop.read(lambda connection: chosen.page(connection, order, anchor))

    async def count_references(
        self, tenant_id: str | None, *, terms: Sequence[Term] = (), query: str = ""
    ) -> int:
        """Return how many match."""
        chosen = select(tenant_id, self._as_of(), terms=terms, query=query)
        return await self._hop.read(chosen.count)

    async def headline(self, tenant_id: str | None) -> CredentialsHeadline:
        """Return how many references are in each state, and the next expiry.

        What is `expiring` or `expired` is to be warned of: expiry is told before it comes.
        """
        as_of = self._as_of()

        def work(connection: Connection) -> CredentialsHeadline:
            from engine.credentials import listing

            return listing.headline(connection, tenant_id, as_of)

        return await self._hop.read(work)

    async def get(self, tenant_id: str, credential_ref: str) -> CredentialDetail:
        """Return a reference with who uses it, and who asked for it in the last 30 days.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            NotFound: This tenant has none such.
        """
        as_of = self._as_of()

        def work(connection: Connection) -> CredentialDetail:
            from engine.credentials import listing
            from engine.credentials.references import parse_reference

            plain = str(parse_reference(credential_ref.strip()))
            return listing.detail(connection, tenant_id, plain, as_of)

        return await self._hop.read(work)

    async def store(
        self, tenant_id: str, secret: str, label: str = "", expires_at: datetime | None = None
    ) -> str:
        """Encrypt and keep a secret; return its reference. A tenant that is new is made.

        A JSON Web Token says itself when it expires, so nobody has to.

        Raises:
            InvalidInput: There is no secret, one too long to be one, or a label that is none.
            MasterKeyRefused: No safe master key; nothing was written.
        """
        await asyncio.to_thread(self.core.prepare)
        return await self._change(
            lambda keeper: keeper.store(tenant_id, secret, label, expires_at), newcomer=tenant_id
        )

    async def register(
        self,
        tenant_id: str,
        credential_ref: str,
        label: str = "",
        expires_at: datetime | None = None,
    ) -> str:
        """List a reference to a secret that is kept elsewhere; return its plain form.

        A tenant that is new is made.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            InvalidInput: It points to an encrypted secret, or the label is none.
        """
        return await self._change(
            lambda keeper: keeper.register(tenant_id, credential_ref, label, expires_at),
            newcomer=tenant_id,
        )

    async def replace(
        self,
        tenant_id: str,
        credential_ref: str,
        secret: str,
        expires_at: datetime | None = None,
    ) -> None:
        """Put another secret behind the same reference; what uses it is checked at once.

        What was said of the former secret's expiry is forgotten.

        Raises:
            NotFound: This tenant has no such encrypted credential.
            InvalidInput: The secret is kept elsewhere, or cannot be one.
        """
        await asyncio.to_thread(self.core.prepare)
        await self._change(
            lambda keeper: keeper.replace(tenant_id, credential_ref, secret, expires_at)
        )

    async def set_expiry(
        self,
        tenant_id: str,
        credential_ref: str,
        expires_at: datetime | None,
        label: str | None = None,
    ) -> None:
        """Say when a credential expires, None for what it tells itself; and what it is called.

        Raises:
            NotFound: This tenant has none such.
            InvalidInput: The time has no zone, or the label is none.
        """
        await self._change(
            lambda keeper: keeper.set_expiry(tenant_id, credential_ref, expires_at, label)
        )

    async def rename(self, tenant_id: str, credential_ref: str, label: str) -> None:
        """Say what people call a credential.

        Raises:
            NotFound: This tenant has none such.
            InvalidInput: The label is none.
        """
        await self._change(lambda keeper: keeper.rename(tenant_id, credential_ref, label))

    async def delete(self, tenant_id: str, credential_ref: str) -> None:
        """Remove a credential for good; of one that is kept elsewhere, only the reference.

        Raises:
            NotFound: This tenant has none such.
            CredentialInUse: Things point to it; the text names them.
        """
        await self._change(lambda keeper: keeper.delete(tenant_id, credential_ref))

    async def test(self, tenant_id: str, credential_ref: str) -> CredentialTest:
        """Ask for a secret now, and tell whether it is there; never anything else about it.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            NotFound: This tenant has none such.
        """

        def work(connection: Connection) -> tuple[str, SealedCredentials]:
            plain = self._keeper(connection).require(tenant_id, credential_ref)
            return plain, self.core.sealed(connection, [(tenant_id, plain)])

        reference, sealed = await self._hop.read(work)
        began = self._hop.clock.monotonic()
        await sealed.fetch()
        found, problem = None, None
        try:
            found = sealed.open(tenant_id, reference)
        except CredentialError as error:
            problem = error
        latency_ms = round((self._hop.clock.monotonic() - began) * 1000)
        if not isinstance(problem, MasterKeyRefused):  # else nothing was learnt of the secret
            await self._tested(tenant_id, reference, None if problem is None else problem.message)
        told = (await self.get(tenant_id, reference)).credential
        return CredentialTest(
            reference=reference,
            ok=problem is None,
            message="The secret is there." if problem is None else _sentences(problem),
            latency_ms=latency_ms,
            expires_at=told.expires_at or (found.expires_at if found else None),
        )

    async def end(self) -> None:
        """Write down who asked for which secret, as far as that was not yet."""
        await self.core.accesses.end(self._hop)

    async def rotate(
        self,
        new_key: bytes | None = None,
        on_progress: Callable[[RotationProgress], object] | None = None,
    ) -> RotationProgress:
        """Move every secret to another master key. See `MasterKeys.rotate`."""
        return await self.master.rotate(new_key, on_progress=on_progress)

    async def rotation(self) -> RotationProgress | None:
        """Return how far the last rotation of the master key is; None when there was none."""
        return await self.master.progress()

    async def _tested(self, tenant_id: str, reference: str, problem: str | None) -> None:
        if self._hop.settings.read_only:
            return
        at, rows = self._hop.clock.now(), self.core.accesses.take()

        def work(connection: Connection) -> None:
            from engine.credentials.accesses import write

            write(connection, rows, self._hop.origin)
            self._keeper(connection).tested(tenant_id, reference, at, problem)

        try:
            await self._hop.write(work)
        except BaseException:
            self.core.accesses.give_back(rows)
            raise

    async def _change(self, change: Callable[[Keeper], T], newcomer: str | None = None) -> T:
        """Run a change in a transaction that outlives a power cut; make its tenant if need be."""

        def work(connection: Connection) -> T:
            if newcomer is not None and self._newcomer is not None:
                self._newcomer(connection, self._hop, newcomer)
            return change(self._keeper(connection))

        return await self._hop.write(work, durable=True)

    def _keeper(self, connection: Connection) -> Keeper:
        from engine.credentials.keeping import Keeper

        return Keeper(connection, self._hop, self.core)

    def _as_of(self) -> AsOf:
        warning = timedelta(days=self._hop.settings.credential_warning_days)
        return AsOf(now=self._hop.clock.now(), warning=warning)


def _sentences(error: CredentialError) -> str:
    return f"{error.message} {error.hint}".strip()


def get_credentials_facade() -> CredentialsFacade:
    """Return the facade of the process's default workspace."""
    return cast("CredentialsFacade", default_facade("credentials"))
