"""Graduation: which records of a policy count since it is active, and whether they are enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.prevention.contract import ACTIVE, in_utc
from engine.prevention.policies import NEEDED
from engine.prevention.reading import PREFIX
from engine.prevention.results import PolicyGraduation, UncountedRecord
from storage.prevention import LedgerDriver, PoliciesDriver
from storage.types import from_millis, to_millis

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.prevention import PolicyRow
    from storage.prevention.rows import PolicyCount


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What was counted of a ledger, up to a number, while its policies were these.

    Records are never changed, so what was counted once is not counted again: of a million that
    takes seconds.
    """

    seq: int
    digest: bytes
    policies: Mapping[str, PolicyRow]
    counts: Mapping[str, PolicyCount]


def count(connection: Connection, tenant_id: str, known: Counted | None) -> Counted:
    """Return what is to be counted of a ledger now, going on from what is known of it."""
    driver = LedgerDriver(connection)
    policies = {row.policy_id: row for row in PoliciesDriver(connection).of_tenant(tenant_id)}
    head = driver.head(tenant_id)
    seq, digest = (head.seq, head.digest) if head else (0, b"")
    if known is None or _since_of(known.policies) != _since_of(policies) or known.seq > seq:
        known = Counted(seq=0, digest=b"", policies={}, counts={})
    if known.seq == seq and known.digest == digest:
        return replace(known, policies=policies)
    counts = dict(known.counts)
    for found in driver.policy_counts(tenant_id, known.seq):
        counts[found.policy_id] = _sum(counts.get(found.policy_id), found)
    return Counted(seq=seq, digest=digest, policies=policies, counts=counts)


def _since_of(policies: Mapping[str, PolicyRow]) -> dict[str, datetime | None]:
    return {policy_id: _since(row, None) for policy_id, row in policies.items()}


def _sum(one: PolicyCount | None, other: PolicyCount) -> PolicyCount:
    if one is None:
        return other
    return replace(
        one,
        total=one.total + other.total,
        simulated=one.simulated + other.simulated,
        counting=one.counting + other.counting,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )


def of_all(counted: Counted) -> tuple[PolicyGraduation, ...]:
    """Return how far each policy is, sorted by id."""
    found = sorted(counted.policies.keys() | counted.counts.keys())
    return tuple(_of_policy(counted, policy_id) for policy_id in found)


def _of_policy(counted: Counted, policy_id: str) -> PolicyGraduation:
    policy = counted.policies.get(policy_id)
    return _graduation(policy_id, policy, counted.counts.get(policy_id), _since(policy, None))


def of_one(  # noqa: PLR0913, PLR0917 - what to count, and from when
    connection: Connection,
    tenant_id: str,
    policy_id: str,
    counted: Counted,
    since: datetime | None,
    limit: int,
) -> tuple[PolicyGraduation, tuple[UncountedRecord, ...]]:
    """Return how far a policy is, and the newest records that do not count.

    Raises:
        NotFound: Nothing was recorded of it, and it was not set.
    """
    policy, found = counted.policies.get(policy_id), counted.counts.get(policy_id)
    if policy is None and found is None:
        raise NotFound(
            f"There is no policy {policy_id[:80]!r} in this ledger.",
            hint="`lampboard prevention graduation` shows those that there are.",
            field="policy",
        )
    driver, moment = LedgerDriver(connection), _since(policy, since)
    millis = None if moment is None else to_millis(moment)
    if since is not None and found is not None and millis is not None:
        found = replace(found, counting=driver.count_since(tenant_id, policy_id, millis))
    rows = driver.uncounted(tenant_id, policy_id, millis, limit)
    uncounted = tuple(
        UncountedRecord(
            seq=seq,
            id=f"{PREFIX}{seq}",
            created_at=from_millis(at),
            reason="simulated" if simulated else "before" if moment else "not_active",
        )
        for seq, at, simulated in rows
    )
    return _graduation(policy_id, policy, found, moment), uncounted


def _since(policy: PolicyRow | None, told: datetime | None) -> datetime | None:
    """Return since when records count; None when none does, because the policy is not active."""
    if told is not None:
        return in_utc(told)
    if policy is None or policy.mode != ACTIVE:
        return None
    return policy.activated_at


def _graduation(
    policy_id: str, policy: PolicyRow | None, found: PolicyCount | None, since: datetime | None
) -> PolicyGraduation:
    total, simulated = (found.total, found.simulated) if found else (0, 0)
    counting = found.counting if found and since is not None else 0
    needed = policy.needed if policy else NEEDED
    return PolicyGraduation(
        policy_id=policy_id,
        activated_at=since,
        total=total,
        counting=counting,
        simulated=simulated,
        before=total - simulated - counting,
        needed=needed,
        graduated=counting >= needed,
        first_at=from_millis(found.first_at) if found else None,
        last_at=from_millis(found.last_at) if found else None,
        mode=policy.mode if policy else "unknown",
        name=policy.name if policy else policy_id,
    )
