"""A candidate in its canonical form, but for what it gets when it is appended.

That is the time, the digest of the record before and the number; so the form comes in four
pieces, with those between them. Written by hand, because it is done for each of many records
while `canonical` of a dict takes ten times as long; the tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.prevention.canonical import NotCanonical, canonical, number
from engine.prevention.canonical import text as canonical_text
from engine.prevention.contract import (
    PREVENTION_CONTRACT_VERSION,
    PreventionContractViolation,
    validate_prevention_candidate,
)
from engine.text import MAX_NAME, require_line

if TYPE_CHECKING:
    from engine.prevention.contract import PreventionCandidate

    # Before the time, between time and previous digest, between that and the number, after it.
    Pieces = tuple[str, str, str, str]

MAX_SIGNATURE = 16_384
"""Characters of a signature, in its canonical form."""
_VERSION = quoted(PREVENTION_CONTRACT_VERSION)


def pieces_of(tenant_id: str, one: PreventionCandidate) -> Pieces:
    """Validate a candidate and return its canonical form in pieces; names are in sorted order.

    Raises:
        PreventionContractViolation: The contract does not allow it.
        InvalidInput: A value cannot be kept; `field` names it.
    """
    validate_prevention_candidate(one)
    if one.tenant_id != tenant_id:
        raise PreventionContractViolation(
            "TENANT_REQUIRED", "The record is of another tenant's request.", field="tenant_id"
        )
    if type(one.is_simulated) is not bool:
        raise InvalidInput("Whether it was simulated must be true or false.", field="is_simulated")
    texts = _plain(one)
    blocked, original, pattern, policy, patterns, requests = texts or _any(one)
    mark = '"' if texts else ""
    drill = "true" if one.is_simulated else "false"
    confidence = one.signature_match_confidence
    # From 0.6 to below 1 Python writes a float as ECMAScript does.
    sure = repr(confidence) if type(confidence) is float and confidence < 1 else number(confidence)
    middle = (
        f',"incident_created":false,"is_simulated":{drill},'
        f'"original_incident_id":{mark}{original}{mark},"pattern_id":{mark}{pattern}{mark},'
        f'"pattern_signature":{mark}{patterns}{mark},"policy_id":{mark}{policy}{mark},'
        f'"policy_mode":"active","previous":"'
    )
    return (
        f'{{"blocked_incident_id":{mark}{blocked}{mark},"contract_version":{_VERSION},"created_at":',
        middle,
        f'","request_signature":{mark}{requests}{mark},"seq":',
        f',"signature_match_confidence":{sure},"tenant_id":"{tenant_id}"}}',
    )


def _plain(one: PreventionCandidate) -> tuple[str, ...] | None:
    """Return the texts of a candidate that has nothing but plain ones; else None.

    What is short, printable and without blanks, quotes and backslashes is kept between quotes as
    it is.
    """
    blocked, original = one.blocked_incident_id, one.original_incident_id
    pattern, policy = one.pattern_id, one.policy_id
    patterns, requests = one.pattern_signature, one.request_signature
    try:
        ids = blocked + original + pattern + policy  # type: ignore[operator]
        signed = patterns + requests  # type: ignore[operator]
        plain = ids.isprintable() and signed.isprintable()
    except (TypeError, AttributeError):
        return None
    if (
        plain
        and blocked
        and original
        and len(ids) <= MAX_NAME
        and len(signed) <= MAX_SIGNATURE
        and " " not in ids
        and '"' not in ids
        and "\\" not in ids
        and '"' not in signed
        and "\\" not in signed
    ):
        return blocked, original, pattern, policy, patterns, requests  # type: ignore[return-value]
    return None


def _any(one: PreventionCandidate) -> tuple[str, ...]:
    return (
        _id(one.blocked_incident_id, "blocked_incident_id"),
        _id(one.original_incident_id, "original_incident_id"),
        _id(one.pattern_id, "pattern_id"),
        _id(one.policy_id, "policy_id"),
        _signature(one.pattern_signature, "pattern_signature"),
        _signature(one.request_signature, "request_signature"),
    )


def _id(value: object, field: str) -> str:
    if value is None:
        return "null"
    label = f"The {field.removesuffix('_id').replace('_', ' ')}'s id"
    if isinstance(value, str) and len(value) > 2 * MAX_NAME:
        # Said before each of its letters is looked at.
        raise InvalidInput(f"{label} must have at most {MAX_NAME:,} characters.", field=field)
    return quoted(require_line(value, label, field))


def _signature(value: str | Mapping[str, Any] | None, field: str) -> str:
    if value is None:
        return "null"
    label = f"The {field.replace('_', ' ')}"
    if not isinstance(value, str | Mapping):
        raise InvalidInput(f"{label} must be text or a JSON object.", field=field)
    if len(value) > MAX_SIGNATURE:
        raise _too_long(label, field)
    try:
        written = canonical_text(value) if isinstance(value, str) else canonical(value)
    except NotCanonical as error:
        raise InvalidInput(f"{label} cannot be kept. {error}", field=field) from None
    if len(written) > MAX_SIGNATURE:
        raise _too_long(label, field)
    return written


def _too_long(label: str, field: str) -> InvalidInput:
    return InvalidInput(
        f"{label} must have at most {MAX_SIGNATURE:,} characters.",
        hint="Keep its digest instead, such as sha256:….",
        field=field,
    )
