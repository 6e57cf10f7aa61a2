"""The queue of checks: what is due, and who has taken it.

A claim is a lease: its holder has the target for itself until then, and loses it to whoever
asks next when it dies. The lease is kept beside the plan, not in it, so that a lost claim does
not move the plan.
"""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, func, or_, select, update

from storage import revisions
from storage.health.lamps import TARGET_COLUMNS, Lamps
from storage.health.rows import TargetRow
from storage.rows import build_all
from storage.tables import targets
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_NOW = bindparam("now", type_=UtcMillis, required=True)
_DUE_BY = bindparam("due_by", type_=UtcMillis, required=True)
_PASSED_OVER: BindParameter[str] = bindparam("passed_over", expanding=True, required=True)
_UNTIL = bindparam("until", type_=UtcMillis, required=True)
_OWNER: BindParameter[str] = bindparam("_owner", required=True)
_FREE = or_(targets.c.lease_until.is_(None), targets.c.lease_until <= _NOW)
_DUE = (
    select(targets.c.number)
    .where(targets.c.active, targets.c.due_at <= _DUE_BY, _FREE)
    .where(targets.c.technology.not_in(_PASSED_OVER))
    .order_by(targets.c.due_at)
    .limit(bindparam("limit", required=True))
    # SQLite has one writer, and ignores this; on PostgreSQL two claimers pass each other by.
    # No key changes: who writes down what belongs to a target need not wait for the claim.
    .with_for_update(skip_locked=True, key_share=True)
)
_LEASE = update(targets).values(lease_owner=_OWNER, lease_until=_UNTIL)
_CLAIM = _LEASE.where(targets.c.number.in_(_DUE)).returning(*TARGET_COLUMNS)
_CLAIM_ONE = _LEASE.where(
    targets.c.number == bindparam("_number", required=True),
    targets.c.retired_at.is_(None),
    or_(_FREE, targets.c.lease_owner == _OWNER),
)
_RELEASE = (
    update(targets)
    .where(targets.c.lease_owner == _OWNER)
    .values(lease_owner=None, lease_until=None)
)
_RELEASE_SOME = _RELEASE.where(
    targets.c.number.in_(bindparam("numbers", expanding=True, required=True))
)
_NEXT = (
    select(targets.c.due_at)
    .where(targets.c.active, targets.c.due_at.is_not(None), targets.c.lease_until.is_(None))
    .order_by(targets.c.due_at)
    .limit(1)
)
_DUE_COUNT = (
    select(func.count()).select_from(targets).where(targets.c.active, targets.c.due_at <= _NOW)
)
_PLAN = update(targets).where(targets.c.number == bindparam("_number", required=True))
_PUT_OFF = _PLAN.where(targets.c.lease_owner == _OWNER).values(
    due_at=bindparam("_due_at", type_=UtcMillis, required=True),
    retry_at=None,
    forced_at=None,
    lease_owner=None,
    lease_until=None,
)


class Queue(Lamps):
    """The scheduling part of `HealthDriver`."""

    def claim_due(  # noqa: PLR0913  (who takes what, until when)
        self,
        now: datetime,
        owner: str,
        lease_s: float,
        limit: int,
        *,
        due_by: datetime | None = None,
        passing_over: Sequence[str] = (),
    ) -> list[TargetRow]:
        """Takes up to `limit` due targets that nobody holds, longest due first.

        No two claimers ever get the same target while a lease of `lease_s` seconds holds. Due
        is what is planned until `due_by`, else until now; technologies can be passed over.
        """
        values = {
            "now": now,
            "due_by": due_by or now,
            "passed_over": list(passing_over),
            "until": now + timedelta(seconds=lease_s),
            "_owner": owner,
            "limit": limit,
        }
        claimed = build_all(TargetRow, self.connection.execute(_CLAIM, values))
        return sorted(claimed, key=attrgetter("due_at", "number"))

    def claim_one(self, number: int, owner: str, now: datetime, lease_s: float) -> bool:
        """Takes one target, due or not; False when someone else holds it or it is gone."""
        until = now + timedelta(seconds=lease_s)
        values = {"_number": number, "_owner": owner, "now": now, "until": until}
        return self.connection.execute(_CLAIM_ONE, values).rowcount == 1

    def release(self, owner: str, numbers: Sequence[int] | None = None) -> int:
        """Gives targets back unchecked (all that the owner holds for None); says how many."""
        if numbers is None:
            return self.connection.execute(_RELEASE, {"_owner": owner}).rowcount
        values = {"_owner": owner, "numbers": list(numbers)}
        return self.connection.execute(_RELEASE_SOME, values).rowcount

    def next_due(self) -> datetime | None:
        """Tells when the next target that nobody holds is due, which may be past."""
        return self.connection.execute(_NEXT).scalar()

    def due_count(self, now: datetime) -> int:
        """Counts what is due by now, held or not."""
        return int(self.connection.execute(_DUE_COUNT, {"now": now}).scalar_one())

    def reschedule(
        self,
        number: int,
        due_at: datetime | None,
        *,
        retry_at: datetime | None = None,
        forced_at: datetime | None = None,
    ) -> bool:
        """Plans the next check of a target (None: no plan); False when there is no such one."""
        plan = {"due_at": due_at, "retry_at": retry_at, "forced_at": forced_at}
        found = self.connection.execute(_PLAN, {"_number": number, **plan}).rowcount
        revisions.bump(self.connection, "health")
        return found == 1

    def put_off(self, owner: str, number: int, due_at: datetime) -> bool:
        """Gives a target back unchecked, due at another time; False when it is another's now."""
        values = {"_number": number, "_owner": owner, "_due_at": due_at}
        done = self.connection.execute(_PUT_OFF, values).rowcount == 1
        if done:
            revisions.bump(self.connection, "health")
        return done
