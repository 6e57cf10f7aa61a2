"""When the monitor's loop has something to do with the database: moments, kept apart. Pure.

All moments are monotonic seconds, so a wall clock that is set changes none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.monitor.limits import MonitorLimits

_NEVER = float("inf")
_HOUR_S = 3600.0
# Housekeeping leaves the start alone, when everything is due.
_FIRST_HOUSEKEEPING_S = 30.0
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0
# What would be due this soon goes with an errand that is run anyway.
_SOON_S = 0.1


@dataclass(slots=True)
class Agenda:
    """The next moment of everything that recurs, and the pause after a failure.

    Attributes:
        limits: The monitor's spans.
        claim_at: When to claim.
        look_at: When to look whether others planned something sooner.
        beat_at: When to tell that the monitor lives.
        house_at: When to roll up and forget.
        paused_until: Until when the database is left alone, because it failed.
        failures: How often in a row it did.
    """

    limits: MonitorLimits
    claim_at: float
    look_at: float
    beat_at: float
    house_at: float
    paused_until: float
    failures: int = 0

    @classmethod
    def begin(cls, limits: MonitorLimits, now: float, *, once: bool = False) -> Agenda:
        """Return the agenda of a monitor that starts: claim and beat at once.

        A single run does not beat, for it is no reason for a dashboard to start no monitor, and
        does not look for what others plan meanwhile.
        """
        if once:
            return cls(limits, now, _NEVER, _NEVER, _NEVER, now)
        return cls(limits, now, now, now, now + _FIRST_HOUSEKEEPING_S, now)

    def next(self, *, wanting: bool) -> float:
        """Return the next moment; claiming counts only where work is wanted."""
        moments = [self.look_at, self.beat_at, self.house_at]
        if wanting:
            moments.append(self.claim_at)
        return max(min(moments), self.paused_until)

    def may_claim(self, now: float) -> bool:
        """Tell whether it is time to claim, or nearly."""
        return now + _SOON_S >= self.claim_at

    def looked(self, due_in_s: float | None, now: float) -> None:
        """Note when the next target is due, which may be past; None when nothing is planned.

        Half of what is claimed ahead may run out, so that a claim brings several targets.
        """
        if self.look_at < _NEVER:
            self.look_at = now + self.limits.poll_s
        if due_in_s is None:
            self.claim_at = now + self.limits.poll_s
        else:
            self.claim_at = now + max(0.0, due_in_s - self.limits.ahead_s / 2)

    def claimed(self, due_in_s: float | None, now: float, *, full: bool) -> None:
        """Note what a claim brought; `full` when there may be more right now."""
        self.looked(due_in_s, now)
        if full:
            self.claim_at = now
        elif self.claim_at <= now:
            # What is due but was not given is another monitor's, or of a lane that is crowded.
            self.claim_at = now + self.limits.poll_s

    def beaten(self, now: float) -> None:
        """Note a heartbeat."""
        self.beat_at = now + self.limits.beat_s

    def kept_house(self, now: float) -> None:
        """Note that housekeeping was done."""
        self.house_at = now + _HOUR_S

    def clock_was_set(self, now: float) -> None:
        """Look again at once, but throw nothing away: the clock gets an hour to be set right."""
        self.claim_at = now
        self.look_at = now if self.look_at < _NEVER else _NEVER
        self.house_at = max(self.house_at, now + _HOUR_S)

    def failed(self, now: float) -> None:
        """Note that the database could not be used: it is left alone, ever longer."""
        pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(self.failures, 10))
        self.failures += 1
        self.paused_until = now + pause
