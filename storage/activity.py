"""The driver of activity: who did what, when, to which thing. It only ever grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, func, insert, or_, select

from storage import newest, revisions
from storage.access import hidden, how_many, role_values
from storage.matching import Searchable, conditions
from storage.newest import Shaped
from storage.rows import build_all, names_of
from storage.tables import activity, gateways, query_templates, secret_uses, targets
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, ColumnElement, Connection

    from storage.access import Roles
    from storage.filters import Term
    from storage.paging import Anchor, Page


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityRow:
    """One deed. `origin` is dashboard, cli, monitor or code; `id` is 0 until it is stored."""

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


_NAMES = names_of(ActivityRow)
_STORED = [name for name in _NAMES if name != "id"]
_COLUMNS = [activity.c[name] for name in _NAMES]
_SEARCHABLE = Searchable(
    search=activity.c.search,
    contains={
        "actor": func.lower(activity.c.actor),
        "action": activity.c.action,
        "name": func.lower(func.coalesce(activity.c.thing_name, "")),
        "thing": func.lower(func.coalesce(activity.c.thing_name, "")),
    },
    begins={
        "origin": activity.c.origin,
        "concept": activity.c.concept,
        "id": func.coalesce(activity.c.thing_id, ""),
    },
)
_APPEND = insert(activity).returning(activity.c.id)


class ActivityDriver:
    """Appends to and reads the activity on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def append(self, row: ActivityRow) -> int:
        """Adds a deed, in the transaction of the deed itself; gives its number."""
        values: dict[str, Any] = {name: getattr(row, name) for name in _STORED}
        words = (row.actor, row.origin, row.action, row.thing_name or "", row.thing_id or "")
        values["search"] = " ".join(words).casefold()
        revisions.bump(self.connection, "activity")
        return int(self.connection.execute(_APPEND, values).scalar_one())

    def page(  # noqa: PLR0913  (each narrows the list by name)
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        concept: str | None = None,
        thing_id: str | None = None,
        roles: Roles = None,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[ActivityRow]:
        """Gives a page of a tenant's deeds, newest first; a row's key is its number.

        Left out are those about a thing that an operator with these roles does not see, whether
        or not it is still there.
        """
        shaped, values = self._shaped(tenant_id, terms, concept, thing_id, roles)
        statement = partial(_page_statement, shaped)
        return newest.read(
            self.connection, ActivityRow, statement, values, anchor=anchor, limit=limit
        )

    def count(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        concept: str | None = None,
        thing_id: str | None = None,
        roles: Roles = None,
    ) -> int:
        """Counts the rows of a list."""
        shaped, values = self._shaped(tenant_id, terms, concept, thing_id, roles)
        return int(self.connection.execute(_count_statement(shaped), values).scalar_one())

    def between(  # noqa: PLR0913  (each narrows the list by name)
        self,
        tenant_id: str,
        since: datetime,
        until: datetime,
        *,
        things: Sequence[str],
        concepts: Sequence[str],
        roles: Roles = None,
        limit: int = 200,
    ) -> list[ActivityRow]:
        """Gives what was done in a span to these things, oldest first.

        That is also what was done to the secrets that they use, and all of these concepts.
        """
        statement = _between_statement(how_many(roles), self.connection.dialect.name)
        values: dict[str, object] = {"tenant_id": tenant_id, "since": since, "until": until}
        values |= {"things": list(things), "concepts": list(concepts), "limit": limit}
        found = self.connection.execute(statement, {**values, **role_values(roles)})
        return build_all(ActivityRow, found)

    def _shaped(
        self,
        tenant_id: str,
        terms: Sequence[Term],
        concept: str | None,
        thing_id: str | None,
        roles: Roles,
    ) -> tuple[Shaped, dict[str, object]]:
        given = {"tenant_id": tenant_id, "concept": concept, "thing_id": thing_id}
        return newest.shaped(self.connection, given, terms, _SEARCHABLE, roles)


def _where(shaped: Shaped) -> list[ColumnElement[bool]]:
    chosen = [activity.c[name] == bindparam(name, required=True) for name in shaped.fixed]
    if shaped.roles is not None:
        chosen.append(~_about_hidden(shaped.roles, shaped.dialect))
        chosen.append(~_over_hidden(shaped.roles, shaped.dialect))
    return [*chosen, *conditions(shaped.terms, _SEARCHABLE, shaped.dialect)]


def _about_hidden(roles: int, dialect: str) -> ColumnElement[bool]:
    """Whether a deed is about a source that is not for an operator with so many roles."""
    return (
        select(targets.c.number)
        .where(targets.c.kind == "source", targets.c.id == activity.c.thing_id)
        .where(hidden(roles, dialect))
        .exists()
    )


def _over_hidden(roles: int, dialect: str) -> ColumnElement[bool]:
    """Whether a deed is about the gateway, or a template, over such a source."""
    of_template = (
        select(query_templates.c.gateway_id)
        .where(query_templates.c.id == activity.c.thing_id)
        .correlate(activity)
        .scalar_subquery()
    )
    over = (
        select(gateways.c.id)
        .join(targets, and_(targets.c.kind == gateways.c.kind, targets.c.id == gateways.c.thing_id))
        .where(gateways.c.id == func.coalesce(of_template, activity.c.thing_id))
        .where(hidden(roles, dialect))
    )
    return and_(activity.c.concept == "gateway", over.correlate(activity).exists())


@lru_cache(maxsize=128)
def _count_statement(shaped: Shaped) -> Select[int]:
    return select(func.count()).select_from(activity).where(*_where(shaped))


@lru_cache(maxsize=256)
def _page_statement(shaped: Shaped, place: str) -> Select[Any]:
    return newest.paged(select(*_COLUMNS).where(*_where(shaped)), activity.c.id, place)


@lru_cache(maxsize=16)
def _between_statement(roles: int | None, dialect: str) -> Select[Any]:
    things: BindParameter[Sequence[str]] = bindparam("things", expanding=True, required=True)
    secrets = select(secret_uses.c.credential_ref).where(
        secret_uses.c.tenant_id == activity.c.tenant_id, secret_uses.c.thing_id.in_(things)
    )
    about = or_(
        activity.c.thing_id.in_(things),
        and_(activity.c.concept == "credentials", activity.c.thing_id.in_(secrets)),
        activity.c.concept.in_(bindparam("concepts", expanding=True, required=True)),
    )
    shaped = Shaped(dialect=dialect, fixed=("tenant_id",), terms=(), roles=roles)
    return (
        select(*_COLUMNS)
        .where(*_where(shaped), about)
        .where(activity.c.at >= bindparam("since", type_=UtcMillis, required=True))
        .where(activity.c.at <= bindparam("until", type_=UtcMillis, required=True))
        .order_by(activity.c.id)
        .limit(bindparam("limit", required=True))
    )
