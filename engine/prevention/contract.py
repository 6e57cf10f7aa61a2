"""The prevention contract: what may become a record, and what may happen to one afterwards.

A record proves that an active policy blocked a known bad pattern before an incident came of it.
The rules are frozen at version 1.0.0; a change of them would be another contract, with another
version in each record written under it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import EXIT_USAGE, LampboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREVENTION_CONTRACT_VERSION = "1.0.0"
PREVENTION_CONTRACT_FROZEN_AT = "2025-12-23"

ACTIVE = "active"
"""The only mode of a policy whose blocks are proofs."""
MIN_CONFIDENCE = 0.6
"""How sure the match of pattern and request must at least be, of 1."""
RULES = (
    *("POLICY_MODE", "INCIDENT_CREATED", "SIGNATURE_CONFIDENCE", "TENANT_REQUIRED"),
    *("PATTERN_REQUIRED", "POLICY_REQUIRED", "IMMUTABLE", "NO_DELETE"),
)


class PreventionContractViolation(LampboardError):  # noqa: N818 - the contract's own word
    """A record that would break the contract, or a deed that does.

    Args:
        rule: One of RULES.
        details: One sentence for people; it never repeats a value.
        field: The candidate's field to blame, when there is one.
    """

    title = "The prevention contract does not allow that"
    code = "prevention_contract"
    exit_code = EXIT_USAGE

    def __init__(self, rule: str, details: str = "", *, field: str | None = None) -> None:
        super().__init__(f"{rule}: {details}" if details else rule, field=field)
        self.rule = rule
        self.details = details

    def to_dict(self) -> dict[str, str | None]:
        """Return the violation as JSON-ready values."""
        return {**super().to_dict(), "rule": self.rule, "details": self.details}


@dataclass(frozen=True, slots=True)
class PreventionCandidate:
    """What may become a record, once it was validated.

    Attributes:
        policy_id: The policy that blocked.
        pattern_id: The known bad pattern that was recognised.
        tenant_id: Whose request it was.
        blocked_incident_id: The incident that did not happen.
        original_incident_id: The one from which the pattern is known.
        signature_match_confidence: How sure the match was, 0.6 to 1.
        policy_mode: The policy's mode at that moment; only `active` counts.
        pattern_signature: What the pattern looks like: text, or a JSON object.
        request_signature: What the request looked like, likewise.
        incident_created: Whether an incident came of it all the same.
        is_simulated: Whether it was a drill.
    """

    policy_id: str
    pattern_id: str
    tenant_id: str
    blocked_incident_id: str | None
    original_incident_id: str | None
    signature_match_confidence: float
    policy_mode: str
    pattern_signature: str | Mapping[str, Any] | None
    request_signature: str | Mapping[str, Any] | None
    incident_created: bool
    is_simulated: bool = False


def validate_prevention_candidate(candidate: PreventionCandidate) -> None:
    """Return when the candidate may become a record.

    Raises:
        PreventionContractViolation: A rule does not allow it; `rule` names the first one.
    """
    # One expression for what nearly always holds: this is called for each of many records.
    confidence = candidate.signature_match_confidence
    tenant, pattern, policy = candidate.tenant_id, candidate.pattern_id, candidate.policy_id
    if (
        candidate.policy_mode == ACTIVE
        and candidate.incident_created is False
        and type(confidence) is float
        and MIN_CONFIDENCE <= confidence <= 1
        and type(tenant) is type(pattern) is type(policy) is str
        and (tenant and pattern and policy)
        and not (tenant.isspace() or pattern.isspace() or policy.isspace())
    ):
        return
    for rule, field, holds, details in _CANDIDATE_RULES:
        if not holds(getattr(candidate, field)):
            raise PreventionContractViolation(rule, details, field=field)


def assert_prevention_immutable(record_id: str, existing_record: dict[str, Any]) -> None:
    """Refuse to write over a record; return when there is none yet.

    Args:
        record_id: The record that somebody is about to write.
        existing_record: What is kept under that id already; empty when nothing is.

    Raises:
        PreventionContractViolation: There is one (IMMUTABLE).
    """
    if existing_record:
        raise PreventionContractViolation(
            "IMMUTABLE", f"Record {_shown(record_id)} is written already and cannot be changed."
        )


def assert_no_deletion(record_id: str) -> None:
    """Refuse to delete a record, always.

    Raises:
        PreventionContractViolation: Every time (NO_DELETE).
    """
    raise PreventionContractViolation(
        "NO_DELETE", f"Record {_shown(record_id)} cannot be deleted; no record can."
    )


def validate_prevention_for_graduation(
    prevention_record: dict[str, Any], policy_activated_at: datetime
) -> bool:
    """Return whether a record counts towards the graduation of its policy.

    It does when it is not simulated and was created at or after the policy's activation. Times
    without a zone are UTC; a record that does not say when it was created does not count.

    Args:
        prevention_record: `is_simulated`, and `created_at` as a time or as ISO 8601.
        policy_activated_at: When the policy became active.
    """
    return why_not_counting(prevention_record, policy_activated_at) is None


def why_not_counting(
    prevention_record: Mapping[str, Any], policy_activated_at: datetime | None
) -> str | None:
    """Return why a record does not count: `simulated`, `before`, `undated`, `not_active` or None.

    `not_active` means that the policy never was.
    """
    if prevention_record.get("is_simulated"):
        return "simulated"
    if policy_activated_at is None:
        return "not_active"
    created_at = _moment(prevention_record.get("created_at"))
    if created_at is None:
        return "undated"
    return None if created_at >= in_utc(policy_activated_at) else "before"


def in_utc(moment: datetime) -> datetime:
    """Return the time in UTC; one without a zone is UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(told: object) -> datetime | None:
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    return in_utc(told) if isinstance(told, datetime) else None


def _shown(record_id: str) -> str:
    return str(record_id)[:80]


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not value.isspace()


def _is_confident(value: object) -> bool:
    # True is an int to Python, and no confidence; NaN is neither more nor less than anything.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and MIN_CONFIDENCE <= value <= 1


_CANDIDATE_RULES: tuple[tuple[str, str, Callable[[object], bool], str], ...] = (
    (
        *("POLICY_MODE", "policy_mode"),
        lambda mode: mode == ACTIVE,
        "Only a policy in mode active prevents; what others would have blocked is no proof.",
    ),
    (
        *("INCIDENT_CREATED", "incident_created"),
        lambda created: created is False,
        "An incident came of it, so nothing was prevented.",
    ),
    (
        *("SIGNATURE_CONFIDENCE", "signature_match_confidence"),
        _is_confident,
        f"The match must be a number from {MIN_CONFIDENCE} to 1.",
    ),
    ("TENANT_REQUIRED", "tenant_id", _is_said, "The record must say whose request it was."),
    ("PATTERN_REQUIRED", "pattern_id", _is_said, "The record must name the pattern."),
    ("POLICY_REQUIRED", "policy_id", _is_said, "The record must name the policy."),
)
