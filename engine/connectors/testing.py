"""Tests of connectors on demand: of one, of a form, of many."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.order import MAX_LIMIT, Order
from engine.readiness import ready

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from engine.connectors.drafts import ConnectorDraft
    from engine.connectors.engine import ConnectorEngine
    from engine.connectors.results import ConnectorInfo, TestResult
    from engine.connectors.selection import Selection
    from engine.credentials import CredentialStore
    from engine.credentials.sealed import SealedCredentials
    from engine.hop import Hop
    from engine.sources.drafts import CheckedThing, Checker
    from engine.sources.secrets import Parted

KIND = "connector"
NEEDED = ("engine.connectors.engine", "engine.connectors.rows", "engine.connectors.shapes")
"""What a change of a connector imports."""


class ConnectorTests:
    """What the facade's tests do; see there.

    Args:
        hop: The way to the database.
        engine: Makes the rules of connectors on a connection.
        credentials: The synchronous core of credentials.
        checker: What checks for real.
    """

    def __init__(
        self,
        hop: Hop,
        engine: Callable[[Connection], ConnectorEngine],
        credentials: CredentialStore,
        checker: Checker,
    ) -> None:
        self._hop = hop
        self._engine = engine
        self._credentials = credentials
        self._checker = checker

    async def one(self, tenant_id: str, connector_id: str, *, force: bool) -> TestResult:
        """Test a stored connector and record the result."""
        from engine.connectors import rows

        checked = await self._checker.check(KIND, tenant_id, connector_id, force=force)
        return rows.tested(connector_id, checked)

    async def draft(self, draft: ConnectorDraft) -> TestResult:
        """Test values of a form; nothing is stored or recorded."""
        from engine.connectors import rows
        from engine.connectors.checking import prepare_draft

        self._hop.require_writable()
        await ready(NEEDED)
        connector_type, technology, parted, sealed = await self._hop.read(
            lambda connection: self._sealed(connection, draft)
        )
        await sealed.fetch()
        found = prepare_draft(
            draft.tenant_id,
            connector_id=draft.connector_id,
            name=draft.name,
            type=connector_type,
            technology=technology,
            parted=parted,
            open_secret=partial(sealed.open, draft.tenant_id),
        )
        return rows.tested(draft.connector_id, await self._checker.check_ready(found))

    async def all(
        self,
        chosen: Selection,
        *,
        at_once: int | None,
        force: bool,
        tested: Callable[[str, TestResult], None] | None,
    ) -> list[tuple[ConnectorInfo, TestResult]]:
        """Test a tenant's connectors that match and are in use."""
        from engine.connectors import rows

        def told(thing: CheckedThing) -> None:
            if tested is not None:
                tested(thing.id, rows.tested(thing.id, thing.checked))

        things = await self._checker.check_all(
            KIND,
            chosen.tenant_id or "",
            terms=chosen.terms,
            force=force,
            at_once=at_once,
            told=told,
        )
        # Without the terms: a test may have changed the very state that they name.
        everything = replace(chosen, terms=())
        after = await self._hop.read(partial(_by_id, everything))
        return [
            (after[thing.id], rows.tested(thing.id, thing.checked))
            for thing in things
            if thing.id in after
        ]

    def _sealed(
        self, connection: Connection, draft: ConnectorDraft
    ) -> tuple[str, str, Parted, SealedCredentials]:
        from engine.sources.secrets import references_of

        connector_type, technology, parted = self._engine(connection).complete(draft)
        wanted = [(draft.tenant_id, reference) for reference in references_of(parted)]
        return connector_type, technology, parted, self._credentials.sealed(connection, wanted)


def _by_id(chosen: Selection, connection: Connection) -> dict[str, ConnectorInfo]:
    """Return all that a selection has, by id, read page by page."""
    from storage import paging

    found: dict[str, ConnectorInfo] = {}
    order, anchor = Order(limit=MAX_LIMIT), paging.start()
    while True:
        page, keys = chosen.page(connection, order, anchor)
        found |= {item.id: item for item in page}
        if len(page) < MAX_LIMIT:
            return found
        anchor = paging.after(keys[-1])
