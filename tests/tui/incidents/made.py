"""Incidents as the engine tells them, for tests of how they look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.incidents.model import Incident, IncidentStory, Member, TimelineEntry

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
OPENED = NOW - timedelta(minutes=11)


def incident(**changes: object) -> Incident:
    made = Incident(
        number=12,
        tenant_id="acme-prod",
        cause="lamp",
        title="claude-batch is failing",
        severity="critical",
        state="open",
        kind="integration",
        thing_id="i1",
        thing_name="claude-batch",
        technology="anthropic",
        error="auth_failed",
        message="401 Authentication failed: invalid credentials",
        opened_at=OPENED,
        members=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def member(name: str, state: str = "failing", *, left: bool = False) -> Member:
    return Member(
        target_number=1,
        kind="integration",
        id=name,
        name=name,
        state=state,
        joined_at=OPENED,
        left_at=NOW if left else None,
    )


def entry(minutes: float, source: str, what: str, **more: object) -> TimelineEntry:
    at = OPENED + timedelta(minutes=minutes)
    return replace(TimelineEntry(at=at, source=source, what=what), **more)  # type: ignore[arg-type]


def story(
    of: Incident, *timeline: TimelineEntry, members: tuple[Member, ...] = ()
) -> IncidentStory:
    return IncidentStory(
        incident=of, members=members, timeline=timeline, checks=11, failures=9, taken_at=NOW
    )
