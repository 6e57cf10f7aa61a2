"""The driver of templates: pages of them in any order, their versions, what their runs came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    func,
    insert,
    select,
    type_coerce,
    update,
)

from storage import revisions
from storage.access import how_many, role_values, visible
from storage.errors import StaleWrite
from storage.gateway.gateways import OVER
from storage.gateway.rows import TemplateListRow, TemplateRow, VersionRow
from storage.matching import Finds, Means, Searchable
from storage.pages import Catalogue, Listing, keys_of, number_of
from storage.rows import build, names_of
from storage.tables import gateways, query_templates, targets, template_versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Subquery

    from storage.access import Roles
    from storage.filters import Term
    from storage.gateway.rows import Sort
    from storage.paging import Anchor, Page

_T, _V = query_templates.c, template_versions.c
_LAST = (_T.sort_name, _T.number)
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "name": _LAST,
    "status": (_T.status, *_LAST),
    "outcome": (_T.outcome_key, *_LAST),
    "last_run": (_T.run_key, *_LAST),
    "runs": (_T.runs, *_LAST),
    "created": (type_coerce(_T.created_at, BigInteger), *_LAST),
}


def _over(column: ColumnElement[str]) -> Means:
    """Gives what `gateway:x` means: templates over a thing whose column holds the word."""

    def means(finds: Finds, of_tenant: bool) -> ColumnElement[bool]:
        found = select(gateways.c.id).join(targets, OVER)
        found = found.where(gateways.c.deleted_at.is_(None), finds(column))
        if of_tenant:
            tenant: BindParameter[str] = bindparam("tenant_id", required=True)
            found = found.where(gateways.c.tenant_id == tenant)
        return _T.gateway_id.in_(found)

    return means


def _seen(roles: int | None, dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Gives the condition on a template for an operator with so many roles; none for None."""
    if roles is None:
        return ()
    over = select(gateways.c.id).join(targets, OVER).where(gateways.c.id == _T.gateway_id)
    return (over.where(*visible(roles, dialect)).correlate(query_templates).exists(),)


_SEARCHABLE = Searchable(
    search=_T.search,
    contains={"name": _T.sort_name, "description": func.lower(_T.description)},
    begins={
        "status": _T.status,
        "outcome": func.coalesce(_T.last_outcome, "never"),
        "id": _T.id,
    },
    means={"gateway": _over(targets.c.sort_name), "technology": _over(targets.c.technology)},
)
TEMPLATES = Catalogue(
    table=query_templates, orders=ORDERS, searchable=_SEARCHABLE, gone="deleted_at", seen=_seen
)
_COLUMNS = [
    _T[name] if name in _T else targets.c[name.removeprefix("thing_")]
    for name in names_of(TemplateListRow)
]
_STORED = [name for name in names_of(TemplateRow) if name != "number"]
_VERSION = [_V[name] for name in names_of(VersionRow)]
_ADD = insert(query_templates)
_ADD_VERSION = insert(template_versions)
_OF_TENANT = _T.tenant_id == bindparam("_tenant", required=True)
_MINE = (_OF_TENANT, _T.id == bindparam("_id", required=True), _T.deleted_at.is_(None))
_CHANGE = (
    update(query_templates).where(*_MINE).where(_T.version == bindparam("_version", required=True))
)
_RAN = (
    update(query_templates)
    .where(*_MINE)
    .values(
        runs=_T.runs + 1,
        last_run_at=bindparam("at", type_=_T.last_run_at.type, required=True),
        last_outcome=bindparam("outcome", required=True),
    )
)
_DELETE_OVER = (
    update(query_templates)
    .where(_OF_TENANT, _T.gateway_id == bindparam("_gateway", required=True))
    .where(_T.deleted_at.is_(None))
    .returning(_T.id, _T.name, _T.version)
)
_OF_TEMPLATE = _V.template_id == bindparam("_id", required=True)
_ONE_VERSION = select(*_VERSION).where(
    _OF_TEMPLATE, _V.version == bindparam("_version", required=True)
)
_VERSIONS = select(*_VERSION).where(_OF_TEMPLATE).order_by(_V.version.desc())
_NUMBERS = select(_V.version).where(_OF_TEMPLATE).order_by(_V.version.desc())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scope:
    """Whose templates a list is about."""

    tenant_id: str

    def given(self) -> dict[str, object]:
        """The columns that are fixed, with their values."""
        return {"tenant_id": self.tenant_id}

    def tagged(self) -> tuple[Term, ...]:
        """No more words: templates have no tags."""
        return ()


class TemplatesDriver:
    """Reads and writes templates on one connection; the caller commits.

    `roles` are as for `GatewaysDriver`.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(self, row: TemplateRow, version: VersionRow) -> None:
        """Adds a template with its first version.

        Raises:
            Conflict: at commit or here, when the tenant has one of that name (in any case).
        """
        values = {name: getattr(row, name) for name in _STORED}
        self.connection.execute(_ADD, {**values, "sort_name": row.name.casefold()})
        self.connection.execute(_ADD_VERSION, asdict(version))
        revisions.bump(self.connection, "gateway")

    def get(
        self, tenant_id: str, template_id: str, *, roles: Roles = None
    ) -> TemplateListRow | None:
        """Gives one that is not deleted; None for another tenant's as for a missing one."""
        return self._one("id", tenant_id, template_id, roles)

    def get_by_name(
        self, tenant_id: str, name: str, *, roles: Roles = None
    ) -> TemplateListRow | None:
        """Gives the one of this name, in any case."""
        return self._one("sort_name", tenant_id, name.casefold(), roles)

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        roles: Roles = None,
        sort: Sort = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[TemplateListRow]:
        """Gives a page of a tenant's templates; those that sort alike follow by name."""
        return _listing(tenant_id, terms, roles).page(
            self.connection,
            TemplateListRow,
            _listed,
            sort=sort,
            descending=descending,
            anchor=anchor,
            limit=limit,
        )

    def count(self, tenant_id: str, *, terms: Sequence[Term] = (), roles: Roles = None) -> int:
        """Counts the templates of a list."""
        return _listing(tenant_id, terms, roles).count(self.connection)

    def tally(self, tenant_id: str, *, roles: Roles = None) -> list[tuple[str, str | None, int]]:
        """Counts templates by status and the outcome of the last run, which is None before it."""
        statement = _tally_statement(how_many(roles), self.connection.dialect.name)
        found = self.connection.execute(statement, {"_tenant": tenant_id, **role_values(roles)})
        return [(row[0], row[1], row[2]) for row in found]

    def version(self, template_id: str, version: int) -> VersionRow | None:
        """Gives one version of a template."""
        values = {"_id": template_id, "_version": version}
        row = self.connection.execute(_ONE_VERSION, values).one_or_none()
        return None if row is None else build(VersionRow, row)

    def versions(self, template_id: str) -> list[VersionRow]:
        """Gives all versions of a template, newest first."""
        found = self.connection.execute(_VERSIONS, {"_id": template_id})
        return [build(VersionRow, row) for row in found]

    def numbers(self, template_id: str) -> tuple[int, ...]:
        """Gives the numbers of a template's versions, newest first."""
        return tuple(self.connection.execute(_NUMBERS, {"_id": template_id}).scalars())

    def change(
        self, row: TemplateRow, changes: Mapping[str, object], version: VersionRow | None = None
    ) -> None:
        """Changes fields by name, and adds the next version where there is one.

        Raises:
            StaleWrite: the template is not at the version of `row` any more, or gone.
            Conflict: the new name is taken.
        """
        values = dict(changes)
        if isinstance(name := values.get("name"), str):
            values["sort_name"] = name.casefold()
        if version is not None:
            values["version"] = version.version
        key = {"_tenant": row.tenant_id, "_id": row.id, "_version": row.version}
        if not self.connection.execute(_CHANGE.values(values), key).rowcount:
            raise StaleWrite(
                "This template was changed by someone else in the meantime.",
                hint="Look at it again, then repeat the change.",
            )
        if version is not None:
            self.connection.execute(_ADD_VERSION, asdict(version))
        revisions.bump(self.connection, "gateway")

    def delete_over(
        self, tenant_id: str, gateway_id: str, at: datetime
    ) -> list[tuple[str, str, int]]:
        """Deletes all templates over a gateway softly; gives id, name and newest version."""
        key = {"_tenant": tenant_id, "_gateway": gateway_id}
        statement = _DELETE_OVER.values(deleted_at=at, updated_at=at)
        found = self.connection.execute(statement, key).all()
        revisions.bump(self.connection, "gateway")
        return sorted(((row[0], row[1], row[2]) for row in found), key=itemgetter(1))

    def ran(self, tenant_id: str, template_id: str, outcome: str, at: datetime) -> None:
        """Counts a run; one of a template that was deleted meanwhile is left out."""
        values = {"_tenant": tenant_id, "_id": template_id, "at": at, "outcome": outcome}
        self.connection.execute(_RAN, values)
        revisions.bump(self.connection, "gateway")

    def _one(self, column: str, tenant_id: str, value: str, roles: Roles) -> TemplateListRow | None:
        statement = _one_statement(column, how_many(roles), self.connection.dialect.name)
        values = {"_tenant": tenant_id, "value": value, **role_values(roles)}
        row = self.connection.execute(statement, values).one_or_none()
        return None if row is None else build(TemplateListRow, row)


@lru_cache(maxsize=64)
def _one_statement(column: str, roles: int | None, dialect: str) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(_joined(query_templates))
        .where(_OF_TENANT, _T.deleted_at.is_(None))
        .where(_T[column] == bindparam("value", required=True))
        .where(*visible(roles, dialect))
    )


@lru_cache(maxsize=64)
def _tally_statement(roles: int | None, dialect: str) -> Select[Any]:
    return (
        select(_T.status, _T.last_outcome, func.count())
        .where(_OF_TENANT, _T.deleted_at.is_(None), *_seen(roles, dialect))
        .group_by(_T.status, _T.last_outcome)
    )


def _joined(first: Any) -> Any:
    found = first.join(gateways, gateways.c.id == _T.gateway_id)
    return found.join(targets, OVER)


def _listing(tenant_id: str, terms: Sequence[Term], roles: Roles) -> Listing:
    scope = _Scope(tenant_id=tenant_id)
    return Listing(of=TEMPLATES, scope=scope, terms=tuple(terms), roles=roles)


def _listed(page: Subquery) -> Select[Any]:
    found = _joined(page.join(query_templates, _T.number == number_of(page)))
    return select(*keys_of(page), *_COLUMNS).select_from(found)
