"""How much a monitor may do at once, and how long it may keep what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.health.rules import deadline_s

if TYPE_CHECKING:
    from engine.settings import Settings

_FEWEST_CLAIMED = 50
_MOST_CLAIMED = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorLimits:
    """The caps and spans of one monitor; spans are in seconds.

    Attributes:
        per_minute: Starts a minute; None for as fast as possible.
        in_flight: Checks at once.
        per_technology: Checks at once of one technology (of integrations: of one provider).
        deadline_s: How long a check of an integration may take.
        test_deadline_s: How long one of a source or connector may take.
        secret_s: How long asking for its secrets may take before that, where others keep them.
        lease_s: How long a claimed target is this monitor's alone; a successor takes over what
            a dead one held after at most this.
        ahead_s: How long before it is due a target may be claimed, to be started on the moment.
        poll_s: How often to look for work that others planned.
        beat_s: Between two heartbeats.
    """

    per_minute: float | None = 10_000
    in_flight: int = 200
    per_technology: int = 100
    deadline_s: float = 10.0
    test_deadline_s: float = 3.0
    secret_s: float = 0.0
    lease_s: float = 30.0
    ahead_s: float = 1.0
    poll_s: float = 0.5
    beat_s: float = 2.0

    @classmethod
    def of(cls, settings: Settings) -> MonitorLimits:
        """Return the limits that the settings describe.

        One technology gets at most half of the slots, so that one that hangs leaves as many to
        all others; a lease covers a whole check after some waiting.
        """
        longest = max(settings.deadline_s, settings.test_deadline_s)
        secret_s = settings.credential_deadline_s
        return cls(
            per_minute=settings.rate_per_minute,
            in_flight=settings.in_flight,
            per_technology=max(1, settings.in_flight // 2),
            deadline_s=settings.deadline_s,
            test_deadline_s=settings.test_deadline_s,
            secret_s=secret_s,
            lease_s=max(30.0, 2 * longest + 10, longest + 2 * secret_s + 10),
        )

    def reserve_s(self, kind: str) -> float:
        """Return what must be left of a lease for a check to start: it, and writing it down."""
        return self.secret_s + deadline_s(kind, self) + min(5.0, self.lease_s / 6)

    @property
    def claim_size(self) -> int:
        """How many targets are claimed at once, and how many may wait for one technology.

        A second and a half of work: what waits longer only lets its lease run down.
        """
        a_second = self.per_minute / 60 if self.per_minute else _MOST_CLAIMED
        return max(_FEWEST_CLAIMED, min(_MOST_CLAIMED, round(1.5 * a_second)))
