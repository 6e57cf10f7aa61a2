"""Lists of targets: what they are sorted by, filtered by and narrowed to. See `storage.pages`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, func, type_coerce

from storage.filters import Term
from storage.labels import OWNER, SEPARATOR, TAG
from storage.matching import Searchable
from storage.pages import Catalogue, Listing
from storage.tables import targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.access import Roles

_LAST = (targets.c.sort_name, targets.c.number)
# Times are plain milliseconds here: a key is made of nothing but text and numbers.
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "name": _LAST,
    "provider": (targets.c.technology, *_LAST),
    "technology": (targets.c.technology, *_LAST),
    "type": (targets.c.type, *_LAST),
    "status": (targets.c.status, *_LAST),
    "health": (targets.c.state_rank, *_LAST),
    "latency": (targets.c.latency_key, *_LAST),
    "checked": (targets.c.checked_key, *_LAST),
    "connected": (targets.c.passed_key, *_LAST),
    "created": (type_coerce(targets.c.created_at, BigInteger), *_LAST),
    "owner": (targets.c.owner, *_LAST),
}
_SEARCHABLE = Searchable(
    search=targets.c.search,
    contains={
        "name": targets.c.sort_name,
        "error": func.coalesce(targets.c.error, ""),
        "message": func.lower(func.coalesce(targets.c.message, "")),
    },
    begins={
        "provider": targets.c.technology,
        "technology": targets.c.technology,
        "type": targets.c.type,
        "status": targets.c.status,
        "health": targets.c.state,
        "state": targets.c.state,
        "kind": targets.c.kind,
        "id": targets.c.id,
    },
    marks={"tag": TAG, "owner": OWNER},
)
TARGETS = Catalogue(table=targets, orders=ORDERS, searchable=_SEARCHABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which targets a list is about: None in a field means any. A tag is meant whole."""

    tenant_id: str | None = None
    kind: str | None = None
    type: str | None = None
    status: str | None = None
    technology: str | None = None
    tag: str | None = None

    def given(self) -> dict[str, object]:
        """The columns that are fixed, with their values."""
        found = {
            "tenant_id": self.tenant_id,
            "kind": self.kind,
            "type": self.type,
            "status": self.status,
            "technology": self.technology,
        }
        return {name: value for name, value in found.items() if value is not None}

    def tagged(self) -> tuple[Term, ...]:
        """The tag as a word to filter by: with its end, nothing longer begins with it."""
        return () if self.tag is None else (Term(field="tag", value=self.tag + SEPARATOR),)

    def listing(self, terms: Sequence[Term], roles: Roles) -> Listing:
        """The list of those that match, as an operator with these roles sees it."""
        return Listing(of=TARGETS, scope=self, terms=tuple(terms), roles=roles)
