"""What else goes wrong beside lamps, as of now: limits, credentials, ledgers and monitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, not_, select

from storage.reference_lists import LISTED, Moment, ReferenceRow
from storage.rows import build_all, names_of
from storage.tables import (
    credential_references,
    gauges,
    limit_transitions,
    meters,
    monitors,
    prevention_ledgers,
    prevention_verifications,
    targets,
    tenants,
)
from storage.types import from_millis

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class UrgentGaugeRow:
    """A gauge that is past a warning level or over; `percent` is of its limit.

    `target_number` is that of an integration's gauge. `warning_levels` are as in `MeterRow`.
    """

    meter_number: int
    tenant_id: str
    scope: str
    subject: str
    measure: str
    name: str
    provider: str
    state: str
    percent: float
    warning_levels: tuple[float, ...] | None
    target_number: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenLedgerRow:
    """A ledger whose last verification found a fault."""

    tenant_id: str
    at: datetime
    fault_kind: str | None
    fault_message: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedMonitorRow:
    """A monitor, alive or not, by its heartbeats; `stopped_at` is what it or its successor said."""

    id: str
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None


_OF_METER = frozenset({"subject", "warning_levels"})
_OF_INTEGRATION = and_(
    gauges.c.scope == "integration",
    targets.c.kind == "integration",
    targets.c.id == meters.c.subject,
)
_URGENT = (
    select(
        *(
            (meters if name in _OF_METER else gauges).c[name]
            for name in names_of(UrgentGaugeRow)[:-1]
        ),
        targets.c.number,
    )
    .join_from(gauges, meters, meters.c.number == gauges.c.meter_number)
    .outerjoin(targets, _OF_INTEGRATION)
    # By tenant and state, which is an index.
    .where(gauges.c.tenant_id.in_(select(tenants.c.id)))
    .where(gauges.c.state.in_(("over", "warned")), gauges.c.retired_at.is_(None))
    .order_by(gauges.c.number)
)
_LAST_REACHED = select(func.max(limit_transitions.c.at)).where(
    limit_transitions.c.meter_number == bindparam("meter", required=True),
    limit_transitions.c.measure == bindparam("measure", required=True),
)
_EXPIRING = (
    select(*LISTED)
    .where(credential_references.c.tenant_id.in_(select(tenants.c.id)))
    .where(credential_references.c.expires_key <= bindparam("soon", required=True))
    .order_by(credential_references.c.number)
)
_LAST_PROOF = (
    select(func.max(prevention_verifications.c.id))
    .where(prevention_verifications.c.tenant_id == prevention_ledgers.c.tenant_id)
    .correlate(prevention_ledgers)
    .scalar_subquery()
)
_BROKEN = (
    select(*(prevention_verifications.c[name] for name in names_of(BrokenLedgerRow)))
    .join_from(
        prevention_ledgers,
        prevention_verifications,
        prevention_verifications.c.id == _LAST_PROOF,
    )
    .where(not_(prevention_verifications.c.ok))
    .order_by(prevention_verifications.c.tenant_id)
)
_MONITORS = select(*(monitors.c[name] for name in names_of(EndedMonitorRow))).order_by(
    monitors.c.beat_at, monitors.c.id
)


def urgent_gauges(connection: Connection) -> list[UrgentGaugeRow]:
    """Gives every tenant's gauges that are past a warning level or over their limit."""
    return build_all(UrgentGaugeRow, connection.execute(_URGENT))


def last_reached(connection: Connection, meter: int, measure: str) -> datetime | None:
    """Gives when a warning level of a gauge was last reached."""
    found = connection.execute(_LAST_REACHED, {"meter": meter, "measure": measure}).scalar()
    return from_millis(found) if isinstance(found, int) else found


def expiring(connection: Connection, moment: Moment) -> list[ReferenceRow]:
    """Gives every tenant's references that have expired, or expire until `moment.soon`."""
    return build_all(ReferenceRow, connection.execute(_EXPIRING, {"soon": moment.soon}))


def broken_ledgers(connection: Connection) -> list[BrokenLedgerRow]:
    """Gives the ledgers whose last verification found a fault."""
    return build_all(BrokenLedgerRow, connection.execute(_BROKEN))


def known_monitors(connection: Connection) -> list[EndedMonitorRow]:
    """Gives the monitors that are remembered, the one that beat last at the end."""
    return build_all(EndedMonitorRow, connection.execute(_MONITORS))
