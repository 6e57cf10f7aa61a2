"""What an alert says: title, text, and the facts that a webhook gets. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from engine.alerts.model import ACKNOWLEDGED, APPRISE, CLOSED, OPENED, REMINDER, WORSENED
from engine.alerts.templates import USUAL_BODY, USUAL_TITLE, fill, plain
from engine.jsonable import jsonable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storage.alerts import AboutRow, AlertRow, ChannelRow

VERSION = 1
"""Of the shape of a webhook's JSON."""
MOST_NAMED = 20
"""Incidents that a text names where many are told together."""
MAX_STORED_TITLE = 500
_CALL = re.compile(r"@(?=(?:everyone|here|channel|all|room)\b)|<(?=[!@#&])", re.IGNORECASE)
_HAPPENED = {
    WORSENED: "Worse",
    REMINDER: "Still open",
    ACKNOWLEDGED: "Acknowledged",
    CLOSED: "Closed",
}
_FACTS = (
    *("number", "tenant_id", "cause", "title", "severity", "kind", "thing_id", "thing_name"),
    *("technology", "error", "message", "opened_at", "closed_at", "closed_because", "flapping"),
    *("relapses", "worsened", "assignee"),
    *("acknowledged_at", "acknowledged_by", "acknowledged_because"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What is told at once; `facts` is what a webhook gets of each incident, with its event.

    `key` is the same for the same alert, however often it is tried.
    """

    key: str
    event: str
    title: str
    body: str
    at: datetime
    channel_id: str
    channel_name: str
    alerts: tuple[int, ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the body of a webhook's request; docs/alerts.md has its shape."""
        return {
            "version": VERSION,
            "id": self.key,
            "event": self.event,
            "at": jsonable(self.at),
            "title": self.title,
            "body": self.body,
            "channel": {"id": self.channel_id, "name": self.channel_name},
            "alerts": list(self.alerts),
            "incidents": [dict(one) for one in self.facts],
        }


def message_of(
    channel: ChannelRow, told: Sequence[tuple[AlertRow, AboutRow]], now: datetime
) -> Message:
    """Return what one alert says, or many together; the first gives the message its key."""
    lead, about = told[0]
    if len(told) == 1:
        values = values_of(lead, about, now)
        if channel.type == APPRISE:
            values = {name: _calling_nobody(value) for name, value in values.items()}
        # A template may come to nothing, and of nothing a service says that there is none to tell.
        title = fill(channel.title_template or USUAL_TITLE, values) or fill(USUAL_TITLE, values)
        body = fill(channel.body_template or USUAL_BODY, values, lines=True)
    else:
        title, body = _together(told)
        if channel.type == APPRISE:
            body = _calling_nobody(body)
    return Message(
        key=f"{channel.id}-{lead.id}",
        event=lead.event if len(told) == 1 else "many",
        title=title[:MAX_STORED_TITLE],
        body=body,
        at=now,
        channel_id=channel.id,
        channel_name=channel.name,
        alerts=tuple(alert.id for alert, _ in told),
        facts=tuple(facts_of(alert, incident) for alert, incident in told),
    )


def sample(channel: ChannelRow, key: str, now: datetime) -> Message:
    """Return what a test says."""
    return Message(
        key=key,
        event="test",
        title=f"Test of {plain(channel.name)}",
        body="Lampboard can reach you here. Nothing is wrong.",
        at=now,
        channel_id=channel.id,
        channel_name=channel.name,
    )


def values_of(alert: AlertRow, about: AboutRow, now: datetime) -> dict[str, str]:
    """Return what stands for each field of a template."""
    end = about.closed_at or now
    because = ""
    if alert.event == CLOSED and about.closed_because:
        because = f"Closed: {about.closed_because}."
    elif about.acknowledged_at is not None:
        because = f"Acknowledged by {about.acknowledged_by}: {about.acknowledged_because}."
    return {
        "event": alert.event,
        "happened": happened(alert),
        "number": str(about.number),
        "title": about.title,
        "severity": about.severity,
        "cause": about.cause,
        "tenant": about.tenant_id or "all tenants",
        "kind": about.kind or "",
        "name": about.thing_name or "",
        "technology": about.technology or "",
        "error": about.error or "",
        "message": about.message or "",
        "opened": _moment(about.opened_at),
        "closed": _moment(about.closed_at),
        "duration": _span((end - about.opened_at).total_seconds()),
        "because": because,
        "by": about.acknowledged_by or "",
        "assignee": about.assignee or "",
    }


def happened(alert: AlertRow) -> str:
    """Return what an alert tells of, in words."""
    if alert.event == OPENED:
        return "Again" if alert.ordinal else "New"
    return _HAPPENED[alert.event]


def facts_of(alert: AlertRow, about: AboutRow) -> dict[str, Any]:
    """Return an incident as a webhook gets it, with what happened to it."""
    told = {name: jsonable(getattr(about, name)) for name in _FACTS}
    return {"event": alert.event, **told}


def _together(told: Sequence[tuple[AlertRow, AboutRow]]) -> tuple[str, str]:
    counts: dict[str, int] = {}
    for alert, _ in told:
        counts[happened(alert).lower()] = counts.get(happened(alert).lower(), 0) + 1
    worst = "critical" if any(one.severity == "critical" for _, one in told) else "warning"
    number = len({about.number for _, about in told})
    many = f"{number:,} more incidents" if number > 1 else "1 more incident"
    title = f"[{worst}] {many}: " + ", ".join(f"{count:,} {word}" for word, count in counts.items())
    lines = [
        f"{happened(alert)}: {plain(about.title)} ({about.severity}, incident {about.number})"
        for alert, about in told[:MOST_NAMED]
    ]
    left = len(told) - len(lines)
    return title, "\n".join([*lines, *([f"and {left:,} more"] if left else [])])


def _calling_nobody(text: str) -> str:
    """Return a text from outside in which chats find nobody to call: names are no `@everyone`."""
    return _CALL.sub(lambda found: f"{found[0]} ", text)


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _span(seconds: float) -> str:
    minutes = max(0, int(seconds)) // 60
    if minutes < 1:
        return f"{max(0, int(seconds))} s"
    days, rest = divmod(minutes, 1_440)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "min"))
    return " ".join([f"{value} {unit}" for value, unit in parts if value][:2])
