"""The post-mortem: what is known of an incident, as Markdown that nothing from outside breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from engine.errors import NotFound
from engine.incidents.markdown_text import code, line
from engine.incidents.model import Incident, IncidentStory, Member, TimelineEntry
from engine.incidents.post_mortem import markdown
from tests.engine.incidents.happening import TENANT, checked, integration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

    from engine.clock import FixedClock
    from engine.workspace import Workspace

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = [
    "| a | b |", "\n# Title\n", "\n\n---\n", "<script>alert(1)</script>", "<!-- hidden", "-->",
    "![x](https://e.example/p.png)", "[x](javascript:alert(1))", "**bold** _it_ `code ~~no~~",
    "```\nfence", "&lt;b&gt; &#60;", "\\", "\\|", "<https://a.example>", "$x^2$", "- item\n1. one",
    "\x1b]0;t\x07\x9b31m", "a\u202eb", "\u2028## x", "", "_a_ *b", "[ref]: /url", "| --- |", "``",
]  # fmt: skip


def story(said: str) -> IncidentStory:
    """A story in which everything that can come from outside is this."""
    incident = Incident(
        number=12,
        tenant_id=said,
        cause="provider",
        title=said,
        severity="critical",
        state="closed",
        kind="integration",
        technology=said,
        error=said,
        message=said,
        opened_at=NOON,
        closed_at=NOON + timedelta(minutes=30),
        closed_because=said,
        assignee=said,
        acknowledged_at=NOON + timedelta(minutes=2),
        acknowledged_by=said,
        acknowledged_because=said,
    )
    member = Member(
        target_number=1, kind="integration", id="i", name=said, state="healthy", joined_at=NOON
    )
    return IncidentStory(
        incident=incident,
        members=(member,),
        timeline=tuple(entries(said)),
        checks=40,
        failures=30,
        taken_at=NOON + timedelta(hours=1),
    )


def entries(said: str) -> Iterator[TimelineEntry]:
    for source, what in (
        ("transition", "failing"), ("incident", "noted"), ("incident", said), ("activity", said),
        ("alert", "failed"), ("check", "failing"), ("transition", "left_out"),
    ):  # fmt: skip
        detail = {"name": said, "error": said, "message": said, "changed": {said: [said, said]}}
        yield TimelineEntry(at=NOON, source=source, what=what, said=said, actor=said, detail=detail)


def shape(text: str) -> list[str]:
    """What a page is built of: its blocks, and what stands in their lines beside plain text.

    That lines of a note are lines is the page's own doing.
    """
    return [
        f"{token.type} {token.tag}"
        for token in flat(READER.parse(text))
        if token.type != "text" and (token.type, token.content) != ("html_inline", "<br>")
    ]


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


# A word that is set in type where it is one; nothing from outside is the same to the reader.
PLAIN = shape(markdown(story("plain words")))


@given(
    said=st.one_of(
        st.sampled_from(HOSTILE), st.text(), st.lists(st.sampled_from(HOSTILE)).map("".join)
    )
)
@example(said="|".join(HOSTILE))
def test_nothing_from_outside_changes_what_the_page_is_built_of(said: str) -> None:
    assert shape(markdown(story(f"x {said}"))) == PLAIN


@given(said=st.one_of(st.text(), st.lists(st.sampled_from(HOSTILE)).map(" ".join)))
@example(said=" ".join(HOSTILE))
def test_text_reads_as_it_was_written(said: str) -> None:
    (_, inline, _) = READER.parse(f"x {line(said)}")
    read = "".join(token.content for token in inline.children or [])
    wanted = "".join(letter for letter in said if letter.isprintable() or letter.isspace())
    assert read.split() == ["x", *wanted.split()]


def test_names_and_addresses_stay_readable() -> None:
    assert line("claude_batch-2 at https://a.example/x_y?a=1&b=2 (10.5 %)") == (
        "claude_batch-2 at https://a.example/x_y?a=1&b=2 (10.5 %)"
    )
    assert code("auth_failed") == "`auth_failed`"
    assert code("a`b|c") == "a\\`b\\|c"
    assert line("x" * 5_000) == "x" * 999 + "…"


def test_it_says_what_happened_and_asks_for_what_is_not_known() -> None:
    text = markdown(story("ana"))
    assert text.startswith("# Incident 12: ana\n\nAs of 2026-03-14 13:00:00 UTC. It is over.\n")
    assert "| **Acknowledged** | 2026-03-14 12:02:00, after 2 min, by ana: ana |" in text
    assert "- 40 checks were made, 30 of them failed: 25.0 % passed." in text
    assert "- 2026-03-14 12:00:00, ana: ana" in text
    headings = [part.split("\n")[0] for part in text.split("\n## ")[1:]]
    assert headings == [
        "Summary", "Impact", "Timeline", "Changes in that time", "Notes", "Cause", "Actions",
    ]  # fmt: skip


def test_what_a_provider_took_in_and_let_go_of_is_named() -> None:
    bare = story("ana")
    told = tuple(
        TimelineEntry(at=NOON, source="incident", what=what, said="gpt-1, gpt-2")
        for what in ("joined", "left")
    )
    text = markdown(replace(bare, timeline=told))
    assert "| **Joined by**: gpt-1, gpt-2 |" in text
    assert "| **Left by**: gpt-1, gpt-2 |" in text


def test_what_is_still_open_says_so() -> None:
    bare = story("ana")
    going_on = replace(bare.incident, state="open", closed_at=None, closed_because=None)
    text = markdown(replace(bare, incident=going_on, timeline=(), checks=0, failures=0))
    assert "It is not over yet." in text
    assert "- Lasted 1 h so far." in text
    assert "| **Severity** | critical |" in text
    assert "No check was made in that time." in text
    assert "nothing was changed of what it is about" in text
    assert "**Closed**" not in text


async def test_it_is_made_of_what_was_written_down(workspace: Workspace, clock: FixedClock) -> None:
    one = await integration(workspace, "claude-batch")
    await checked(workspace, clock, [one.id], "+")
    await workspace.integrations.update_integration(TENANT, one.id, interval_s=30)
    await checked(workspace, clock, [one.id], "---")
    await workspace.incidents.note(TENANT, 1, "Rotated the key | <b>now</b>")
    await checked(workspace, clock, [one.id], "~++")
    text = await workspace.incidents.post_mortem(TENANT, 1)
    assert text.startswith("# Incident 1: claude-batch is degraded\n")
    assert "| **Severity** | critical, at last warning |" in text
    assert "- Lasted 3 min; it had been bad for 2 min before." in text
    assert "| **Bad since** | 2026-11-21 12:02:00 |" in text
    assert "| **Opened** | 2026-11-21 12:04:00 |" in text
    assert (
        "| `integration.updated` | claude-batch (interval_s) | `interval_s` nothing → 30 |" in text
    )
    assert r"Rotated the key \| \<b\>now\</b\>" in text
    with pytest.raises(NotFound):
        await workspace.incidents.post_mortem("globex", 1)


def test_notes_keep_their_lines_and_their_ends() -> None:
    bare, long = story("ana"), "x" * 3_990
    note = TimelineEntry(
        at=NOON, source="incident", what="noted", said=f"- a\n# b\n{long}", actor="bo"
    )
    text = markdown(replace(bare, timeline=(note,)))
    assert f"- 2026-03-14 12:00:00, bo: - a<br>\\# b<br>{long}\n" in text


def test_what_checks_found_has_the_first_and_last_of_each_outcome() -> None:
    found = [
        TimelineEntry(
            at=NOON + at * MINUTE, source="check", what=what, said="n checks", detail=detail
        )
        for at, what, detail in (
            (0, "failing", {"count": 1_200, "targets": 3, "error": "http_503",
                            "last_at": "2026-03-14T12:29:00+00:00"}),
            (5, "healthy", {"count": 1, "targets": 1, "last_at": "2026-03-14T12:05:00+00:00"}),
            (0, "hours", {"count": 3, "failures": 2}),
        )
    ]  # fmt: skip
    text = markdown(replace(story("ana"), timeline=tuple(found)))
    assert "where outcomes took turns, times overlap" in text
    assert (
        "| Found | Checks | First (UTC) | Last (UTC) |\n| --- | --- | --- | --- |\n"
        "| failing, `http_503` | 1,200 of 3 things | 2026-03-14 12:00:00 | 2026-03-14 12:29:00 |\n"
        "| healthy | 1 | 2026-03-14 12:05:00 | 2026-03-14 12:05:00 |\n"
        "| hours | n checks | 2026-03-14 12:00:00 | - |\n"
    ) in text
