"""Prevention: records that cannot be changed, of what active policies have blocked."""

from __future__ import annotations

from engine.prevention.contract import (
    PREVENTION_CONTRACT_FROZEN_AT,
    PREVENTION_CONTRACT_VERSION,
    PreventionCandidate,
    PreventionContractViolation,
    assert_no_deletion,
    assert_prevention_immutable,
    validate_prevention_candidate,
    validate_prevention_for_graduation,
)
from engine.prevention.facade import PreventionFacade, get_prevention_facade
from engine.prevention.results import (
    Appended,
    Checkpoint,
    LedgerBreak,
    LedgerFault,
    LedgerStatus,
    PolicyGraduation,
    PreventionPolicy,
    PreventionRecord,
    UncountedRecord,
    Verification,
)

__all__ = [
    "PREVENTION_CONTRACT_FROZEN_AT",
    "PREVENTION_CONTRACT_VERSION",
    "Appended",
    "Checkpoint",
    "LedgerBreak",
    "LedgerFault",
    "LedgerStatus",
    "PolicyGraduation",
    "PreventionCandidate",
    "PreventionContractViolation",
    "PreventionFacade",
    "PreventionPolicy",
    "PreventionRecord",
    "UncountedRecord",
    "Verification",
    "assert_no_deletion",
    "assert_prevention_immutable",
    "get_prevention_facade",
    "validate_prevention_candidate",
    "validate_prevention_for_graduation",
]
