"""The story of an incident as Markdown: what is known is written, what people find out is asked.

Times are in UTC. Everything that came from outside is in it as plain text.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from engine.incidents.facade import MAX_NOTE
from engine.incidents.markdown_text import NOTHING, code, line, lines, table
from engine.incidents.model import CLOSED, PROVIDER, SEVERITIES
from engine.overall import STATES_WORST_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.incidents.model import Incident, IncidentStory, TimelineEntry

_BAD = frozenset({"failing", "degraded"})
_VALUE: Final = 80
"""Characters of a changed value: a line of a table is no place for a certificate."""
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_NO_CHANGE: Final = (
    "From an hour before it was opened on, nothing was changed of what it is about, nor of the "
    "tenant's limits, credentials, silences and alerts."
)
_OVERLAP: Final = (
    "What checks found, a line for each outcome; where outcomes took turns, times overlap."
)
_EVENTS: Final[Mapping[str, str]] = {
    "opened": "Incident opened",
    "reopened": "Opened again",
    "closed": "Closed",
    "merged": "Went into another incident",
    "severity": "Severity changed",
    "worsened": "Grew worse",
    "error": "Another error",
    "flapping": "Flapping",
    "calmed": "Calm again",
    "acknowledged": "Acknowledged",
    "unacknowledged": "Acknowledgement taken back",
    "assigned": "Given to",
    "noted": "Note",
    "silenced": "Kept quiet",
    "joined": "Joined by",
    "left": "Left by",
}
"""What happened to an incident, in words; others stand as they are called."""


def markdown(story: IncidentStory) -> str:
    """Return a post-mortem to be written on: what is known, and headings for what is not."""
    sections = (
        _head(story),
        _section("Summary", ["<!-- What happened, for somebody who was not there. -->"]),
        _section("Impact", _impact(story)),
        _section("Timeline", _timeline(story)),
        _section("Changes in that time", _changes(story)),
        _section("Notes", _notes(story)),
        _section("Cause", ["<!-- Why did it happen, and why was it not seen before? -->"]),
        _section("Actions", [*table(("What", "Who", "By when"), []), "|  |  |  |"]),
    )
    return "\n".join(text for section in sections for text in section) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"## {title}", "", *lines]


def _head(story: IncidentStory) -> list[str]:
    found = story.incident
    facts = [(f"**{name}**", value) for name, value in _facts(story) if value]
    state = "It is over." if found.state == CLOSED else "It is not over yet."
    taken = f"As of {_time(story.taken_at)} UTC. {state}"
    return [f"# Incident {found.number}: {line(found.title)}", "", taken, "", *_plain(facts)]


def _plain(facts: Iterable[tuple[str, str]]) -> list[str]:
    """Return a table without titles, which CommonMark's tables must have, be they empty."""
    return table(("", ""), facts)


def _facts(story: IncidentStory) -> Iterator[tuple[str, str]]:
    found, begun = story.incident, _begun(story)
    yield "Tenant", "all" if found.tenant_id is None else line(found.tenant_id)
    yield "Severity", _severity(story)
    yield "About", _about(story)
    yield "Found last", _found(found.error, found.message)
    yield "Bad since", "" if begun is None else _time(begun)
    yield "Opened", _time(found.opened_at)
    yield "Acknowledged", _acknowledged(found)
    yield "Closed", _closed(found)
    yield "Lasted", _lasted(story)
    yield "Came back", _times(found.relapses) if found.relapses else ""
    yield "Grew worse", _times(found.worsened) if found.worsened else ""
    yield "Seen to by", line(found.assignee or "")


def _severity(story: IncidentStory) -> str:
    """Return the worst that it was, and what it was at last where that is another."""
    found = story.incident
    turned = [one for one in story.timeline if one.what == "severity" and one.source == "incident"]
    known = {found.severity, *(str(one.detail.get("from")) for one in turned)}
    worst = next((one for one in SEVERITIES if one in known), found.severity)
    said = line(worst) if worst == found.severity else f"{worst}, at last {line(found.severity)}"
    return f"{said}, flapping" if found.flapping else said


def _about(story: IncidentStory) -> str:
    found = story.incident
    if found.cause == PROVIDER:
        return f"provider {line(found.technology or '')}, {len(story.members):,} integrations"
    if found.thing_name is None:
        return line(found.cause)
    of = f" ({line(found.technology)})" if found.technology else ""
    return f"{line(found.kind or found.cause)} {line(found.thing_name)}{of}"


def _found(error: str | None, message: str | None) -> str:
    parts = [code(error) if error else "", line(message or "")]
    return ": ".join(part for part in parts if part)


def _acknowledged(found: Incident) -> str:
    if found.acknowledged_at is None:
        return ""
    after = _span((found.acknowledged_at - found.opened_at).total_seconds())
    who, why = line(found.acknowledged_by or ""), line(found.acknowledged_because or "")
    return f"{_time(found.acknowledged_at)}, after {after}, by {who}: {why}"


def _closed(found: Incident) -> str:
    if found.closed_at is None:
        return ""
    into = "" if found.merged_into is None else f" into incident {found.merged_into}"
    return f"{_time(found.closed_at)}, {line(found.closed_because or '')}{into}"


def _begun(story: IncidentStory) -> datetime | None:
    """Return since when its targets were bad before it was opened; None where that is not told."""
    last: dict[object, TimelineEntry] = {}
    for entry in story.timeline:
        if entry.source == "transition" and entry.at <= story.incident.opened_at:
            last[entry.detail.get("name")] = entry
    return min((entry.at for entry in last.values() if entry.what in _BAD), default=None)


def _lasted(story: IncidentStory) -> str:
    found = story.incident
    return _span(((found.closed_at or story.taken_at) - found.opened_at).total_seconds())


def _impact(story: IncidentStory) -> list[str]:
    begun, opened = _begun(story), story.incident.opened_at
    before = ""
    if begun is not None and begun < opened:
        before = f"; it had been bad for {_span((opened - begun).total_seconds())} before"
    lines = [f"- Lasted {_lasted(story)}{'' if story.incident.closed_at else ' so far'}{before}."]
    if story.checks:
        passed = story.checks - story.failures
        lines.append(
            f"- {story.checks:,} checks were made, {story.failures:,} of them failed: "
            f"{100 * passed / story.checks:.1f} % passed."
        )
    elif story.members:
        lines.append("- No check was made in that time.")
    sums = [_found_by_checks(entry) for entry in story.timeline if entry.source == "check"]
    if sums:
        lines += ["", _OVERLAP, "", *table(("Found", "Checks", "First (UTC)", "Last (UTC)"), sums)]
    if story.incident.cause == PROVIDER:
        lines += ["", *_members(story)]
    return lines


def _found_by_checks(entry: TimelineEntry) -> tuple[str, str, str, str]:
    """Return one outcome, how many checks had it, and the first and last of these."""
    detail, last = entry.detail, entry.detail.get("last_at")
    error = detail.get("error")
    found = line(entry.what) + (f", {code(str(error))}" if error else "")
    count, targets = detail.get("count"), detail.get("targets")
    if entry.what == "hours" or not isinstance(count, int):
        return line(entry.what), line(entry.said), _time(entry.at), ""
    many = f" of {targets:,} things" if isinstance(targets, int) and targets > 1 else ""
    until = _time(datetime.fromisoformat(last)) if isinstance(last, str) else ""
    return found, f"{count:,}{many}", _time(entry.at), until


def _members(story: IncidentStory) -> list[str]:
    worst = sorted(
        story.members,
        key=lambda one: (one.left_at is not None, STATES_WORST_FIRST.index(one.state)),
    )
    rows = (
        (
            line(one.name),
            line(one.state),
            _time(one.joined_at),
            "" if one.left_at is None else _time(one.left_at),
        )
        for one in worst
    )
    return table(("Integration", "State now", "In it from (UTC)", "Until (UTC)"), rows)


def _timeline(story: IncidentStory) -> list[str]:
    told = [entry for entry in story.timeline if entry.source != "check"]
    if not told:
        return ["Nothing is known of that time."]
    rows = ((_time(one.at), _happened(one), line(one.actor or "")) for one in told)
    return table(("Time (UTC)", "What happened", "By"), rows)


def _happened(entry: TimelineEntry) -> str:
    said = f": {line(entry.said)}" if entry.said else ""
    if entry.what == "left_out":
        return f"({line(entry.said)} are not told here)"
    if entry.source == "incident":
        return f"**{_EVENTS.get(entry.what, line(entry.what))}**{said}"
    if entry.source == "transition":
        return _turned(entry)
    if entry.source == "alert":
        return f"Alert {line(entry.what)}{said}"
    return f"{code(entry.what)}{said}"


def _turned(entry: TimelineEntry) -> str:
    name = line(str(entry.detail.get("name", entry.said)))
    error, message = entry.detail.get("error"), entry.detail.get("message")
    why = _found(None if error is None else str(error), None if message is None else str(message))
    return f"{name} turned {line(entry.what)}" + (f", {why}" if why else "")


def _changes(story: IncidentStory) -> list[str]:
    made = [entry for entry in story.timeline if entry.source == "activity"]
    if not made:
        return [_NO_CHANGE]
    rows = (
        (_time(one.at), line(one.actor or ""), code(one.what), line(one.said), _differences(one))
        for one in made
    )
    return table(("Time (UTC)", "Who", "What", "Of", "Before and after"), rows)


def _differences(entry: TimelineEntry) -> str:
    changed = entry.detail.get("changed")
    if not isinstance(changed, dict):
        return ""
    return "; ".join(f"{code(str(name))} {_pair(pair)}" for name, pair in changed.items())


def _pair(pair: object) -> str:
    if isinstance(pair, list | tuple) and len(pair) == 2:  # noqa: PLR2004 - before and after
        return " → ".join(_value(value) for value in pair)
    return _value(pair)


def _value(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    said = str(value)
    return line(said if len(said) <= _VALUE else f"{said[: _VALUE - 1]}…")


def _notes(story: IncidentStory) -> list[str]:
    notes = [one for one in story.timeline if one.source == "incident" and one.what == "noted"]
    if not notes:
        return ["Nobody wrote one down."]
    return [
        f"- {_time(one.at)}, {line(one.actor or NOTHING)}: {lines(one.said, MAX_NOTE)}"
        for one in notes
    ]


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _span(seconds: float) -> str:
    """Return a span in its two largest units: `1 h 4 min`, `8 s`."""
    parts, left = list[str](), max(0, round(seconds))
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count:,} {unit}")
    return " ".join(parts[:2]) or "0 s"
