"""Incidents in the database: what is open, what happened to it, which targets it is about.

`IncidentsDriver` is the way in; the rows are what it takes and gives.
"""

from __future__ import annotations

from storage.incidents.driver import IncidentsDriver
from storage.incidents.rows import (
    SEVERITY_RANKS,
    BadRow,
    IncidentDraft,
    IncidentEventRow,
    IncidentRow,
    MemberRow,
    OpenCount,
    Sort,
    gravity_of,
)

__all__ = [
    "SEVERITY_RANKS",
    "BadRow",
    "IncidentDraft",
    "IncidentEventRow",
    "IncidentRow",
    "IncidentsDriver",
    "MemberRow",
    "OpenCount",
    "Sort",
    "gravity_of",
]
