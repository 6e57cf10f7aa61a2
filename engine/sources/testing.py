"""Tests of sources on demand: of one, of a form, of many."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.order import MAX_LIMIT, Order
from engine.probes.registry import technologies
from engine.readiness import ready

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.credentials.sealed import SealedCredentials
    from engine.hop import Hop
    from engine.sources.drafts import CheckedThing, Checker, SourceDraft
    from engine.sources.engine import SourceEngine
    from engine.sources.results import SourceSummary, TestConnectionResult
    from engine.sources.secrets import Parted
    from engine.sources.selection import Selection

KIND = "source"
_NEEDED = ("engine.sources.engine", "engine.sources.rows", "engine.sources.shapes")


async def get_ready(credentials: CredentialStore | None = None) -> None:
    """Load what a change or a test needs: modules, ciphers for secrets, and the technologies.

    Raises:
        MasterKeyRefused: The master key that is there cannot be used.
    """
    await ready(_NEEDED, credentials, also=technologies)


class SourceTests:
    """What the facade's tests do; see there.

    Args:
        hop: The way to the database.
        engine: Makes the rules of sources on a connection.
        credentials: The synchronous core of credentials.
        checker: What checks for real.
    """

    def __init__(
        self,
        hop: Hop,
        engine: Callable[[Connection], SourceEngine],
        credentials: CredentialStore,
        checker: Checker,
    ) -> None:
        self._hop = hop
        self._engine = engine
        self._credentials = credentials
        self._checker = checker

    async def one(self, tenant_id: str, source_id: str, *, force: bool) -> TestConnectionResult:
        """Test a stored source and record the result."""
        from engine.sources import rows

        roles = self._hop.settings.roles
        return rows.tested(
            await self._checker.check(KIND, tenant_id, source_id, force=force, roles=roles)
        )

    async def draft(self, draft: SourceDraft) -> TestConnectionResult:
        """Test values of a form; nothing is stored or recorded."""
        from engine.sources import rows
        from engine.sources.checking import prepare_draft

        self._hop.require_writable()
        await get_ready()
        technology, parted, sealed = await self._hop.read(
            lambda connection: self._sealed(connection, draft)
        )
        await sealed.fetch()
        resolve = partial(sealed.open, draft.tenant_id)
        found = prepare_draft(draft, technology, parted, resolve)
        return rows.tested(await self._checker.check_ready(found))

    async def all(
        self,
        chosen: Selection,
        *,
        at_once: int | None,
        force: bool,
        tested: Callable[[str, TestConnectionResult], None] | None,
    ) -> list[tuple[SourceSummary, TestConnectionResult]]:
        """Test a tenant's sources that match and are in use."""
        from engine.sources import rows

        def told(thing: CheckedThing) -> None:
            if tested is not None:
                tested(thing.id, rows.tested(thing.checked))

        tenant_id = chosen.tenant_id or ""
        things = await self._checker.check_all(
            KIND,
            tenant_id,
            terms=chosen.terms,
            roles=chosen.roles,
            force=force,
            at_once=at_once,
            told=told,
        )
        # Without the terms: a test may have changed the very state that they name.
        everything = replace(chosen, terms=())
        after = await self._hop.read(partial(_by_id, everything))
        return [
            (after[thing.id], rows.tested(thing.checked)) for thing in things if thing.id in after
        ]

    def _sealed(
        self, connection: Connection, draft: SourceDraft
    ) -> tuple[str, Parted, SealedCredentials]:
        from engine.sources.secrets import references_of

        technology, parted = self._engine(connection).complete(draft)
        wanted = [(draft.tenant_id, reference) for reference in references_of(parted)]
        return technology, parted, self._credentials.sealed(connection, wanted)


def _by_id(chosen: Selection, connection: Connection) -> dict[str, SourceSummary]:
    """Return all that a selection has, by id, read page by page."""
    from storage import paging

    found: dict[str, SourceSummary] = {}
    order, anchor = Order(limit=MAX_LIMIT), paging.start()
    while True:
        page, keys = chosen.page(connection, order, anchor)
        found |= {item.id: item for item in page}
        if len(page) < MAX_LIMIT:
            return found
        anchor = paging.after(keys[-1])
