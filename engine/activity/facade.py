"""What screens and the command line ask about activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storage.filters import Term
    from storage.paging import Anchor


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityEntry(JsonRecord):
    """One thing that somebody did; `detail` never holds a secret."""

    id: int
    tenant_id: str | None
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
    keys: tuple[tuple[object, ...], ...]


class ActivityFacade:
    """Reads activity; writing it is part of each change."""

    async def page(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str | None,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        concept: str | None = None,
        thing_id: str | None = None,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> ActivityPage:
        """Return one page, newest first."""
        raise NotImplementedError
