"""What the list of prevention holds: a record of the ledger, or a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.prevention.results import PolicyGraduation, PreventionRecord

RECORDS: Final = "records"
POLICIES: Final = "policies"

GROUPS: Final[Mapping[str, str]] = {
    RECORDS: "The ledger, newest first",
    POLICIES: "Policies, and how far each is to graduation",
}
"""What the list can show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row: a record or a policy.

    Attributes:
        id: The record's id, or the policy's.
        status: Of a record `simulated` or `real`, of a policy `graduated` or its mode.
        version: Always 1: of a policy only what was changed is set, so two editors do no harm.
    """

    id: str
    tenant_id: str
    name: str
    status: str
    record: PreventionRecord | None = None
    policy: PolicyGraduation | None = None
    version: int = 1


def record_entry(record: PreventionRecord) -> Entry:
    """Return a record as an entry."""
    return Entry(
        id=record.id,
        tenant_id=record.tenant_id,
        name=record.id,
        status="simulated" if record.is_simulated else "real",
        record=record,
    )


def policy_entry(policy: PolicyGraduation, tenant_id: str) -> Entry:
    """Return a policy as an entry."""
    return Entry(
        id=policy.policy_id,
        tenant_id=tenant_id,
        name=policy.name or policy.policy_id,
        status="graduated" if policy.graduated else policy.mode,
        policy=policy,
    )
