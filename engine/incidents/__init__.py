"""Incidents: what went wrong, opened once, seen to by somebody, and looked back at."""

from __future__ import annotations

from engine.incidents.facade import IncidentsFacade, get_incidents_facade
from engine.incidents.model import (
    Incident,
    IncidentHeadline,
    IncidentPage,
    IncidentStory,
    Member,
    TimelineEntry,
)

__all__ = [
    "Incident",
    "IncidentHeadline",
    "IncidentPage",
    "IncidentStory",
    "IncidentsFacade",
    "Member",
    "TimelineEntry",
    "get_incidents_facade",
]
