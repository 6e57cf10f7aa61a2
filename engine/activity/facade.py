"""What screens and the command line ask about activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from engine.hop import default_facade
from engine.jsonable import JsonRecord
from engine.order import require_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from storage.activity import ActivityRow
    from storage.filters import Term
    from storage.paging import Anchor, Key


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityEntry(JsonRecord):
    """One thing that somebody did; `detail` never holds a secret."""

    id: int
    tenant_id: str
    at: datetime
    actor: str
    origin: str
    action: str
    concept: str
    thing_id: str | None
    thing_name: str | None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityPage(JsonRecord):
    """Entries, newest first, with the key of each for paging on."""

    items: tuple[ActivityEntry, ...]
    keys: tuple[Key, ...]


class ActivityFacade:
    """Reads activity; writing it is part of each change. Any method may raise WorkspaceError.

    What was done to a thing that the operator's roles do not show is left out.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop

    async def page(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        concept: str | None = None,
        thing_id: str | None = None,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> ActivityPage:
        """Return one page, newest first, filtered by the terms and by `query` as people type it.

        Raises:
            InvalidInput: The limit is not 1 to 1,000.
        """
        require_limit(limit)
        wanted = _terms(terms, query)

        def work(connection: Connection) -> ActivityPage:
            from storage import paging
            from storage.activity import ActivityDriver

            page = ActivityDriver(connection).page(
                tenant_id,
                terms=wanted,
                concept=concept,
                thing_id=thing_id,
                roles=self._hop.settings.roles,
                anchor=anchor or paging.start(),
                limit=limit,
            )
            return ActivityPage(items=tuple(_entry(row) for row in page.rows), keys=page.keys)

        return await self._hop.read(work)

    async def count(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        concept: str | None = None,
        thing_id: str | None = None,
    ) -> int:
        """Return how many entries match."""
        wanted = _terms(terms, query)

        def work(connection: Connection) -> int:
            from storage.activity import ActivityDriver

            return ActivityDriver(connection).count(
                tenant_id,
                terms=wanted,
                concept=concept,
                thing_id=thing_id,
                roles=self._hop.settings.roles,
            )

        return await self._hop.read(work)


def _terms(terms: Sequence[Term], query: str) -> tuple[Term, ...]:
    from engine.filters import parse_filter

    return (*terms, *parse_filter(query))


def _entry(row: ActivityRow) -> ActivityEntry:
    return ActivityEntry(
        id=row.id,
        tenant_id=row.tenant_id,
        at=row.at,
        actor=row.actor,
        origin=row.origin,
        action=row.action,
        concept=row.concept,
        thing_id=row.thing_id,
        thing_name=row.thing_name,
        detail=row.detail,
    )


def get_activity_facade() -> ActivityFacade:
    """Return the facade of the process's default workspace."""
    return cast("ActivityFacade", default_facade("activity"))
