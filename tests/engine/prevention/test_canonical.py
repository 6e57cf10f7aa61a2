"""The canonical form: one text for one value, the same as other programs write."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.prevention.canonical import MAX_DEPTH, NotCanonical, canonical, number
from engine.prevention.ledger import _chained, prepare
from engine.prevention.reading import told
from engine.prevention.writing import MAX_SIGNATURE
from storage.prevention import RecordRow
from tests.engine.prevention.conftest import GOOD

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Whether JSON says the same with both: 1 and 1.0 are one number, 1 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def binary64(digits: str) -> float:
    """Reads a whole number as every JSON reader may: what is beyond 2^53 as a float."""
    return int(digits) if abs(int(digits)) < 2**53 else float(digits)


@settings(max_examples=80)
@given(VALUES)
def test_it_says_the_value_and_is_stable(value: Any) -> None:
    written = canonical(value)
    again = json.loads(written, parse_int=binary64)
    assert same(again, value)
    assert canonical(again) == written
    written.encode()


@settings(max_examples=80)
@given(VALUES, VALUES)
def test_different_values_have_different_forms(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == same(one, other)


# From RFC 8785, Appendix B.
@pytest.mark.parametrize(
    ("value", "written"),
    [
        *((0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (-5e-324, "-5e-324")),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        *(
            (9007199254740992.0, "9007199254740992"),
            (295147905179352830000.0, "295147905179352830000"),
        ),
        *((9.999999999999997e22, "9.999999999999997e+22"), (1e23, "1e+23")),
        *((999999999999999700000.0, "999999999999999700000"), (1e21, "1e+21")),
        *((9.999999999999997e-7, "9.999999999999997e-7"), (0.000001, "0.000001")),
        *((333333333.3333332, "333333333.3333332"), (0.6, "0.6"), (1.0, "1"), (-1.5, "-1.5")),
    ],
)
def test_numbers_are_written_as_ecmascript_does(value: float, written: str) -> None:
    assert number(value) == written


def test_names_are_sorted_by_their_code_units() -> None:
    # From RFC 8785, 3.2.3.
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = canonical(dict.fromkeys(names))
    assert list(json.loads(written)) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert written.startswith('{"\\r":null,"1":null')


def test_only_what_must_be_is_escaped() -> None:
    assert canonical('€$\x0f\nA\'B"\\\\"/\u2028') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u2028"'


@pytest.mark.parametrize(
    "value",
    [
        *(math.nan, math.inf, -math.inf, 2**53, -(2**60), "\ud800", "a\0b", b"x", object()),
        *({1: 2}, {"\udfff": 1}, [math.nan], {"a": {"b": {1, 2}}}),
    ],
)
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_depth_is_bounded() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    canonical(deep)
    with pytest.raises(NotCanonical, match="nested"):
        canonical([deep])
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NotCanonical):
        canonical(deep)


SIGNATURES = st.none() | WORDS | st.dictionaries(WORDS, VALUES, max_size=3)
IDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60)


@settings(max_examples=80)
@given(
    IDS,
    IDS,
    st.none() | IDS,
    st.floats(0.6, 1),
    SIGNATURES,
    SIGNATURES,
    st.booleans(),
)
@example('"', "\\", "é", 1.0, 'a "quoted" one', "back\\slash", True)
def test_a_record_is_written_in_the_same_form(  # noqa: PLR0917
    policy: str, pattern: str, incident: str | None, sure: float, one: Any, other: Any, drill: bool
) -> None:
    candidate = replace(
        GOOD,
        policy_id=policy,
        pattern_id=pattern,
        blocked_incident_id=incident,
        signature_match_confidence=sure,
        pattern_signature=one,
        request_signature=other,
        is_simulated=drill,
    )
    before = sha256(b"before").digest()
    ((_, seq, digest, body),) = _chained(prepare("acme", [candidate]), 1760000000000, 41, before)
    assert body == canonical(
        {
            "blocked_incident_id": incident,
            "contract_version": "1.0.0",
            "created_at": 1760000000000,
            "incident_created": False,
            "is_simulated": drill,
            "original_incident_id": "inc-0",
            "pattern_id": pattern,
            "pattern_signature": one,
            "policy_id": policy,
            "policy_mode": "active",
            "previous": before.hex(),
            "request_signature": other,
            "seq": 42,
            "signature_match_confidence": sure,
            "tenant_id": "acme",
        }
    )
    assert (seq, digest) == (42, sha256(before + body.encode()).digest())
    record = told("acme", RecordRow(seq=seq, digest=digest, body=body))
    assert record.agrees
    assert (record.policy_id, record.signature_match_confidence) == (policy, sure)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("policy_id", value) for value in ("a\nb", "x" * 201, "\ud800", "a\0b", "\u200b")),
        *(("blocked_incident_id", value) for value in ("", " ", 7, "x" * 10_000_000)),
        *(("original_incident_id", value) for value in ("\x1b[2J", b"x")),
        *(
            ("request_signature", value)
            for value in (
                *("\ud800", "a\0b", "x" * (MAX_SIGNATURE + 1), {"a": math.nan}, {1: 2}, 7, [1]),
                {"a": "x" * MAX_SIGNATURE},
            )
        ),
        *(("pattern_signature", value) for value in ({"a": 2**53}, b"x", {"x": {1, 2}})),
        *(("is_simulated", value) for value in (None, 1, "yes")),
    ],
    ids=lambda value: repr(value)[:15],
)
def test_what_cannot_be_kept_is_refused_by_its_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        prepare("acme", [replace(GOOD, **{field: value})])
    assert refused.value.field == field
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("value", [[1], b"x", (1,), 1.5, object])
def test_two_signatures_of_another_kind_are_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        prepare("acme", [replace(GOOD, pattern_signature=value, request_signature=value)])


def test_all_of_a_batch_or_none() -> None:
    from engine.prevention import PreventionContractViolation

    with pytest.raises(PreventionContractViolation):
        prepare("acme", [GOOD, replace(GOOD, policy_mode="shadow")])
    with pytest.raises(PreventionContractViolation, match="another tenant"):
        prepare("acme", [replace(GOOD, tenant_id="other")])
    for tenant, batch in (("acme", []), ("acme", [GOOD] * 10_001), ("no slug", [GOOD])):
        with pytest.raises(InvalidInput):
            prepare(tenant, batch)
