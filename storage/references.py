"""The driver of references to secrets, of every kind: listed, dated, with who uses and asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Integer,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    union,
    update,
)

from storage import revisions
from storage.pages import Listing
from storage.reference_lists import (
    LISTED,
    REFERENCES,
    STATE,
    Moment,
    ReferenceRow,
    ReferenceScope,
    listed,
)
from storage.rows import bound, build, build_all, by_dialect, execute_many, inserting, names_of
from storage.tables import (
    alert_channels,
    credential_accesses,
    credential_references,
    gateways,
    secret_uses,
    targets,
    usage_feeds,
)
from storage.tables.credentials import NEVER
from storage.types import DAY_MS, from_millis, to_millis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection
    from sqlalchemy.dialects.sqlite import Insert

    from storage.filters import Term
    from storage.paging import Anchor, Page
    from storage.reference_lists import Sort


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialUserRow:
    """A thing that points to a credential."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessRow:
    """How often a secret was asked for on one day (of UTC, since 1970), by whom."""

    day: int
    origin: str
    count: int
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedRow:
    """How often a secret was asked for since this was last written, and how that went lately.

    `problem` is why it could not be had the last time; `expires_at` what who keeps it told.
    """

    tenant_id: str
    reference: str
    day: int
    count: int
    last_at: datetime
    problem: str | None
    expires_at: datetime | None


_TABLE = credential_references
_THIS = and_(
    _TABLE.c.tenant_id == bindparam("_tenant", required=True),
    _TABLE.c.reference == bindparam("_ref", required=True),
)
_ONE = select(*LISTED).where(_THIS)
_CHANGE = update(_TABLE).where(_THIS)
_NUMBER = select(_TABLE.c.number).where(_THIS)
_DROP_ACCESSES = delete(credential_accesses).where(
    credential_accesses.c.reference_number.in_(_NUMBER)
)
_DROP = delete(_TABLE).where(_THIS)
_ACCESSES = (
    select(*(credential_accesses.c[name] for name in names_of(AccessRow)))
    .where(credential_accesses.c.reference_number == bindparam("number", required=True))
    .where(credential_accesses.c.day >= bindparam("since", required=True))
    .order_by(credential_accesses.c.day.desc(), credential_accesses.c.origin)
)
_PRUNE = delete(credential_accesses).where(
    credential_accesses.c.day < bindparam("before", required=True)
)
_OF_TENANT = _TABLE.c.tenant_id == bindparam("tenant_id", required=True)
_NEXT_EXPIRY = (
    select(_TABLE.c.expires_key)
    .where(_TABLE.c.expires_key > bindparam("now", required=True))
    .order_by(_TABLE.c.expires_key)
    .limit(1)
)
_ASKED = (
    update(_TABLE)
    .where(_THIS)
    .values(
        accesses=_TABLE.c.accesses + bindparam("count", required=True),
        told_expires_at=func.coalesce(
            bindparam("told", required=True, type_=_TABLE.c.created_at.type),
            _TABLE.c.told_expires_at,
        ),
        **bound(("accessed_at", "problem")),
    )
)


def _counted(dialect: str) -> Insert:
    """Adds to the count of a day; a reference that is gone by now has none to add to."""
    columns = ("reference_number", "day", "origin", "count", "last_at")
    kinds = (Integer, Text, BigInteger, BigInteger)
    told: list[BindParameter[object]] = [
        bindparam(name, type_=kind, required=True)
        for name, kind in zip(columns[1:], kinds, strict=True)
    ]
    put = inserting(dialect, credential_accesses)
    kept = put.from_select(columns, select(_TABLE.c.number, *told).where(_THIS))
    table = credential_accesses
    return kept.on_conflict_do_update(
        index_elements=list(columns[:3]),
        set_={"count": table.c["count"] + put.excluded["count"], "last_at": put.excluded.last_at},
    )


_THINGS = [targets.c[name] for name in ("id", "name", "sort_name", "number")]
_USED = (
    secret_uses.c.tenant_id == bindparam("_tenant", required=True),
    secret_uses.c.credential_ref == bindparam("_ref", required=True),
)
_HURRY = (
    update(targets)
    .where(targets.c.due_at.is_not(None))
    .where(
        exists().where(
            *_USED,
            secret_uses.c.kind == targets.c.kind,
            secret_uses.c.thing_id == targets.c.id,
        )
    )
    .where(targets.c.tenant_id == bindparam("_tenant", required=True))
)
# An admin key is a feed's, which is told of as the integration that it is read for; a gateway is
# told of by the name of the source or connector that it is for; a channel of alerts by its own.
_USES = union(
    select(targets.c.kind, *_THINGS)
    .join_from(
        secret_uses,
        targets,
        and_(targets.c.kind == secret_uses.c.kind, targets.c.id == secret_uses.c.thing_id),
    )
    .where(*_USED),
    select(targets.c.kind, *_THINGS)
    .join_from(
        secret_uses,
        usage_feeds,
        and_(
            usage_feeds.c.tenant_id == secret_uses.c.tenant_id,
            usage_feeds.c.name == secret_uses.c.thing_id,
        ),
    )
    .join(
        targets,
        and_(targets.c.kind == "integration", targets.c.id == usage_feeds.c.integration_id),
    )
    .where(*_USED, secret_uses.c.kind == "feed"),
    select(
        literal("gateway").label("kind"),
        gateways.c.id,
        targets.c.name,
        targets.c.sort_name,
        targets.c.number,
    )
    .join_from(secret_uses, gateways, gateways.c.id == secret_uses.c.thing_id)
    .join(targets, and_(targets.c.kind == gateways.c.kind, targets.c.id == gateways.c.thing_id))
    .where(*_USED, secret_uses.c.kind == "gateway"),
    select(
        literal("channel").label("kind"),
        alert_channels.c.id,
        alert_channels.c.name,
        alert_channels.c.sort_name,
        literal(0).label("number"),
    )
    .join_from(secret_uses, alert_channels, alert_channels.c.id == secret_uses.c.thing_id)
    .where(*_USED, secret_uses.c.kind == "channel"),
).subquery()
_USERS = select(*(_USES.c[name] for name in names_of(CredentialUserRow))).order_by(
    _USES.c.sort_name, _USES.c.number, _USES.c.kind
)


class ReferencesDriver:
    """Reads and writes references on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(  # noqa: PLR0913  (each narrows or orders the list by name)
        self,
        tenant_id: str | None,
        moment: Moment,
        *,
        terms: Sequence[Term] = (),
        sort: Sort = "state",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> Page[ReferenceRow]:
        """Gives a page of a tenant's references, or of everybody's for None.

        Rows that sort alike follow by name, then by age.
        """
        return self._listing(tenant_id, moment, terms).page(
            self.connection,
            ReferenceRow,
            listed,
            sort=sort,
            descending=descending,
            anchor=anchor,
            limit=limit,
        )

    def count(self, tenant_id: str | None, moment: Moment, *, terms: Sequence[Term] = ()) -> int:
        """Counts the references of a list."""
        return self._listing(tenant_id, moment, terms).count(self.connection)

    def states(self, tenant_id: str | None, moment: Moment) -> dict[str, int]:
        """Counts the references in each state that any is in."""
        states = select(STATE.label("state"))
        if tenant_id is not None:
            states = states.where(_TABLE.c.tenant_id == tenant_id)
        found = states.subquery()
        counted = select(found.c.state, func.count()).group_by(found.c.state)
        values = moment.values()
        return {state: count for state, count in self.connection.execute(counted, values)}  # noqa: C416

    def next_expiry(self, tenant_id: str | None, moment: Moment) -> datetime | None:
        """Gives when the next reference expires that has not yet."""
        first = _NEXT_EXPIRY if tenant_id is None else _NEXT_EXPIRY.where(_OF_TENANT)
        values = {"tenant_id": tenant_id, "now": moment.now}
        found = self.connection.execute(first, values).scalar()
        return None if found is None or found >= NEVER else from_millis(found)

    def get(self, tenant_id: str, reference: str) -> ReferenceRow | None:
        """Gives one; None for another tenant's as for a missing one."""
        row = self.connection.execute(_ONE, _key(tenant_id, reference)).one_or_none()
        return None if row is None else build(ReferenceRow, row)

    def add(self, tenant_id: str, reference: str, *, label: str, at: datetime) -> None:
        """Registers a reference to a secret that is kept elsewhere, unless it is listed by now."""
        values = {
            "tenant_id": tenant_id,
            "reference": reference,
            "kind": reference.partition("://")[0],
            "label": label,
            "sort_name": (label or reference).casefold(),
            "registered": True,
            "created_at": at,
        }
        put = inserting(self.connection.dialect.name, _TABLE).values(values)
        self.connection.execute(put.on_conflict_do_nothing())
        revisions.bump(self.connection, "credentials")

    def change(self, tenant_id: str, reference: str, changes: Mapping[str, object]) -> bool:
        """Changes fields by name; False when there is no such reference."""
        values = dict(changes)
        if "label" in values:
            values["sort_name"] = (str(values["label"]) or reference).casefold()
        revisions.bump(self.connection, "credentials")
        done = self.connection.execute(_CHANGE.values(**values), _key(tenant_id, reference))
        return done.rowcount == 1

    def drop(self, tenant_id: str, reference: str) -> bool:
        """Forgets a reference and who asked for it; False when there is no such one."""
        key = _key(tenant_id, reference)
        self.connection.execute(_DROP_ACCESSES, key)
        revisions.bump(self.connection, "credentials")
        return self.connection.execute(_DROP, key).rowcount == 1

    def asked(self, rows: Iterable[AskedRow], origin: str) -> None:
        """Adds what was asked for; in the order of references, which is everybody's."""
        given = sorted(rows, key=lambda row: (row.tenant_id, row.reference, row.day))
        values = [_asked(row, origin) for row in given]
        execute_many(self.connection, _ASKED, values)
        execute_many(self.connection, _COUNT[self.connection.dialect.name], values)
        if values:
            revisions.bump(self.connection, "credentials")

    def accesses(self, number: int, *, since_day: int) -> tuple[AccessRow, ...]:
        """Gives how often a secret was asked for, newest day first."""
        values = {"number": number, "since": since_day}
        return tuple(build_all(AccessRow, self.connection.execute(_ACCESSES, values)))

    def prune(self, before_day: int) -> int:
        """Forgets what was asked for before a day; gives how many rows that were."""
        return self.connection.execute(_PRUNE, {"before": before_day}).rowcount

    def hurry(self, tenant_id: str, reference: str, at: datetime) -> int:
        """Makes the checks of the things that point to a reference due; gives how many."""
        values = {**_key(tenant_id, reference), "due_at": at}
        revisions.bump(self.connection, "health")
        return self.connection.execute(_HURRY, values).rowcount

    def used_by(self, tenant_id: str, reference: str) -> tuple[CredentialUserRow, ...]:
        """Gives the tenant's things whose credential reference is exactly this one, by name."""
        found = self.connection.execute(_USERS, _key(tenant_id, reference))
        return tuple(build_all(CredentialUserRow, found))

    def _listing(self, tenant_id: str | None, moment: Moment, terms: Sequence[Term]) -> Listing:
        return Listing(
            of=REFERENCES,
            scope=ReferenceScope(tenant_id=tenant_id),
            terms=tuple(terms),
            moment=moment.values(),
        )


_COUNT = by_dialect(_counted)


def day_of(at: datetime) -> int:
    """Gives the day of a time: days since 1970 in UTC."""
    return to_millis(at) // DAY_MS


def _key(tenant_id: str, reference: str) -> dict[str, object]:
    return {"_tenant": tenant_id, "_ref": reference}


def _asked(row: AskedRow, origin: str) -> dict[str, object]:
    moment = to_millis(row.last_at)
    return {
        **_key(row.tenant_id, row.reference),
        "day": row.day,
        "origin": origin,
        "count": row.count,
        "last_at": moment,
        "accessed_at": moment,
        "problem": row.problem,
        "told": None if row.expires_at is None else to_millis(row.expires_at),
    }
