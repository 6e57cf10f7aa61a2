"""Repairing what a clock that was set back leaves behind: times that lie in the future.

A plan an hour ahead would starve its target, a lease would outlive its dead holder, and a lamp
that was lit "later" would refuse every newer result.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, case, or_, type_coerce, update

from storage import revisions
from storage.tables import targets
from storage.types import UtcMillis, to_millis

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

# Two machines on one server may differ by about this much without being mended to and fro.
_SKEW_MS = 2000
_LONGEST_LEASE = timedelta(minutes=10)
_LONGEST_BACKOFF_S = 600
_LONGEST_REST = timedelta(days=1)

_NOW = bindparam("now", type_=BigInteger, required=True)
_due_at = type_coerce(targets.c.due_at, BigInteger)
_since = type_coerce(targets.c.since, BigInteger)
_checked_at = type_coerce(targets.c.checked_at, BigInteger)
_passed_at = type_coerce(targets.c.passed_at, BigInteger)
_interval_ms = type_coerce(targets.c.interval_s, BigInteger) * 1000
# No plan that the schedule makes is further off: a tenth over the interval or the back-off.
_furthest_ms = case(
    (targets.c.failures_in_row <= 1, _interval_ms),
    (targets.c.interval_s > _LONGEST_BACKOFF_S, _interval_ms),
    else_=_LONGEST_BACKOFF_S * 1000,
)
_FUTURE_LAMPS = (
    update(targets)
    .where(_checked_at > _NOW + _SKEW_MS)
    .values(
        checked_at=_NOW,
        since=case((_since > _NOW, _NOW), else_=_since),
        passed_at=case((_passed_at > _NOW, _NOW), else_=_passed_at),
    )
)
_FUTURE_PLANS = (
    update(targets)
    .where(targets.c.active)
    .where(_due_at > _NOW + _furthest_ms * 11 / 10 + _SKEW_MS)
    .where(
        or_(
            targets.c.retry_at.is_(None),
            targets.c.retry_at > bindparam("rest", type_=UtcMillis, required=True),
        )
    )
    # Spread over the interval by a prime, for they would all be due at once otherwise.
    .values(
        due_at=_NOW + (targets.c.number * 7919) % _interval_ms,
        retry_at=None,
    )
)
_FUTURE_LEASES = (
    update(targets)
    .where(targets.c.lease_until > bindparam("lease", type_=UtcMillis, required=True))
    .values(lease_owner=None, lease_until=None)
)


def mend_clock(connection: Connection, now: datetime) -> int:
    """Brings lamps, plans and leases of targets back that lie further ahead than they can.

    Gives how many changes were made; none where no clock was ever set back.
    """
    values = {"now": to_millis(now)}
    mended = connection.execute(_FUTURE_LAMPS, values).rowcount
    rest = {"rest": now + _LONGEST_REST}
    mended += connection.execute(_FUTURE_PLANS, {**values, **rest}).rowcount
    mended += connection.execute(_FUTURE_LEASES, {"lease": now + _LONGEST_LEASE}).rowcount
    if mended:
        revisions.bump(connection, "health")
    return mended
