"""References as rows, stories and the line above them: pure; nothing attacks the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.credentials.results import (
    CredentialAccess,
    CredentialDetail,
    CredentialsHeadline,
    CredentialSummary,
    CredentialTest,
    CredentialUser,
)
from tui.credentials.entries import entry
from tui.credentials.headline import headline_cell
from tui.credentials.rows import COLUMNS, expiry_words, reference_row
from tui.credentials.story import Told, told_lines
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOSTILE = "\x1b[31mred\x1b[0m\u202e[bold]x[/]\r\n\x07"
KEPT = CredentialSummary(
    tenant_id="acme",
    reference="encrypted://00000000-0000-0000-0000-000000000007",
    kind="encrypted",
    label="Claude, batch",
    state="expiring",
    problem=None,
    created_at=NOW - timedelta(days=40),
    updated_at=NOW - timedelta(days=4),
    expires_at=NOW + timedelta(days=8, hours=1),
    used=3,
    accessed_at=NOW - timedelta(minutes=5),
    accesses=1200,
    key_id="5c7b6e9acae1",
)


def texts(found: CredentialSummary, glyphs: object = UNICODE) -> list[str]:
    row = reference_row(entry(found), None, NOW, glyphs)  # type: ignore[arg-type]
    return [cell_text(one) for one in row.cells]


def story(found: CredentialSummary, width: int = 70, **more: object) -> str:
    told = Told(entry=entry(found), now=NOW, glyphs=UNICODE, **more)  # type: ignore[arg-type]
    return "\n".join(cell_text(line).rstrip() for line in told_lines(told, width))


def test_a_reference_says_all_in_a_row() -> None:
    shown = texts(KEPT)
    assert len(shown) == len(COLUMNS)
    assert shown == [
        "▲", "Claude, batch", "encrypted", "expiring", "Mar 28, 8 d", "3", "5 min", "4 d",
    ]  # fmt: skip
    assert texts(KEPT, ASCII)[0] == "!"


def test_without_a_label_it_is_called_by_its_reference() -> None:
    assert texts(replace(KEPT, label="", reference="env://KEY"))[1] == "env://KEY"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW + timedelta(hours=3), "15:00, in 3 h"),
        (NOW - timedelta(days=2), "Mar 18, 2 d ago"),
        (NOW + timedelta(days=400), "2027-04-24, in 400 d"),
    ],
)
def test_an_expiry_says_when_and_how_far(at: datetime, words: str) -> None:
    assert expiry_words(at, NOW).endswith(words.rpartition(", ")[2])


def test_its_story_tells_who_uses_it_and_who_asked() -> None:
    detail = CredentialDetail(
        credential=KEPT,
        users=(CredentialUser(kind="gateway", id="g1", name="orders"),),
        accesses=(CredentialAccess(day="2026-03-20", origin="monitor", count=288, last_at=NOW),),
    )
    told = story(KEPT, detail=detail)
    for words in ("▲ expiring", "Replace it before that", "gateway     orders", "288  monitor"):
        assert words in told
    assert "5 min ago, 1,200 times" in told
    assert "used by nothing" in story(KEPT, detail=replace(detail, users=()))
    assert "used by" not in story(KEPT)


def test_a_test_is_told_while_and_after_it_is_made() -> None:
    assert "asking for it" in story(KEPT, testing=True)
    test = CredentialTest(
        reference=KEPT.reference, ok=False, message="It is gone.", latency_ms=12, expires_at=None
    )
    assert "✖ It is gone." in story(KEPT, test=test)
    assert "● It is there." in story(KEPT, test=replace(test, ok=True, message="It is there."))


def test_a_kind_of_another_distribution_is_told_as_such() -> None:
    assert "Another distribution's" in story(replace(KEPT, kind="acme-box", key_id=None))


@pytest.mark.parametrize("width", [12, 30, 48, 80])
def test_hostile_words_stay_words(width: int) -> None:
    bad = replace(KEPT, label=HOSTILE, kind=HOSTILE, problem=HOSTILE, key_id=HOSTILE)
    detail = CredentialDetail(
        credential=bad,
        users=(CredentialUser(kind=HOSTILE, id="x", name=HOSTILE),),
        accesses=(CredentialAccess(day=HOSTILE, origin=HOSTILE, count=1, last_at=NOW),),
    )
    test = CredentialTest(
        reference=HOSTILE, ok=False, message=HOSTILE, latency_ms=1, expires_at=None
    )
    shown = [*texts(bad), *story(bad, width, detail=detail, test=test).split("\n")]
    assert not [line for line in shown if not line.isprintable()]


def test_the_line_above_counts_the_states_and_tells_what_is_next() -> None:
    found = CredentialsHeadline(
        counts={"expired": 1, "ok": 1204}, next_expiry=NOW + timedelta(days=3)
    )
    line = headline_cell(found, 110, NOW, UNICODE)
    said = cell_text(line)
    assert said.startswith(" ✖ 1 expired   ✖ 0 unreadable   ▲ 0 expiring   ● 1,204 ok")
    assert "next expires Mar 23, in 3 d" in said
    narrow = headline_cell(found, 80, NOW, ASCII)
    assert cell_width(narrow) <= 80
    assert cell_text(narrow).isascii()
