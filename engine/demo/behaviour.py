"""How a simulated account behaves, and how that changes over time: pure data and one function."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Mood(StrEnum):
    """What an account's requests meet.

    What is impaired or broken answers, and says so of itself: a cluster that is yellow or red.
    """

    OK = "ok"
    IMPAIRED = "impaired"
    BROKEN = "broken"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    OVERLOADED = "overloaded"
    LOGIN_PAGE = "login_page"
    SILENT = "silent"
    RESET = "reset"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """From `at_s` seconds on, requests meet `mood` after about `latency_ms` milliseconds.

    `retry_after_s` is told to those who are turned away for a while.
    """

    at_s: float = 0.0
    mood: Mood = Mood.OK
    latency_ms: int = 180
    retry_after_s: int = 30


@dataclass(frozen=True, slots=True)
class Script:
    """Steps in the order of their time; with a period they begin anew, for ever.

    Attributes:
        steps: The first one starts at 0.
        period_s: Seconds after which the steps repeat; 0 for never.
    """

    steps: tuple[Step, ...] = (Step(),)
    period_s: float = 0.0

    def at(self, seconds: float) -> Step:
        """Return the step that counts `seconds` after the start."""
        if self.period_s:
            seconds %= self.period_s
        return [step for step in self.steps if step.at_s <= seconds][-1]

    def next_change(self, seconds: float) -> float | None:
        """Return for how many seconds the step at `seconds` still counts; None for ever."""
        inside = seconds % self.period_s if self.period_s else seconds
        later = [step.at_s - inside for step in self.steps if step.at_s > inside]
        if later:
            return min(later)
        return self.period_s - inside if self.period_s else None

    @property
    def ever_refuses(self) -> bool:
        """Whether the door is closed at any time, so that it needs one of its own."""
        return any(step.mood is Mood.REFUSED for step in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Return the script as JSON-ready values."""
        steps = [[s.at_s, s.mood.value, s.latency_ms, s.retry_after_s] for s in self.steps]
        return {"steps": steps, "period_s": self.period_s}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Script:
        """Return what `to_dict` wrote down."""
        steps = tuple(
            Step(at_s=at_s, mood=Mood(mood), latency_ms=latency, retry_after_s=retry)
            for at_s, mood, latency, retry in values["steps"]
        )
        return cls(steps=steps, period_s=values["period_s"])
