"""What came of saying something through a channel."""

from __future__ import annotations

from dataclasses import dataclass

TOLD, REFUSED, UNSURE = "told", "refused", "unsure"
DEADLINE_S = 30.0
"""How long one try may take, whatever the channel."""
LONGEST_PAUSE_S = 3_600
"""For how long a channel is left alone at most, whoever asks for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How one try went.

    Attributes:
        outcome: told; refused (nobody was told, so it may be tried again); or unsure (it went
            out, and no word came back).
        message: One sentence for people; never the URL.
        latency_ms: How long it took.
        retry_after_s: For how long the other side asked to be left alone.
    """

    outcome: str
    message: str = ""
    latency_ms: int | None = None
    retry_after_s: int = 0
