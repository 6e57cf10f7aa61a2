"""Policies as the ledger knows them: since when they are active, and what graduates them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.prevention.contract import ACTIVE, in_utc
from engine.prevention.results import PreventionPolicy
from engine.text import require_line

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.prevention import PolicyRow

NEEDED = 3
"""How many records graduate a policy, unless it was told otherwise."""
MAX_NEEDED = 1_000_000
MAX_MODE = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is to be set, checked; None stays as it is."""

    policy_id: str
    name: str | None
    mode: str | None
    activated_at: datetime | None
    needed: int | None

    @classmethod
    def of(
        cls,
        policy_id: str,
        *,
        name: str | None,
        mode: str | None,
        activated_at: datetime | None,
        needed: int | None,
    ) -> Wanted:
        """Return what is wanted.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
        """
        if needed is not None and (type(needed) is not int or not 1 <= needed <= MAX_NEEDED):
            raise InvalidInput(f"Needed must be from 1 to {MAX_NEEDED:,}.", field="needed")
        return cls(
            policy_id=require_line(policy_id, "The policy's id", "policy_id"),
            name=None if name is None else require_line(name, "The name", "name"),
            mode=None
            if mode is None
            else require_line(mode, "The mode", "mode", maximum=MAX_MODE).lower(),
            activated_at=None if activated_at is None else in_utc(activated_at),
            needed=needed,
        )


def of_tenant(connection: Connection, tenant_id: str) -> tuple[PreventionPolicy, ...]:
    """Return the policies that were set, sorted by id."""
    from storage.prevention import PoliciesDriver

    return tuple(told(row) for row in PoliciesDriver(connection).of_tenant(tenant_id))


def told(row: PolicyRow) -> PreventionPolicy:
    """Return a row as the facade answers with it."""
    return PreventionPolicy(
        tenant_id=row.tenant_id,
        policy_id=row.policy_id,
        name=row.name,
        mode=row.mode,
        activated_at=row.activated_at,
        needed=row.needed,
        updated_at=row.updated_at,
    )


def set_policy(
    connection: Connection, run: Run, tenant_id: str, wanted: Wanted
) -> PreventionPolicy:
    """Set a policy, and note it in the activity when it changed.

    Raises:
        InvalidInput: The tenant's id cannot be one.
    """
    from engine.tenants.core import ensure
    from engine.tenants.slug import require_slug
    from storage.prevention import PoliciesDriver, PolicyRow

    ensure(connection, run, require_slug(tenant_id))
    driver, now = PoliciesDriver(connection), run.clock.now()
    before = driver.hold(tenant_id, wanted.policy_id)
    base = before or PolicyRow(
        tenant_id=tenant_id,
        policy_id=wanted.policy_id,
        name=wanted.policy_id,
        mode=ACTIVE,
        activated_at=None,
        needed=NEEDED,
        updated_at=now,
    )
    row = _changed(base, wanted, now)
    if before is not None and replace(row, updated_at=before.updated_at) == before:
        return told(before)
    driver.put(row)
    _note(connection, run, row, before)
    return told(row)


def _changed(base: PolicyRow, wanted: Wanted, now: datetime) -> PolicyRow:
    mode = wanted.mode or base.mode
    activated_at = wanted.activated_at or base.activated_at
    if mode == ACTIVE and wanted.activated_at is None:
        # One that becomes active again begins anew: what it did not block meanwhile is unknown.
        again = base.mode != ACTIVE or base.activated_at is None
        activated_at = now if again else base.activated_at
    return replace(
        base,
        name=wanted.name or base.name,
        mode=mode,
        activated_at=activated_at,
        needed=wanted.needed or base.needed,
        updated_at=now,
    )


def _note(connection: Connection, run: Run, row: PolicyRow, before: PolicyRow | None) -> None:
    from engine.activity.record import note
    from engine.jsonable import jsonable

    activated = row.mode == ACTIVE and (
        before is None or before.mode != ACTIVE or before.activated_at != row.activated_at
    )
    note(
        connection,
        run,
        row.tenant_id,
        action="policy.activated" if activated else "policy.set",
        concept="prevention",
        thing_id=row.policy_id,
        thing_name=row.name,
        detail={
            "mode": row.mode,
            "activated_at": jsonable(row.activated_at),
            "needed": row.needed,
        },
    )
