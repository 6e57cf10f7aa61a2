"""Lists of references: what they are sorted by and filtered by. See `storage.pages`.

How a reference is depends on the time: it is asked for as of a moment, which every statement is
told. A tenant has dozens of references, or hundreds; these orders need no index of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    func,
    select,
    type_coerce,
)

from storage.matching import Searchable
from storage.pages import Catalogue, keys_of, number_of
from storage.rows import names_of
from storage.tables import credential_references, credentials, secret_uses

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Subquery

    from storage.filters import Term

Sort: TypeAlias = Literal["state", "name", "expiry", "used", "age", "accessed", "kind"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceRow:
    """A reference to a secret; `used` counts the things that point to it.

    `said_expires_at` is a person's word, `told_expires_at` that of the secret or of who keeps it.
    `key_id` is the master key that an encrypted one is under.
    """

    number: int
    tenant_id: str
    reference: str
    kind: str
    label: str
    registered: bool
    created_at: datetime
    updated_at: datetime | None
    said_expires_at: datetime | None
    told_expires_at: datetime | None
    accessed_at: datetime | None
    accesses: int
    problem: str | None
    tested_at: datetime | None
    used: int
    key_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """As of when references are listed, in milliseconds: what expires until `soon` is expiring."""

    now: int
    soon: int

    def values(self) -> dict[str, object]:
        """The values that the orders and fields bind."""
        return {"now": self.now, "soon": self.soon}


_TABLE = credential_references
_NOW = bindparam("now", type_=BigInteger, required=True)
_SOON = bindparam("soon", type_=BigInteger, required=True)
# The states in the order of their urgency; what is not listed here is the last two.
_STATES: tuple[tuple[ColumnElement[bool], str], ...] = (
    (_TABLE.c.expires_key <= _NOW, "expired"),
    (_TABLE.c.problem.is_not(None), "unreadable"),
    (_TABLE.c.expires_key <= _SOON, "expiring"),
    (_TABLE.c.accessed_at.is_not(None), "ok"),
)
STATE: ColumnElement[str] = case(*_STATES, else_="untested")
_RANK: ColumnElement[int] = case(
    *((when, rank) for rank, (when, _) in enumerate(_STATES)), else_=len(_STATES)
)
_USED: ColumnElement[int] = (
    select(func.count())
    .where(secret_uses.c.tenant_id == _TABLE.c.tenant_id)
    .where(secret_uses.c.credential_ref == _TABLE.c.reference)
    .correlate(_TABLE)
    .scalar_subquery()
)
# `encrypted://` is twelve characters.
_KEY: ColumnElement[str] = (
    select(credentials.c.key_id)
    .where(_TABLE.c.kind == "encrypted")
    .where(credentials.c.id == func.substr(_TABLE.c.reference, 13))
    .where(credentials.c.tenant_id == _TABLE.c.tenant_id)
    .correlate(_TABLE)
    .scalar_subquery()
)
_MADE: dict[str, ColumnElement[Any]] = {"used": _USED, "key_id": _KEY}
LISTED: list[ColumnElement[Any]] = [
    _MADE[name].label(name) if name in _MADE else _TABLE.c[name] for name in names_of(ReferenceRow)
]
_LAST = (_TABLE.c.sort_name, _TABLE.c.number)
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "state": (type_coerce(_RANK, Integer), _TABLE.c.expires_key, *_LAST),
    "name": _LAST,
    "kind": (_TABLE.c.kind, *_LAST),
    "expiry": (_TABLE.c.expires_key, *_LAST),
    "used": (type_coerce(_USED, Integer), *_LAST),
    "age": (type_coerce(_TABLE.c.created_at, BigInteger), *_LAST),
    "accessed": (_TABLE.c.accessed_key, *_LAST),
}
_SEARCHABLE = Searchable(
    search=_TABLE.c.search,
    contains={
        "name": _TABLE.c.sort_name,
        "label": func.lower(_TABLE.c.label),
        "reference": func.lower(_TABLE.c.reference),
    },
    begins={
        "kind": _TABLE.c.kind,
        "state": STATE,
        "status": STATE,
        "tenant": _TABLE.c.tenant_id,
        "used": case((_USED > 0, "yes"), else_="no"),
    },
)
REFERENCES = Catalogue(table=_TABLE, orders=ORDERS, searchable=_SEARCHABLE, gone=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReferenceScope:
    """Whose references a list is about: None is everybody's."""

    tenant_id: str | None = None

    def given(self) -> dict[str, object]:
        """The columns that are fixed, with their values."""
        return {} if self.tenant_id is None else {"tenant_id": self.tenant_id}

    def tagged(self) -> tuple[Term, ...]:
        """No more words: references have no tags."""
        return ()


def listed(page: Subquery) -> Select[Any]:
    """Looks the rows of a page up."""
    found = page.join(_TABLE, _TABLE.c.number == number_of(page))
    return select(*keys_of(page), *LISTED).select_from(found)
