"""The only way in to silences, for screens, the command line and callers in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.hop import default_facade
from engine.silences.model import ONCE, SilenceDraft

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.silences.keeping import Keeper
    from engine.silences.model import Silence

# What a change imports: loaded before the database is locked for it.
_NEEDED = ("engine.silences.keeping",)


class SilencesFacade:
    """When nobody wants to be told, of what and why.

    A silence keeps alerts of what it is about back while it holds; incidents open and close as
    ever. Those of all tenants are in the list of every tenant. Every method takes the tenant's id
    and answers for what is another tenant's, or about what the operator's roles do not show, as
    for what is missing. Any may raise WorkspaceError.

    Args:
        hop: The way to the database.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._ready = False

    async def list_silences(self, tenant_id: str, *, ended: bool = False) -> tuple[Silence, ...]:
        """Return what holds now, then what begins soonest; with `ended` also what is over."""

        def work(connection: Connection) -> tuple[Silence, ...]:
            from engine.silences.keeping import Keeper

            return Keeper(connection, self._hop, tenant_id).all(ended=ended)

        return await self._hop.read(work)

    async def get(self, tenant_id: str, silence_id: str) -> Silence:
        """Return one silence.

        Raises:
            NotFound: There is none of that id to be seen.
        """

        def work(connection: Connection) -> Silence:
            from engine.silences.keeping import Keeper

            return Keeper(connection, self._hop, tenant_id).get(silence_id)

        return await self._hop.read(work)

    async def add(self, tenant_id: str, draft: SilenceDraft) -> Silence:
        """Add a silence of this tenant, or of all tenants where the draft names none.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
            NotFound: This tenant has no such thing; there is no such tenant.
            ReadOnlyRefused: The run is read-only.
        """
        return await self._write(tenant_id, lambda keeper: keeper.add(draft))

    async def add_for(
        self, tenant_id: str, kind: str, thing_id: str, span: timedelta, reason: str
    ) -> Silence:
        """Add a silence of one thing from now on, for so long.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
            NotFound: This tenant has no such thing.
            ReadOnlyRefused: The run is read-only.
        """
        draft = SilenceDraft(
            tenant_id=tenant_id,
            kind=kind,
            thing_id=thing_id,
            schedule=ONCE,
            ends_at=self._hop.clock.now() + span,
            reason=reason,
        )
        return await self.add(tenant_id, draft)

    async def edit(
        self,
        tenant_id: str,
        silence_id: str,
        draft: SilenceDraft,
        *,
        expected_version: int | None = None,
    ) -> Silence:
        """Make a silence as the draft says; one without a beginning of its own keeps its own.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
            NotFound: There is none of that id, or this tenant has no such thing.
            EditConflict: It has another version than expected.
            LifecycleRefused: Somebody has ended it.
            ReadOnlyRefused: The run is read-only.
        """
        return await self._write(
            tenant_id, lambda keeper: keeper.edit(silence_id, draft, expected_version)
        )

    async def end(
        self, tenant_id: str, silence_id: str, *, expected_version: int | None = None
    ) -> Silence:
        """End a silence now, for good; what is open is told from now on.

        Raises:
            NotFound: There is none of that id.
            EditConflict: It has another version than expected.
            LifecycleRefused: It is over already.
            ReadOnlyRefused: The run is read-only.
        """
        return await self._write(tenant_id, lambda keeper: keeper.end(silence_id, expected_version))

    async def _write(self, tenant_id: str, what: Callable[[Keeper], Silence]) -> Silence:
        self._hop.require_writable()
        if not self._ready:
            from engine.readiness import ready

            await ready(_NEEDED)
            self._ready = True

        def work(connection: Connection) -> Silence:
            from engine.silences.keeping import Keeper

            return what(Keeper(connection, self._hop, tenant_id))

        return await self._hop.write(work)


def get_silences_facade() -> SilencesFacade:
    """Return the facade of the process's default workspace."""
    return cast("SilencesFacade", default_facade("silences"))
