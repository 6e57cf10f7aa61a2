"""Silences as rows of a list, and as the story beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.errors import InvalidInput
from engine.silences.model import Silence, SilenceDraft
from tui.inventory.listing import View
from tui.silences import draft as drafts
from tui.silences.entries import silence_entry
from tui.silences.rows import COLUMNS, chosen, silence_row
from tui.silences.story import coming_lines, told_lines
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def silence(**changes: Any) -> Silence:
    made = Silence(
        id="s1",
        tenant_id="acme-prod",
        kind=None,
        thing_id=None,
        thing_name=None,
        tag="staging",
        technology=None,
        schedule="once",
        starts_at=NOW - HOUR,
        ends_at=NOW + 2 * HOUR,
        days=(),
        minute=None,
        cron=None,
        duration_s=None,
        timezone="UTC",
        reason="Moving house",
        created_at=NOW - HOUR,
        created_by="ana",
        ended_at=None,
        ended_by=None,
        version=1,
        active=True,
        until=NOW + 2 * HOUR,
        next_at=None,
        taken_at=NOW,
    )
    return replace(made, **changes)


OVER = {"active": False, "until": None}
WEEKLY: dict[str, Any] = {
    **OVER, "schedule": "weekly", "days": ("sun",), "minute": 120, "duration_s": 7200,
    "ends_at": None, "timezone": "Europe/Berlin", "next_at": NOW + 37 * HOUR,
}  # fmt: skip


def row(**changes: Any) -> list[str]:
    made = silence_row(silence_entry(silence(**changes), "acme-prod"), ("s1",), NOW, UNICODE)
    assert len(made.cells) == len(COLUMNS)
    return [cell_text(cell) for cell in made.cells]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["●", "tag staging", "once", "until 14:00, 2 h", "Moving house", "ana"]),
        ({"until": None}, ["●", "tag staging", "once", "until it is ended"]),
        (WEEKLY, ["○", "tag staging", "sun 02:00 for 2h, Europe/Berlin", "next Mar 22 01:00"]),
        ({**OVER, "ended_at": NOW - HOUR}, ["○", "tag staging", "once", "ended 11:00"]),
        ({"tag": None, "tenant_id": None}, ["●", "everything, all tenants"]),
        ({"tag": None, "kind": "source", "thing_id": "x", "thing_name": "orders"},
         ["●", "source orders"]),
        ({"tag": None, "technology": "openai", "kind": "integration"},
         ["●", "openai integrations"]),
    ],
)  # fmt: skip
def test_a_row_says_what_is_quiet_and_until_when(changes: dict[str, Any], said: list[str]) -> None:
    assert row(**changes)[: len(said)] == said


def test_a_list_is_filtered_and_ordered() -> None:
    entries = [
        silence_entry(made, "acme-prod")
        for made in (
            silence(id="a"),
            silence(id="b", tag=None, technology="openai", created_by="bob", reason="Outage"),
            silence(id="c", **{**WEEKLY, "tag": "prod"}),
        )
    ]

    def ids(query: str = "", sort: str = "soonest", **more: Any) -> str:
        view = View(tenant_id="acme-prod", query=query, sort=sort, **more)
        return "".join(entry.id for entry in chosen(entries, view))

    assert (ids(), ids(descending=True)) == ("abc", "cba")
    assert (ids(sort="name"), ids(sort="by", descending=True)) == ("bca", "bac")
    assert (ids("state:active"), ids("!state:active"), ids("tag:prod")) == ("ab", "c", "c")
    assert (ids("OUTAGE"), ids("!by:bob"), ids("weekly tag:staging")) == ("b", "ac", "")


def test_the_story_fits_and_is_safe() -> None:
    hostile = silence(reason="\x1b[2J[b]x\u202e" * 9, thing_name="\x9b31m", created_by="a\nb")
    for width, glyphs in ((20, ASCII), (60, UNICODE)):
        lines = told_lines(silence_entry(hostile, "acme-prod"), width, NOW, glyphs)
        assert all(cell_width(line) <= width for line in lines)
        assert all(cell_text(line).isprintable() for line in lines)
    said = [cell_text(line).strip() for line in told_lines(
        silence_entry(silence(**WEEKLY), "acme-prod"), 60, NOW, ASCII
    )]  # fmt: skip
    assert said[:3] == ["o planned", "tag staging", "Moving house"]
    assert "holds     sun 02:00 for 2h, Europe/Berlin" in said


def test_a_clock_that_is_not_known_here_is_shown_in_utc_and_not_saved() -> None:
    unknown = silence(timezone="Europe/Atlantis")
    texts = drafts.texts(unknown)
    assert (texts["until"], texts["timezone"]) == ("2026-03-20 14:00", "Europe/Atlantis")
    with pytest.raises(InvalidInput) as caught:
        drafts.timed(drafts.draft_of(unknown), texts, NOW, kept=unknown)
    assert caught.value.field == "timezone"


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (SilenceDraft(ends_at=NOW + HOUR), "Quiet from now to 13:00 UTC (1h)."),
        (SilenceDraft(ends_at=NOW + timedelta(minutes=89, seconds=59)),
         "Quiet from now to 13:29 UTC (1h30min)."),
        (SilenceDraft(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR),
         "Quiet 13:00 to 14:00 UTC (1h)."),
        (SilenceDraft(), "Quiet from now, until somebody ends it."),
        (SilenceDraft(schedule="cron", cron="0 22 * * 5", duration_s=28_800),
         "Quiet 22:00 to Mar 21 06:00 UTC (8h), then Mar 27 22:00 to Mar 28 06:00 UTC (8h)."),
        (SilenceDraft(ends_at=NOW - HOUR), "It would never hold."),
    ],
)  # fmt: skip
def test_what_a_draft_would_mean(draft: SilenceDraft, said: str) -> None:
    lines = coming_lines(draft, NOW, 100)
    assert " ".join(cell_text(line) for line in lines) == said
