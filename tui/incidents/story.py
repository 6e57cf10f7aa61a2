"""From an incident to the lines that tell it: from its row, then with its timeline. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.incidents.model import ACKNOWLEDGED, CLOSED, SILENCED
from tui import kinds, text
from tui.incidents.rows import lasted
from tui.theme import HEALTH, incident_look, look
from tui.widgets.cells import Cell, Span, cell, fit, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.incidents.model import Incident, IncidentStory, Member, TimelineEntry
    from tui.theme import Glyphs, Tone

LABEL: Final = 10
"""Cells of what a line is about."""

WHEN, WHEN_DAY = 10, 14
"""Cells of when something happened: of a time of today, and of one with its day."""

MEMBERS: Final = 12
"""Targets of a provider that are named before the rest is only counted."""

SOURCES: Final[Mapping[str, Tone]] = {
    "incident": "strong",
    "transition": "plain",
    "activity": "accent",
    "alert": "muted",
    "check": "muted",
}
"""How what happened is toned, by where it is known from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is known of an incident; `story` is None until it is read."""

    incident: Incident
    now: datetime
    glyphs: Glyphs
    story: IncidentStory | None = None


def told_lines(told: Told, width: int) -> tuple[Cell, ...]:
    """Return the story for a pane of this width."""
    inner = max(10, width - 2)
    lines = [*_head(told, inner), (), *_facts(told, inner), *_members(told)]
    lines += _timeline(told, inner)
    return tuple((Span(" "), *fit(line, inner)) for line in lines)


def _head(told: Told, width: int) -> list[Cell]:
    """Return how bad it is, what was found, and whether anybody sees to it."""
    found, glyphs = told.incident, told.glyphs
    shown = incident_look(found.severity)
    glyph = shown.ascii if glyphs.ascii else shown.glyph
    since = f"  {lasted(found, told.now)}"
    if found.state == CLOSED:
        head: Cell = (Span(f"{glyphs.lamp('healthy')} over", "healthy"), Span(f" after{since[1:]}"))
    else:
        head = (Span(f"{glyph} {shown.word}", shown.tone), Span(f" for{since[1:]}", "plain"))
    if found.flapping:
        head = (*head, Span("  flapping", "degraded"))
    said = wrap(text.clean(found.message or ""), width, "plain", most=4) if found.message else ()
    return [head, *said, *_seen_to(found, told.now, width)]


def _seen_to(found: Incident, now: datetime, width: int) -> tuple[Cell, ...]:
    if found.state == ACKNOWLEDGED or (found.acknowledged_at and found.state == CLOSED):
        who, why = found.acknowledged_by or "", found.acknowledged_because or ""
        ago = text.age(found.acknowledged_at, now)
        said = f"{text.clean(who)}, {ago} ago: {text.clean(why)}"
        return wrap(said, width, "accent")
    if found.state == SILENCED:
        return wrap("Kept quiet by a silence.", width, "muted")
    if found.state == CLOSED:
        return ()
    return wrap("Nobody sees to it yet: a acknowledges.", width, "degraded")


def _facts(told: Told, width: int) -> list[Cell]:
    found, story = told.incident, told.story
    facts = [
        ("number", str(found.number)),
        ("opened", f"{found.opened_at:%Y-%m-%d %H:%M:%S}Z"),
        ("closed", "" if found.closed_at is None else f"{found.closed_at:%Y-%m-%d %H:%M:%S}Z"),
        ("because", found.closed_because or ""),
        ("whose", found.assignee or ""),
        ("thing", _thing(found)),
        ("provider", found.technology if found.cause == "provider" else ""),
        ("error", found.error or ""),
        ("came back", text.plural(found.relapses, "time") if found.relapses else ""),
        ("worse", text.plural(found.worsened, "time") if found.worsened else ""),
        ("went to", "" if found.merged_into is None else f"incident {found.merged_into}"),
    ]
    if story is not None and story.checks:
        facts.append(("checks", f"{story.checks:,}, {story.failures:,} of them failed"))
    lines: list[Cell] = []
    for name, value in facts:
        if value:
            lines.append((Span(f"{name:<{LABEL}}", "muted"), *cell(value)))
    return [fit(line, width) for line in lines]


def _thing(found: Incident) -> str:
    if found.thing_name is None:
        return ""
    return f"{kinds.brief(found.kind or '')} {found.thing_name}"


def _members(told: Told) -> list[Cell]:
    """Return the targets that one incident of a provider is about, with their states now."""
    story = told.story
    if story is None or told.incident.cause != "provider" or not story.members:
        return []
    shown = story.members[:MEMBERS]
    lines: list[Cell] = [(), (Span(text.plural(len(story.members), "thing"), "strong"),)]
    lines += [_member(one, told.glyphs) for one in shown]
    if more := len(story.members) - len(shown):
        lines.append((Span(f"  and {more:,} more", "muted"),))
    return lines


def _member(one: Member, glyphs: Glyphs) -> Cell:
    state = look(one.state)
    left = one.left_at is not None
    # It may have left since nobody uses it any more, and may fail again by now.
    why = "well again" if one.state == "healthy" else "no longer in it"
    return (
        Span(f"{glyphs.lamp(one.state)} ", "muted" if left else state.tone),
        Span(text.clean(one.name), "muted" if left else "plain"),
        Span(f"  {why}" if left else "", "muted"),
    )


def _timeline(told: Told, width: int) -> list[Cell]:
    """Return what happened, the newest on top: that is what one looks for first."""
    if told.story is None:
        return []
    lines: list[Cell] = [(), (Span("what happened", "strong"), Span("  newest first", "muted"))]
    room = WHEN if all(_today(entry, told) for entry in told.story.timeline) else WHEN_DAY
    for entry in reversed(told.story.timeline):
        lines += _entry(entry, told, width, room)
    return lines


def _today(entry: TimelineEntry, told: Told) -> bool:
    return entry.at.date() == told.now.date()


def _entry(entry: TimelineEntry, told: Told, width: int, left_width: int) -> list[Cell]:
    when = f"{entry.at:%H:%M:%S}"
    if not _today(entry, told):
        when = f"{entry.at:%b} {entry.at.day} {entry.at:%H:%M}"
    left = f"{when:<{left_width}}"
    state = entry.what if entry.source == "transition" and entry.what in HEALTH else ""
    tone: Tone = look(state).tone if state else SOURCES.get(entry.source, "plain")
    glyph = f"{told.glyphs.lamp(state)} " if state else ""
    word = text.clean(entry.what).replace("_", " ")
    who = f" by {text.clean(entry.actor)}" if entry.actor else ""
    # Notes have lines; what was answered by others is one, whatever is in it.
    begun, *more = (entry.said.splitlines() if entry.what == "noted" else []) or [entry.said]
    said = f": {text.clean(begun)}" if begun else ""
    room = max(8, width - len(left))
    first, *rest = wrap(f"{glyph}{word}{who}{said}", room, tone)
    rest += [line for one in more for line in wrap(one, room, tone)]
    pad = Span(" " * len(left))
    return [(Span(left, "muted"), *first), *((pad, *line) for line in rest)]
