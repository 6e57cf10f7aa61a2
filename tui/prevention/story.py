"""From a record or a policy to the lines that tell it: pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui import text
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.prevention.results import (
        LedgerStatus,
        PolicyGraduation,
        PreventionRecord,
        UncountedRecord,
    )
    from tui.prevention.entries import Entry
    from tui.theme import Glyphs, Tone

LABEL = 12
"""Cells of what a line is about."""

_SET = "lampboard prevention policies set"

REASONS: Final[Mapping[str, str]] = {
    "simulated": "simulated",
    "before": "too early",
    "not_active": "not active",
}
"""Why a record does not count towards graduation, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is known of a record or a policy.

    `uncounted` are the policy's records that do not count; None until they are read.
    """

    entry: Entry
    now: datetime
    glyphs: Glyphs
    status: LedgerStatus | None = None
    uncounted: tuple[UncountedRecord, ...] | None = None


def told_lines(told: Told, width: int) -> tuple[Cell, ...]:
    """Return the story for a pane of this width."""
    inner = max(10, width - 2)
    record, policy = told.entry.record, told.entry.policy
    lines: list[Cell] = []
    if record is not None:
        lines = [*_proof(record, told, inner), (), *_facts(record, told), *_chain(record, inner)]
    elif policy is not None:
        lines = [*_graduation(policy, told, inner), *_uncounted(told)]
    return tuple((Span(" "), *fit(line, inner)) for line in lines)


def _proof(record: PreventionRecord, told: Told, width: int) -> list[Cell]:
    """Return whether the last verification has proved this record."""
    glyphs = told.glyphs
    last = None if told.status is None else told.status.verification
    fault = None if last is None else last.fault
    state, said = "unknown", "Not verified yet: v verifies the ledger."
    if fault is not None and record.seq >= fault.seq:
        state = "failing"
        said = fault.message if record.seq == fault.seq else "It comes after the first fault."
    elif last is not None and record.seq <= last.verified:
        state, said = "healthy", f"Proved {text.age(last.at, told.now)} ago."
    elif last is not None:
        said = "Written since the last verification: v verifies the ledger."
    word: Mapping[str, str] = {"healthy": "holds", "failing": "does not hold"}
    tone: Tone = "healthy" if state == "healthy" else "failing" if state == "failing" else "unknown"
    head: Cell = (Span(f"{glyphs.lamp(state)} {word.get(state, 'not verified')}", tone),)
    return [head, *wrap(said, width, "plain" if state == "failing" else "muted")]


def _facts(record: PreventionRecord, told: Told) -> list[Cell]:
    at = record.created_at
    facts = (
        ("record", f"{record.id}, number {record.seq:,}"),
        ("at", f"{at:%Y-%m-%d %H:%M:%S}Z"),
        ("age", text.age(at, told.now)),
        ("policy", record.policy_id),
        ("pattern", record.pattern_id),
        ("match", f"{record.signature_match_confidence:.3f}"),
        ("mode", record.policy_mode),
        ("kind", "simulated" if record.is_simulated else "real"),
        ("blocked", record.blocked_incident_id),
        ("like", record.original_incident_id),
        ("contract", record.contract_version),
    )
    return [_fact(name, cell(value)) for name, value in facts]


def _fact(name: str, value: Cell) -> Cell:
    return (Span(f"{name:<{LABEL}}", "muted"), *value)


def _chain(record: PreventionRecord, width: int) -> list[Cell]:
    """Return the hashes and the text that was hashed, each field on its line."""
    lines: list[Cell] = [(), (Span("chain", "strong"), Span("  SHA-256", "muted"))]
    for name, digest in (("previous", record.previous), ("digest", record.digest)):
        lines += [_fact(name, ()), *wrap(f"  {digest}", width, "accent")]
    lines += [(), (Span("canonical form", "strong"), Span("  what was hashed", "muted"))]
    for name, value in sorted(_fields(record.body).items()):
        said = json.dumps(value, ensure_ascii=False)
        lines += wrap(f"{name}: {said}", width, "muted")
    return lines


def _fields(body: str) -> Mapping[str, object]:
    """Return the fields of a body; one that was damaged is shown as it is."""
    try:
        found = json.loads(body)
    except ValueError:
        return {"body": body}
    return found if isinstance(found, dict) else {"body": body}


def _graduation(policy: PolicyGraduation, told: Told, width: int) -> list[Cell]:
    glyphs = told.glyphs
    if policy.graduated:
        head: Cell = (Span(f"{glyphs.lamp('healthy')} graduated", "healthy"),)
        said = "Enough records count: the policy has proved itself."
    elif policy.activated_at is None or policy.mode != "active":
        mode = "never set" if policy.mode == "unknown" else policy.mode
        head = (Span(f"{glyphs.status('inactive')} {text.clean(mode)}", "muted"),)
        said = f"Nothing counts until the policy is active: {_SET}."
    else:
        missing = max(0, policy.needed - policy.counting)
        head = (Span(f"{glyphs.status('pending')} on its way", "accent"),)
        said = f"{text.plural(missing, 'more record')} must count."
    facts = (
        ("policy", policy.policy_id),
        ("since", text.moment(policy.activated_at, told.now)),
        ("counts", f"{policy.counting:,} of {policy.needed:,} needed"),
        ("simulated", f"{policy.simulated:,}"),
        ("before", f"{policy.before:,} before the activation"),
        ("all", f"{policy.total:,}"),
        ("first", text.moment(policy.first_at, told.now)),
        ("last", text.moment(policy.last_at, told.now)),
    )
    return [head, *wrap(said, width, "muted"), (), *(_fact(n, cell(v)) for n, v in facts)]


def _uncounted(told: Told) -> list[Cell]:
    if not told.uncounted:
        return []
    head: Cell = (Span("do not count", "strong"), Span("  newest first", "muted"))
    return [
        (),
        head,
        *(
            (
                Span(f"{one.seq:>7,}  ", "muted"),
                Span(f"{text.moment(one.created_at, told.now):<13}", "muted"),
                Span(text.clean(REASONS.get(one.reason, one.reason))),
            )
            for one in told.uncounted
        ),
    ]
