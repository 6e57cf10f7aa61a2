"""What the pane of limits knows of the entry under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.limits.results import GaugeResult, MeterStory
    from tui.limits.entries import Entry
    from tui.theme import Glyphs


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is told, as of when, and what it is drawn with; the story is None until it is read."""

    entry: Entry
    now: datetime
    glyphs: Glyphs
    story: MeterStory | None = None

    @property
    def gauge(self) -> GaugeResult | None:
        """The gauge that is told of; of a sum the first that has a limit."""
        mine = self.entry.gauge
        found = self.story.gauges if self.story is not None else ()
        if mine is not None:
            return next((one for one in found if one.measure == mine.measure), mine)
        return next((one for one in found if one.limit), None)

    @property
    def measure(self) -> str:
        """What is drawn."""
        if self.gauge is not None:
            return self.gauge.measure
        total = self.entry.total
        return "tokens" if total is not None and not total.cost_nanos else "budget"

    @property
    def busiest(self) -> int | None:
        """Requests in the busiest minute of the last hour."""
        return max(self.story.minutes, default=None) if self.story is not None else None

    @property
    def rate_limit(self) -> int:
        """Requests a minute that are allowed; 0 is unlimited."""
        found = self.story.gauges if self.story is not None else ()
        return next((one.limit for one in found if one.measure == "rate"), 0)
