"""Lists of incidents: a tenant's own together with those that are everybody's.

Both parts are read by key from an index of their own, at most a page of each, and only then put
together: one condition for both would read and sort all that there ever was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from storage.access import hidden
from storage.incidents.rows import SEVERITY_RANKS
from storage.matching import Searchable, conditions
from storage.tables import incident_members, incidents, targets
from storage.tables.incidents import ASSIGNEE_KEY, TITLE_KEY

if TYPE_CHECKING:
    from storage.matching import Shape

_I = incidents.c
# Times are plain milliseconds here: a key is made of nothing but text and numbers.
_OPENED = type_coerce(_I.opened_at, BigInteger)
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "severity": (_I.severity_rank, _OPENED, _I.number),
    "opened": (_OPENED, _I.number),
    "title": (TITLE_KEY, _I.number),
    "assignee": (ASSIGNEE_KEY, _I.severity_rank, _OPENED, _I.number),
}
# Few are open of many that ever were, and SQLite is to begin with these: by all severities in
# name, with which their index begins, and by an order that the index of all of them has not. It
# looked at 100,000 closed ones else, to find 50 that are open: 57 ms instead of 1.
_ANY_SEVERITY = _I.severity_rank.in_(
    [literal_column(str(rank)) for rank in SEVERITY_RANKS.values()]
)
_OPEN_ORDERS = {**ORDERS, "opened": (_OPENED + 0, _I.number)}
_STATE = case(
    (_I.closed_at.is_not(None), "closed"),
    (_I.acknowledged_at.is_not(None), "acknowledged"),
    (_I.number.in_(bindparam("silenced", expanding=True, required=True)), "silenced"),
    else_="open",
)


def _words(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.lower(func.coalesce(column, ""), type_=Text)


SEARCHABLE = Searchable(
    search=literal("#") + cast(_I.number, Text) + literal(" ") + _I.search,
    contains={
        "title": _words(_I.title),
        "name": _words(_I.thing_name),
        "error": _words(_I.error),
        "message": _words(_I.message),
        "assignee": _words(_I.assignee),
        "owner": _words(_I.assignee),
    },
    begins={
        "severity": _I.severity,
        "cause": _I.cause,
        "kind": func.coalesce(_I.kind, ""),
        "technology": func.coalesce(_I.technology, ""),
        "provider": func.coalesce(_I.technology, ""),
        "id": func.coalesce(_I.thing_id, ""),
        "number": cast(_I.number, Text),
        "flapping": case((_I.flapping, "yes"), else_="no"),
        "state": _STATE,
    },
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shaped:
    """What makes one statement differ from another, without any value in it."""

    dialect: str
    terms: Shape
    roles: int | None
    closed: bool | None


_IN_IT = (
    select(func.count())
    .select_from(incident_members)
    .where(incident_members.c.incident_number == _I.number, incident_members.c.left_at.is_(None))
    .correlate(incidents)
    .scalar_subquery()
)
_MEMBERS = case(
    (_I.cause == "provider", _IN_IT), (_I.target_number.is_not(None), 1), else_=0
).label("members")
WITH_TARGET = incidents.outerjoin(targets, targets.c.number == _I.target_number)


def columns_of(names: tuple[str, ...]) -> list[ColumnElement[Any]]:
    """The columns of a row: the incident's own, its target's tags, how many targets are in it."""
    beside = {"tags": targets.c.tags, "members": _MEMBERS}
    return [beside[name] if name in beside else _I[name] for name in names]


def seen(roles: int | None, dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Gives the condition on an incident for an operator with so many roles; none for None.

    One about a thing that the operator does not see is not there.
    """
    if roles is None:
        return ()
    about = select(targets.c.number).where(targets.c.number == _I.target_number)
    return (~about.where(hidden(roles, dialect)).correlate(incidents).exists(),)


def _where(shaped: Shaped) -> list[ColumnElement[bool]]:
    over = () if shaped.closed is None else _is_closed(shaped.closed)
    found = conditions(shaped.terms, SEARCHABLE, shaped.dialect)
    return [*over, *seen(shaped.roles, shaped.dialect), *found]


def _is_closed(closed: bool) -> tuple[ColumnElement[bool], ...]:
    return (_I.closed_at.is_not(None),) if closed else (_I.closed_at.is_(None), _ANY_SEVERITY)


OF_TENANT = _I.tenant_id == bindparam("tenant_id", required=True)
OF_ALL = _I.tenant_id.is_(None)


@lru_cache(maxsize=128)
def count_statement(shaped: Shaped) -> Select[Any]:
    """Counts the incidents that match: a tenant's own, then everybody's, as two numbers."""
    parts = [
        select(func.count()).select_from(incidents).where(whose, *_where(shaped)).scalar_subquery()
        for whose in (OF_TENANT, OF_ALL)
    ]
    return select((parts[0] + parts[1]).label("count"))


@lru_cache(maxsize=256)
def page_statement(
    shaped: Shaped, names: tuple[str, ...], sort: str, descending: bool, place: str
) -> tuple[Select[Any], int]:
    """Reads a page; gives how many of its first columns are the key, too."""
    order = (_OPEN_ORDERS if shaped.closed is False else ORDERS)[sort]
    upwards = descending != (place in {"end", "before"})
    parts = union_all(
        *(_part(whose, shaped, order, place, upwards=upwards) for whose in (OF_TENANT, OF_ALL))
    ).subquery("parts")
    keys = list(parts.c)
    page = select(*keys).order_by(*(_directed(key, upwards) for key in keys))
    page = page.limit(bindparam("limit", type_=Integer, required=True))
    if place == "at":
        page = page.offset(bindparam("offset", type_=Integer, required=True))
    found = page.subquery("page")
    listed = found.join(incidents, _I.number == list(found.c)[-1])
    listed = listed.outerjoin(targets, targets.c.number == _I.target_number)
    statement = select(*found.c, *columns_of(names)).select_from(listed)
    return statement.order_by(*(_directed(key, upwards) for key in found.c)), len(order)


def _directed(column: ColumnElement[Any], upwards: bool) -> ColumnElement[Any]:
    return column.desc() if upwards else column


def _part(
    whose: ColumnElement[bool],
    shaped: Shaped,
    order: tuple[ColumnElement[Any], ...],
    place: str,
    *,
    upwards: bool,
) -> Select[Any]:
    """As many of one part's first rows as the page can need, in a query of their own."""
    keys = [column.label(f"key_{at}") for at, column in enumerate(order)]
    part = select(*keys).where(whose, *_where(shaped))
    if place in {"after", "before"}:
        key = tuple_(
            *(
                bindparam(f"key_{at}", type_=column.type, required=True)
                for at, column in enumerate(order)
            )
        )
        part = part.where(tuple_(*order) < key if upwards else tuple_(*order) > key)
    part = part.order_by(*(_directed(column, upwards) for column in order))
    needed: ColumnElement[int] = bindparam("limit", type_=Integer, required=True)
    if place == "at":
        needed = needed + bindparam("offset", type_=Integer, required=True)
    inner = part.limit(needed).subquery()
    return select(*inner.c)


@lru_cache(maxsize=16)
def open_count_statement(roles: int | None, dialect: str) -> Select[Any]:
    """Counts what is open by severity and whether it is acknowledged."""
    parts = union_all(
        *(
            select(
                _I.severity_rank,
                _I.acknowledged_at.is_not(None).label("acknowledged"),
                func.count().label("count"),
                func.min(_I.opened_at).label("since"),
            )
            .where(whose, _I.closed_at.is_(None), *seen(roles, dialect))
            .group_by(_I.severity_rank, _I.acknowledged_at.is_not(None))
            for whose in (OF_TENANT, OF_ALL)
        )
    ).subquery("parts")
    return select(parts)
