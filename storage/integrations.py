"""The driver of integrations. Every change keeps the integration's target in step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import Select, bindparam, insert, select, update

from storage import revisions
from storage.errors import StaleWrite
from storage.listing import Listing, Scope, keys_of, number_of
from storage.paging import start
from storage.rows import build, execute_many, names_of, to_plain
from storage.tables import integrations, targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, CursorResult, Subquery

    from storage.filters import Term
    from storage.paging import Anchor, Page

KIND = "integration"
Sort: TypeAlias = Literal["name", "provider", "status", "health", "latency", "checked", "created"]


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationRow:
    """A tenant's account at a provider. Limits of 0 are unlimited; `version` counts its changes.

    `config` holds the provider's own fields (region, API version, deployment). `interval_s` is
    None where the board's own interval holds. `credential_ref` points to a secret, never is one.
    """

    id: str
    tenant_id: str
    name: str
    provider_type: str
    status: str
    created_at: datetime
    credential_ref: str | None = None
    base_url: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    default_model: str | None = None
    budget_limit_cents: int = 0
    token_limit_month: int = 0
    rate_limit_rpm: int = 0
    interval_s: int | None = None
    updated_at: datetime | None = None
    created_by: str | None = None
    deleted_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationListRow(IntegrationRow):
    """An integration with its lamp, as a list shows it; `number` is its target's."""

    number: int
    active: bool
    state: str
    error: str | None
    message: str | None
    remedy: str | None
    stage: str | None
    latency_ms: float | None
    status_code: int | None
    checked_at: datetime | None
    since: datetime | None
    failures_in_row: int
    due_at: datetime | None


_OWN = names_of(IntegrationRow)
_OWN_COLUMNS = [integrations.c[name] for name in _OWN]
_LAMP = [name for name in names_of(IntegrationListRow) if name not in _OWN]
_CHANGEABLE = frozenset(_OWN) - {"id", "tenant_id", "created_at", "deleted_at", "version"}
_OF_TARGET = {"active": "active", "check_interval_s": "interval_s", "due_at": "due_at"}
_MIRRORED = {"name": "name", "provider_type": "technology", "status": "status"}


def _listed(page: Subquery) -> Select[Any]:
    """What a page shows of each of its numbers."""
    found = page.join(targets, targets.c.number == number_of(page)).join(
        integrations, integrations.c.id == targets.c.id
    )
    lamp = [targets.c[name] for name in _LAMP]
    return select(*keys_of(page), *_OWN_COLUMNS, *lamp).select_from(found)


_SHOWN = (
    select(*_OWN_COLUMNS, *(targets.c[name] for name in _LAMP))
    .join_from(integrations, targets, targets.c.id == integrations.c.id)
    .where(targets.c.kind == KIND, integrations.c.deleted_at.is_(None))
    .where(integrations.c.tenant_id == bindparam("tenant", required=True))
)
_BY_ID = _SHOWN.where(integrations.c.id == bindparam("id", required=True))
_BY_NAME = _SHOWN.where(integrations.c.sort_name == bindparam("sort_name", required=True))
_MANY = select(*_OWN_COLUMNS).where(
    integrations.c.id.in_(bindparam("ids", expanding=True, required=True))
)
_INSERT = insert(integrations).values(
    {name: bindparam(name, required=True) for name in (*_OWN, "sort_name")}
)
_TARGET_FIELDS = (
    *("kind", "id", "tenant_id", "name", "sort_name", "technology", "status"),
    *("active", "interval_s", "due_at", "created_at"),
)
_INSERT_TARGET = insert(targets).values(
    {name: bindparam(name, required=True) for name in _TARGET_FIELDS}
)
_INSERT_ONE_TARGET = insert(targets).returning(targets.c.number)
_CHANGE = (
    update(integrations)
    .where(integrations.c.tenant_id == bindparam("_tenant", required=True))
    .where(integrations.c.id == bindparam("_id", required=True))
    .where(integrations.c.deleted_at.is_(None))
    .values(version=integrations.c.version + 1)
)
_CHANGE_VERSION = _CHANGE.where(integrations.c.version == bindparam("_version", required=True))
_CHANGE_TARGET = (
    update(targets)
    .where(targets.c.kind == KIND)
    .where(targets.c.id == bindparam("_id", required=True))
)


class IntegrationsDriver:
    """Reads and writes integrations on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def insert(
        self,
        row: IntegrationRow,
        *,
        active: bool,
        interval_s: int,
        due_at: datetime | None = None,
    ) -> int:
        """Adds an integration and its target, whose lamp is unknown; gives the target's number.

        `interval_s` is the board's own, for a row that has none.

        Raises:
            Conflict: at commit or here, when the tenant has one of that name (in any case).
        """
        self.connection.execute(insert(integrations), _stored(row))
        target = _target_of(row, active=active, interval_s=interval_s, due_at=due_at)
        number = self.connection.execute(_INSERT_ONE_TARGET, target).scalar_one()
        revisions.bump(self.connection, "integrations")
        revisions.bump(self.connection, "health")
        return int(number)

    def insert_many(
        self, rows: Iterable[IntegrationRow], *, active: bool, interval_s: int, due_at: datetime
    ) -> int:
        """Adds many integrations that are all due at once, or inactive; gives how many.

        Raises:
            Conflict: as for one; none of them is kept then.
        """
        given = list(rows)
        due = due_at if active else None
        execute_many(self.connection, _INSERT, [to_plain(_stored(row)) for row in given])
        execute_many(
            self.connection,
            _INSERT_TARGET,
            [
                to_plain(_target_of(row, active=active, interval_s=interval_s, due_at=due))
                for row in given
            ],
        )
        revisions.bump(self.connection, "integrations")
        revisions.bump(self.connection, "health")
        return len(given)

    def get(self, tenant_id: str, integration_id: str) -> IntegrationListRow | None:
        """Gives one that is not deleted; None for another tenant's as for a missing one."""
        found = self.connection.execute(_BY_ID, {"tenant": tenant_id, "id": integration_id})
        return _shown(found)

    def get_by_name(self, tenant_id: str, name: str) -> IntegrationListRow | None:
        """Gives the one of this name, in any case."""
        values = {"tenant": tenant_id, "sort_name": name.casefold()}
        return _shown(self.connection.execute(_BY_NAME, values))

    def get_many(self, ids: Sequence[str]) -> dict[str, IntegrationRow]:
        """Gives them by id, whatever the tenant: for the monitor, which claimed their targets."""
        found = self.connection.execute(_MANY, {"ids": list(ids)}).all()
        return {row[0]: build(IntegrationRow, row) for row in found}

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        status: str | None = None,
        provider_type: str | None = None,
        sort: Sort = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[IntegrationListRow]:
        """Gives a page of a tenant's list; rows that sort alike follow by name, then by age."""
        return _listing(tenant_id, terms, status, provider_type).page(
            self.connection,
            IntegrationListRow,
            _listed,
            sort=sort,
            descending=descending,
            anchor=anchor or start(),
            limit=limit,
        )

    def count(
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        status: str | None = None,
        provider_type: str | None = None,
    ) -> int:
        """Counts the rows of a list."""
        return _listing(tenant_id, terms, status, provider_type).count(self.connection)

    def update(
        self,
        tenant_id: str,
        integration_id: str,
        changes: Mapping[str, object],
        *,
        expected_version: int | None = None,
    ) -> IntegrationListRow | None:
        """Changes fields of an integration by name, and gives it as it is then.

        `active`, `check_interval_s` and `due_at` go to its target; the others are those of
        `IntegrationRow`. None when there is no such integration.

        Raises:
            StaleWrite: it is not at the expected version any more.
            Conflict: the new name is taken.
            KeyError: a field that cannot be changed.
        """
        own, target = _split(changes)
        values: dict[str, object] = {"_tenant": tenant_id, "_id": integration_id, **own}
        statement = _CHANGE
        if expected_version is not None:
            statement, values["_version"] = _CHANGE_VERSION, expected_version
        if not self.connection.execute(statement, values).rowcount:
            if self.get(tenant_id, integration_id) is None:
                return None
            raise StaleWrite(
                "This integration was changed by someone else in the meantime.",
                hint="Look at it again, then repeat the change.",
            )
        self._change_target(integration_id, target)
        return self.get(tenant_id, integration_id)

    def _change_target(self, integration_id: str, changes: Mapping[str, object]) -> None:
        if changes:
            self.connection.execute(_CHANGE_TARGET, {"_id": integration_id, **changes})
            revisions.bump(self.connection, "health")
        revisions.bump(self.connection, "integrations")

    def soft_delete(self, tenant_id: str, integration_id: str, *, at: datetime) -> bool:
        """Takes an integration off every list and retires its target; its history stays."""
        values = {"_tenant": tenant_id, "_id": integration_id, "deleted_at": at, "updated_at": at}
        if not self.connection.execute(_CHANGE, values).rowcount:
            return False
        retired = {"retired_at": at, "active": False, "due_at": None, "status": "deleted"}
        self._change_target(integration_id, retired)
        return True


def _listing(
    tenant_id: str, terms: Sequence[Term], status: str | None, provider_type: str | None
) -> Listing:
    scope = Scope(tenant_id=tenant_id, kind=KIND, status=status, technology=provider_type)
    return Listing(scope=scope, terms=tuple(terms))


def _shown(found: CursorResult[Any]) -> IntegrationListRow | None:
    row = found.one_or_none()
    return None if row is None else build(IntegrationListRow, row)


def _stored(row: IntegrationRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _OWN}
    return {**values, "sort_name": row.name.casefold()}


def _target_of(
    row: IntegrationRow, *, active: bool, interval_s: int, due_at: datetime | None
) -> dict[str, Any]:
    return {
        "kind": KIND,
        "id": row.id,
        "tenant_id": row.tenant_id,
        "name": row.name,
        "sort_name": row.name.casefold(),
        "technology": row.provider_type,
        "status": row.status,
        "active": active,
        "interval_s": row.interval_s or interval_s,
        "due_at": due_at,
        "created_at": row.created_at,
    }


def _split(changes: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Parts changes into those of the integration and those of its target."""
    own: dict[str, object] = {}
    target: dict[str, object] = {}
    for name, value in changes.items():
        if name in _OF_TARGET:
            target[_OF_TARGET[name]] = value
        elif name in _CHANGEABLE:
            own[name] = value
        else:
            raise KeyError(name)
        if name in _MIRRORED:
            target[_MIRRORED[name]] = value
    if isinstance(title := changes.get("name"), str):
        own["sort_name"] = target["sort_name"] = title.casefold()
    return own, target
