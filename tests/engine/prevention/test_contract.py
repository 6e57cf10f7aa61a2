"""The rules of the contract, each by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from engine.prevention import (
    PREVENTION_CONTRACT_FROZEN_AT,
    PREVENTION_CONTRACT_VERSION,
    PreventionCandidate,
    PreventionContractViolation,
    assert_no_deletion,
    assert_prevention_immutable,
    validate_prevention_candidate,
    validate_prevention_for_graduation,
)
from tests.engine.prevention.conftest import GOOD

ACTIVATED = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_the_contract_is_frozen() -> None:
    assert (PREVENTION_CONTRACT_VERSION, PREVENTION_CONTRACT_FROZEN_AT) == ("1.0.0", "2025-12-23")


def test_a_good_candidate_is_taken() -> None:
    validate_prevention_candidate(GOOD)
    validate_prevention_candidate(replace(GOOD, is_simulated=True))
    named = PreventionCandidate("p", "x", "acme", None, None, 0.6, "active", None, None, False)
    validate_prevention_candidate(named)
    for confidence in (0.6, 0.75, 1, 1.0):
        validate_prevention_candidate(replace(GOOD, signature_match_confidence=confidence))


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        *(("policy_mode", mode, "POLICY_MODE") for mode in ("shadow", "", "ACTIVE", None, True)),
        *(("incident_created", value, "INCIDENT_CREATED") for value in (True, None, 0, "no")),
        *(
            ("signature_match_confidence", value, "SIGNATURE_CONFIDENCE")
            for value in (
                *(0.5999999999999999, 0, -1.0, 1.0000000000000002, 95),
                *(float("nan"), float("inf"), float("-inf"), True, "0.9", None),
            )
        ),
        *(("tenant_id", value, "TENANT_REQUIRED") for value in ("", " ", None, 7)),
        *(("pattern_id", value, "PATTERN_REQUIRED") for value in ("", "\t", None, b"x")),
        *(("policy_id", value, "POLICY_REQUIRED") for value in ("", "\u2003", None, ["x"])),
    ],
)
def test_each_rule_is_named(field: str, value: Any, rule: str) -> None:
    with pytest.raises(PreventionContractViolation) as refused:
        validate_prevention_candidate(replace(GOOD, **{field: value}))
    assert (refused.value.rule, refused.value.field) == (rule, field)
    assert refused.value.details
    assert rule in str(refused.value)
    assert refused.value.to_dict()["rule"] == rule


def test_the_first_rule_that_is_broken_is_named() -> None:
    bad = replace(GOOD, policy_mode="shadow", incident_created=True, policy_id="")
    with pytest.raises(PreventionContractViolation) as refused:
        validate_prevention_candidate(bad)
    assert refused.value.rule == "POLICY_MODE"


def test_a_violation_never_repeats_a_value() -> None:
    with pytest.raises(PreventionContractViolation) as refused:
        validate_prevention_candidate(replace(GOOD, policy_mode="sk-canary-123"))
    assert "sk-canary" not in repr(refused.value.to_dict()) + str(refused.value)


def test_what_is_written_stays() -> None:
    with pytest.raises(PreventionContractViolation) as refused:
        assert_prevention_immutable("prv-1", {"seq": 1})
    assert refused.value.rule == "IMMUTABLE"
    assert "prv-1" in refused.value.details
    assert_prevention_immutable("prv-2", {})
    with pytest.raises(PreventionContractViolation) as deleting:
        assert_no_deletion("prv-1")
    assert deleting.value.rule == "NO_DELETE"


@pytest.mark.parametrize(
    ("record", "counts"),
    [
        ({"is_simulated": False, "created_at": ACTIVATED}, True),
        ({"created_at": ACTIVATED + timedelta(days=1)}, True),
        ({"is_simulated": True, "created_at": ACTIVATED}, False),
        ({"is_simulated": False, "created_at": ACTIVATED - timedelta(microseconds=1)}, False),
        ({"is_simulated": False, "created_at": "2026-11-21T12:00:00Z"}, True),
        ({"is_simulated": False, "created_at": "2026-11-21T12:00:00"}, True),
        ({"is_simulated": False, "created_at": "2026-11-21T13:59:59+02:00"}, False),
        ({"is_simulated": False, "created_at": datetime(2026, 11, 21, 12)}, True),  # noqa: DTZ001
        ({"is_simulated": False, "created_at": datetime(2026, 11, 21, 11, 59)}, False),  # noqa: DTZ001
        ({"is_simulated": False, "created_at": "yesterday"}, False),
        ({"is_simulated": False, "created_at": None}, False),
        ({}, False),
    ],
)
def test_what_counts_towards_graduation(record: dict[str, Any], counts: bool) -> None:
    assert validate_prevention_for_graduation(record, ACTIVATED) is counts


def test_an_activation_without_a_zone_is_utc() -> None:
    record = {"is_simulated": False, "created_at": ACTIVATED}
    assert validate_prevention_for_graduation(record, ACTIVATED.replace(tzinfo=None))
    eastern = ACTIVATED.astimezone(timezone(timedelta(hours=5)))
    assert validate_prevention_for_graduation(record, eastern)
