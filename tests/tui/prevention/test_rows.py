"""Records and policies as rows, stories and the line above them: pure."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from engine.prevention.results import (
    LedgerFault,
    LedgerStatus,
    PolicyGraduation,
    PreventionRecord,
    UncountedRecord,
    Verification,
)
from tui.prevention.entries import policy_entry, record_entry
from tui.prevention.headline import headline_cell
from tui.prevention.rows import COLUMNS, POLICY_COLUMNS, policy_row, record_row
from tui.prevention.story import Told, told_lines
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOSTILE = "\x1b[31mred\x1b[0m\u202e[bold]x[/]\r\n\x07"
BODY = json.dumps({"policy_id": "no-pii", "seq": 7, "note": HOSTILE})
RECORD = PreventionRecord(
    tenant_id="acme",
    seq=7,
    id="r7",
    created_at=NOW - timedelta(hours=2),
    policy_id="no-pii",
    pattern_id="iban",
    policy_mode="active",
    signature_match_confidence=0.914,
    blocked_incident_id="inc-7",
    original_incident_id=None,
    pattern_signature=None,
    request_signature=None,
    is_simulated=False,
    contract_version="1.0.0",
    previous="0" * 64,
    digest=sha256(b"seven").hexdigest(),
    body=BODY,
)
PROVED = Verification(
    tenant_id="acme",
    at=NOW - timedelta(minutes=5),
    ok=True,
    verified=9,
    total=9,
    head="ab" * 32,
    fault=None,
    checkpoints=0,
    duration_ms=3,
)
STATUS = LedgerStatus(
    tenant_id="acme",
    state="healthy",
    records=12,
    unverified=3,
    head="ab" * 32,
    last_at=NOW,
    verification=PROVED,
)
BROKEN = replace(
    STATUS,
    state="failing",
    verification=replace(
        PROVED,
        ok=False,
        verified=4,
        fault=LedgerFault(seq=5, kind="altered", message="Record 5 was altered."),
    ),
)
POLICY = PolicyGraduation(
    policy_id="no-pii",
    activated_at=NOW - timedelta(days=2),
    total=9,
    counting=3,
    simulated=4,
    before=2,
    needed=5,
    graduated=False,
    first_at=NOW - timedelta(days=3),
    last_at=NOW - timedelta(hours=1),
    mode="active",
)


def story(record: PreventionRecord, status: LedgerStatus | None, width: int = 70) -> str:
    told = Told(entry=record_entry(record), now=NOW, glyphs=UNICODE, status=status)
    return "\n".join(cell_text(line) for line in told_lines(told, width))


def policy_story(policy: PolicyGraduation, *uncounted: UncountedRecord, width: int = 70) -> str:
    told = Told(
        entry=policy_entry(policy, "acme"), now=NOW, glyphs=UNICODE, uncounted=uncounted or None
    )
    return "\n".join(cell_text(line) for line in told_lines(told, width))


def said(found: LedgerStatus | None, width: int = 110, glyphs: object = UNICODE) -> str:
    line = headline_cell(found, width, NOW, glyphs)  # type: ignore[arg-type]
    assert cell_width(line) <= width
    return cell_text(line)


def test_a_record_has_a_cell_for_each_column() -> None:
    row = record_row(record_entry(RECORD), RECORD, None, NOW, broken=False)
    texts = [cell_text(one) for one in row.cells]
    assert len(texts) == len(COLUMNS)
    assert (texts[0], texts[2:7]) == ("7", ["no-pii", "iban", "0.91", "real", "inc-7"])
    assert texts[7] == RECORD.digest[:12]
    assert not row.muted


def test_a_simulated_one_steps_back_and_a_broken_one_stands_out() -> None:
    drill = replace(RECORD, is_simulated=True)
    row = record_row(record_entry(drill), drill, None, NOW, broken=True)
    assert row.muted
    assert {span.tone for span in (*row.cells[0], *row.cells[7])} == {"failing"}


@pytest.mark.parametrize(
    ("seq", "status", "words"),
    [
        (7, None, "not verified"),
        (7, replace(STATUS, verification=None), "v verifies the ledger"),
        (7, STATUS, "holds\n Proved 5 min ago."),
        (9, STATUS, "holds"),
        (10, STATUS, "not verified\n Written since the last verification"),
        (4, BROKEN, "holds"),
        (5, BROKEN, "does not hold\n Record 5 was altered."),
        (7, BROKEN, "does not hold\n It comes after the first fault."),
    ],
)
def test_a_record_says_whether_it_was_proved(
    seq: int, status: LedgerStatus | None, words: str
) -> None:
    told = "\n".join(line.rstrip() for line in story(replace(RECORD, seq=seq), status).splitlines())
    assert words in told


def test_its_hashes_are_whole_and_what_was_hashed_is_there() -> None:
    told = story(RECORD, STATUS)
    assert RECORD.digest in told
    assert RECORD.previous in told
    assert 'policy_id: "no-pii"' in told


@pytest.mark.parametrize("body", ["not json", "[1, 2]", "", "nan"])
def test_a_damaged_body_is_shown_as_it_is(body: str) -> None:
    assert f'body: "{body}"' in story(replace(RECORD, body=body), BROKEN)


@pytest.mark.parametrize("width", [12, 20, 48, 70, 120])
def test_hostile_words_stay_words(width: int) -> None:
    bad = replace(
        RECORD, policy_id=HOSTILE, pattern_id=HOSTILE, blocked_incident_id=HOSTILE, id=HOSTILE
    )
    policy = replace(POLICY, policy_id=HOSTILE, name=HOSTILE, mode=HOSTILE)
    row = record_row(record_entry(bad), bad, None, NOW, broken=False)
    other = policy_row(policy_entry(policy, "a"), policy, None, NOW, UNICODE)
    fault = LedgerFault(seq=5, kind="altered", message=HOSTILE)
    assert BROKEN.verification is not None
    broken = replace(BROKEN, verification=replace(BROKEN.verification, fault=fault))
    lines = [
        *(cell_text(one) for one in (*row.cells, *other.cells)),
        *story(bad, STATUS, width).splitlines(),
        *policy_story(policy, width=width).splitlines(),
        said(broken, width),
    ]
    assert not [line for line in lines if not line.isprintable()]


def test_a_policy_has_a_cell_for_each_column() -> None:
    row = policy_row(policy_entry(POLICY, "acme"), POLICY, None, NOW, UNICODE)
    texts = [cell_text(one) for one in row.cells]
    assert len(texts) == len(POLICY_COLUMNS)
    assert (texts[1], texts[2], texts[4]) == ("no-pii", "active", "3 of 5")
    assert texts[6:] == ["4", "2", "1 h"]


@pytest.mark.parametrize(
    ("changes", "glyph", "words"),
    [
        ({}, UNICODE.status("pending"), "2 more records must count."),
        ({"counting": 4}, UNICODE.status("pending"), "1 more record must count."),
        ({"counting": 5, "graduated": True}, UNICODE.lamp("healthy"), "has proved itself"),
        ({"mode": "shadow"}, UNICODE.status("inactive"), "shadow"),
        ({"mode": "unknown", "activated_at": None}, UNICODE.status("inactive"), "never set"),
    ],
)
def test_a_policy_says_how_far_it_is(changes: dict[str, object], glyph: str, words: str) -> None:
    policy = replace(POLICY, **changes)  # type: ignore[arg-type]
    row = policy_row(policy_entry(policy, "acme"), policy, None, NOW, UNICODE)
    assert cell_text(row.cells[0]) == glyph
    assert words in policy_story(policy)


def test_a_policy_tells_why_a_record_does_not_count() -> None:
    reasons = ("simulated", "before", "not_active")
    found = [
        UncountedRecord(seq=number, id=f"r{number}", created_at=NOW, reason=reason)
        for number, reason in enumerate(reasons)
    ]
    told = policy_story(POLICY, *found)
    for words in ("do not count", "simulated", "too early", "not active"):
        assert words in told


def test_the_line_above_says_what_was_proved() -> None:
    assert "9 records proved 5 min ago, 3 since" in said(STATUS)
    assert f"head {'ab' * 6}" in said(STATUS)
    assert "12 records, never verified: v verifies" in said(replace(STATUS, verification=None))
    assert "Record 5 was altered.  5 min ago" in said(BROKEN)
    assert "head" not in said(STATUS, 60)
    accepted = replace(STATUS, unverified=0, verification=replace(PROVED, breaks=1))
    assert "9 records proved 5 min ago, 1 accepted fault " in said(accepted)


def test_plain_letters_where_those_are_wanted() -> None:
    assert said(BROKEN, glyphs=ASCII).isascii()
    row = policy_row(policy_entry(POLICY, "acme"), POLICY, None, NOW, ASCII)
    assert all(cell_text(one).isascii() for one in row.cells)
