"""How busy an agent is at a moment: the working day of an office, in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.demo.things import Agent

_NIGHT, _MORNING, _DAY, _EVENING = 0.45, 1.0, 1.5, 0.9
_HOURS = (
    *(_NIGHT,) * 6,
    *(_MORNING,) * 3,
    *(_DAY,) * 8,
    *(_EVENING,) * 4,
    *(_NIGHT,) * 3,
)
_SATURDAY = 5


def per_minute(agent: Agent, at: datetime) -> float:
    """Return how many calls an agent makes on the average in a minute at that time, in UTC."""
    weekend = agent.weekend if at.weekday() >= _SATURDAY else 1.0
    return agent.per_minute * _HOURS[at.hour] * weekend
