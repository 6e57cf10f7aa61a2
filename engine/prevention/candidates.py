"""Candidates as programs tell them: JSON objects, by the names of their fields."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.prevention.contract import PreventionCandidate, PreventionContractViolation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FIELDS = tuple(one.name for one in fields(PreventionCandidate))
_OPTIONAL = frozenset(
    {"blocked_incident_id", "original_incident_id", "pattern_signature", "request_signature"}
)
_DEFAULTS = {one.name: one.default for one in fields(PreventionCandidate)}


def candidate_of(told: Mapping[str, object], tenant_id: str) -> PreventionCandidate:
    """Return what an object tells; the tenant is who is meant unless it says another.

    Raises:
        InvalidInput: It has another field, or one is missing. Nothing is validated else.
    """
    unknown = [name for name in told if name not in _FIELDS]
    if unknown:
        raise InvalidInput(
            f"There is no field {str(unknown[0])[:40]!r}.", hint="Fields: " + ", ".join(_FIELDS)
        )
    known: dict[str, object] = {"tenant_id": tenant_id, **dict.fromkeys(_OPTIONAL)}
    known |= {name: value for name, value in _DEFAULTS.items() if value is not MISSING}
    known |= told
    for name in _FIELDS:
        if name not in known:
            raise InvalidInput(f"The field {name} is missing.", field=name)
    return PreventionCandidate(**known)  # type: ignore[arg-type]


def read_candidates(lines: Iterable[str], tenant_id: str) -> Iterator[PreventionCandidate]:
    """Yield a candidate for each line that is not empty, validated as they come.

    Raises:
        InvalidInput: A line is no JSON object or cannot be kept; the sentence says which.
        PreventionContractViolation: The contract does not allow it.
    """
    from engine.prevention.ledger import prepare

    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise InvalidInput(f"Line {number} is no JSON object.", field="jsonl")
        try:
            candidate = candidate_of(told, tenant_id)
            prepare(tenant_id, [candidate])
        except PreventionContractViolation as error:
            details = f"line {number}: {error.details}"
            raise PreventionContractViolation(error.rule, details, field=error.field) from None
        except InvalidInput as error:
            message = f"Line {number}: {error.message}"
            raise InvalidInput(message, hint=error.hint, field=error.field) from None
        yield candidate
