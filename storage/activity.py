"""The driver of activity (signatures first)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.filters import Term
    from storage.paging import Anchor, Page


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityRow:
    """Who did what, when, to which thing. `id` is 0 until it is stored; `detail` is JSON."""

    tenant_id: str
    at: datetime
    actor: str
    origin: str
    action: str
    concept: str
    thing_id: str | None = None
    thing_name: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    id: int = 0


class ActivityDriver:
    """Signatures; see each."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def append(self, row: ActivityRow) -> int:
        raise NotImplementedError

    def page(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        concept: str | None = None,
        thing_id: str | None = None,
        anchor: Anchor = ...,
        limit: int = 100,
    ) -> Page[ActivityRow]:
        """Newest first; key = (id,)."""
        raise NotImplementedError

    def count(self, tenant_id: str, *, terms: Sequence[Term] = (), concept: str | None = None, thing_id: str | None = None) -> int:
        raise NotImplementedError
