"""References as lists and details show them: chosen, in order, and as of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from engine.credentials.results import (
    STATES,
    CredentialAccess,
    CredentialDetail,
    CredentialsHeadline,
    CredentialSummary,
    CredentialUser,
)
from engine.errors import NotFound
from engine.order import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.order import Order
    from storage.filters import Term
    from storage.paging import Anchor, Key
    from storage.reference_lists import Moment, ReferenceRow, Sort

SORTS = ("state", "name", "kind", "expiry", "used", "age", "accessed")
ACCESS_DAYS = 30
"""How many days of accesses a detail tells of."""

order_by = partial(order_of, among=SORTS, what="Credentials")
"""Returns the order of a page; see `engine.order.order_of`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AsOf:
    """As of when references are told; what expires within `warning` is expiring."""

    now: datetime
    warning: timedelta

    def moment(self) -> Moment:
        """Return it as the driver takes it."""
        from storage.reference_lists import Moment
        from storage.types import to_millis

        return Moment(now=to_millis(self.now), soon=to_millis(self.now + self.warning))


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The references that match, of a tenant or, with None, of all; make one with `select`."""

    tenant_id: str | None
    as_of: AsOf
    terms: tuple[Term, ...] = ()

    def count(self, connection: Connection) -> int:
        """Return how many match."""
        from storage.references import ReferencesDriver

        driver = ReferencesDriver(connection)
        return driver.count(self.tenant_id, self.as_of.moment(), terms=self.terms)

    def page(
        self, connection: Connection, order: Order, anchor: Anchor | None
    ) -> tuple[tuple[CredentialSummary, ...], tuple[Key, ...]]:
        """Return one page, and the key of each row."""
        from storage.references import ReferencesDriver

        page = ReferencesDriver(connection).page(
            self.tenant_id,
            self.as_of.moment(),
            terms=self.terms,
            sort=cast("Sort", order.sort),
            descending=order.descending,
            anchor=anchor,
            limit=order.limit,
        )
        return tuple(summary(row, self.as_of) for row in page.rows), page.keys


def select(
    tenant_id: str | None, as_of: AsOf, *, terms: Sequence[Term] = (), query: str = ""
) -> Selection:
    """Return what matches the terms, and `query` as people type it."""
    from engine.filters import parse_filter

    return Selection(tenant_id=tenant_id, as_of=as_of, terms=(*terms, *parse_filter(query)))


def expiry_of(row: ReferenceRow) -> datetime | None:
    """Return when a credential is worthless: a person's word goes before any other."""
    return row.said_expires_at or row.told_expires_at


def state_of(row: ReferenceRow, as_of: AsOf) -> str:
    """Return how a reference is, one of STATES; the lists' own order says the same in SQL."""
    expires_at = expiry_of(row)
    if expires_at is not None and expires_at <= as_of.now:
        return "expired"
    if row.problem is not None:
        return "unreadable"
    if expires_at is not None and expires_at <= as_of.now + as_of.warning:
        return "expiring"
    return "ok" if row.accessed_at is not None else "untested"


def summary(row: ReferenceRow, as_of: AsOf) -> CredentialSummary:
    """Return a reference as lists show it."""
    return CredentialSummary(
        tenant_id=row.tenant_id,
        reference=row.reference,
        kind=row.kind,
        label=row.label,
        state=state_of(row, as_of),
        problem=row.problem,
        created_at=row.created_at,
        updated_at=row.updated_at,
        expires_at=expiry_of(row),
        used=row.used,
        accessed_at=row.accessed_at,
        accesses=row.accesses,
        key_id=row.key_id,
    )


def found(connection: Connection, tenant_id: str, reference: str) -> ReferenceRow:
    """Return the row of a reference; raises NotFound, which does not repeat it."""
    from storage.references import ReferencesDriver

    row = ReferencesDriver(connection).get(tenant_id, reference)
    if row is None:
        raise NotFound(
            "This tenant has no such credential.",
            hint="See `lampboard credentials list`.",
            field="credential_ref",
        )
    return row


def users(connection: Connection, tenant_id: str, reference: str) -> tuple[CredentialUser, ...]:
    """Return the things that point to a reference, by name."""
    from storage.references import ReferencesDriver

    rows = ReferencesDriver(connection).used_by(tenant_id, reference)
    return tuple(CredentialUser(kind=row.kind, id=row.id, name=row.name) for row in rows)


def detail(connection: Connection, tenant_id: str, reference: str, as_of: AsOf) -> CredentialDetail:
    """Return a reference with who uses it and who asked for it; raises NotFound."""
    from datetime import UTC, datetime

    from storage.references import ReferencesDriver, day_of

    row = found(connection, tenant_id, reference)
    since = day_of(as_of.now) - ACCESS_DAYS + 1
    accesses = ReferencesDriver(connection).accesses(row.number, since_day=since)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return CredentialDetail(
        credential=summary(row, as_of),
        users=users(connection, tenant_id, reference),
        accesses=tuple(
            CredentialAccess(
                day=(epoch + timedelta(days=one.day)).date().isoformat(),
                origin=one.origin,
                count=one.count,
                last_at=one.last_at,
            )
            for one in accesses
        ),
    )


def headline(connection: Connection, tenant_id: str | None, as_of: AsOf) -> CredentialsHeadline:
    """Return how many references are in each state, and the next expiry."""
    from storage.references import ReferencesDriver

    driver, moment = ReferencesDriver(connection), as_of.moment()
    counted = driver.states(tenant_id, moment)
    return CredentialsHeadline(
        counts={state: counted.get(state, 0) for state in STATES},
        next_expiry=driver.next_expiry(tenant_id, moment),
    )
