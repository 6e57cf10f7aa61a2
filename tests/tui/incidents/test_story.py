"""The story of an incident: what it is, who sees to it, what happened."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.tui.incidents.made import NOW, OPENED, entry, incident, member, story
from tui.incidents.story import Told, told_lines
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width

if TYPE_CHECKING:
    from engine.incidents.model import Incident, IncidentStory
    from tui.theme import Glyphs


def lines(
    found: Incident, told: IncidentStory | None = None, width: int = 60, glyphs: Glyphs = UNICODE
) -> list[str]:
    made = told_lines(Told(incident=found, now=NOW, glyphs=glyphs, story=told), width)
    assert all(cell_width(line) <= width for line in made)
    return [cell_text(line).strip() for line in made]


def test_before_it_is_read_the_row_tells_what_is_known() -> None:
    said = lines(incident())
    assert said[:3] == [
        "✖ critical for 11 min",
        "401 Authentication failed: invalid credentials",
        "Nobody sees to it yet: a acknowledges.",
    ]
    assert "thing     int claude-batch" in said


def test_how_often_it_came_back_and_grew_worse() -> None:
    said = lines(incident(relapses=1, worsened=2))
    assert {"came back 1 time", "worse     2 times"} <= set(said)
    assert not any(line.startswith(("came back", "worse")) for line in lines(incident()))


def test_who_sees_to_it_and_why() -> None:
    seen = incident(
        state="acknowledged",
        acknowledged_at=NOW - timedelta(minutes=2),
        acknowledged_by="ana",
        acknowledged_because="Looking into it",
    )
    assert "ana, 2 min ago: Looking into it" in lines(seen)


def test_what_is_over_says_how_long_it_was() -> None:
    over = incident(
        state="closed", closed_at=OPENED + timedelta(minutes=4), closed_because="recovered"
    )
    said = lines(over)
    assert said[0] == "● over after 4 min"
    assert "because   recovered" in said
    assert not any("Nobody" in line for line in said)


def test_what_happened_stands_newest_first_with_who_did_it() -> None:
    found = incident()
    told = story(
        found,
        entry(-1, "transition", "failing", said="claude-batch:\nno"),
        entry(0, "incident", "opened"),
        entry(3, "activity", "integration.updated", actor="maria", said="claude-batch"),
        entry(5, "incident", "noted", actor="ana", said="The key was rotated\nat noon"),
    )
    said = lines(found, told)
    when = said.index("what happened  newest first")
    assert said[when + 1 :] == [
        "13:56:11  noted by ana: The key was rotated",
        "at noon",
        "13:54:11  integration.updated by maria: claude-batch",
        "13:51:11  opened",
        "13:50:11  ✖ failing: claude-batch: no",
    ]
    assert "checks    11, 9 of them failed" in said


def test_another_day_is_named() -> None:
    found = incident()
    said = lines(found, story(found, entry(-24 * 60, "transition", "healthy")))
    assert any(line.startswith("Mar 13 13:51") for line in said)


def test_a_provider_names_its_things_and_counts_the_rest() -> None:
    found = incident(
        cause="provider", thing_id=None, thing_name=None, title="anthropic", members=14
    )
    many = tuple(member(f"claude-{n}") for n in range(13))
    said = lines(found, story(found, members=(member("well", "healthy", left=True), *many)))
    assert "14 things" in said
    assert "● well  well again" in said
    assert "and 2 more" in said


def test_a_thing_that_left_while_it_failed_is_not_said_to_be_well() -> None:
    found = incident(cause="provider", thing_id=None, thing_name=None, title="anthropic")
    said = lines(found, story(found, members=(member("unused", "failing", left=True),)))
    assert "✖ unused  no longer in it" in said


def test_plain_letters_and_hostile_text() -> None:
    found = incident(thing_name="\x1b[2J[bold]x\u202e", message="a\x07b" * 200)
    said = lines(
        found, story(found, entry(0, "activity", "\x1b]0;t\x07x", said="\x9b31m")), 40, ASCII
    )
    assert said[0] == "x critical for 11 min"
    assert "thing     int [bold]x" in said
    assert all(line.isprintable() for line in said)
