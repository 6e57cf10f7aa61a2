"""Gauges as lines of a table, and as records of the other formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import gauges, text
from tui.cli.shows import percent
from tui.cli.table import Column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.limits.results import GaugeResult
    from tui.cli.session import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class GaugeLine:
    """One gauge as of `now`; `flat` makes its forecast columns of their own, for CSV."""

    gauge: GaugeResult
    now: datetime
    flat: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the gauge as JSON-ready values."""
        return gauges.exported(self.gauge, flat=self.flat)

    @property
    def name(self) -> str:
        """What people call its meter."""
        return self.gauge.name

    @property
    def of(self) -> str:
        """What the meter sums up; of an integration also where it is."""
        scope, provider = self.gauge.scope, self.gauge.provider
        return f"{scope} at {provider}" if scope == "integration" and provider else scope

    @property
    def measure(self) -> str:
        """What is measured."""
        return self.gauge.measure

    @property
    def state(self) -> str:
        """How it stands."""
        return self.gauge.state

    @property
    def used(self) -> str:
        """How much, and what that leaves out."""
        if gauges.priceless(self.gauge):
            return gauges.unpriced_words(self.gauge)
        said = (gauges.used_words(self.gauge), gauges.unpriced_words(self.gauge), self.held)
        return " ".join(word for word in said if word)

    @property
    def held(self) -> str:
        """What callers have reserved."""
        held = self.gauge.held
        return f"+ {gauges.amount(self.gauge.measure, held)} held" if held else ""

    @property
    def limit(self) -> str:
        """Up to where."""
        return gauges.amount(self.gauge.measure, self.gauge.limit) if self.gauge.limit else ""

    @property
    def percent(self) -> float | None:
        """How much of the limit."""
        return self.gauge.percent

    @property
    def pace(self) -> str:
        """The expected use a day."""
        return gauges.pace_words(self.gauge)

    @property
    def runs_out(self) -> str:
        """When the limit is reached."""
        return gauges.runs_out_words(self.gauge, self.now)

    @property
    def expected(self) -> str:
        """With how much used the period is expected to end, and between what and what."""
        seen, measure = self.gauge.forecast, self.gauge.measure
        if seen is None or seen.projected is None:
            return text.NOTHING
        low = gauges.brief(measure, seen.projected_low)
        high = gauges.brief(measure, seen.projected_high)
        said = gauges.amount(measure, seen.projected)
        return said if low == high else f"{said} ({low} to {high})"

    @property
    def basis(self) -> str:
        """What the forecast is made of, or why there is none."""
        seen = self.gauge.forecast
        if seen is None or seen.reason:
            return "" if seen is None else seen.reason
        days = text.plural(seen.days, "day")
        return f"{days}, by weekday" if seen.weekdays else days


STATUS = (
    Column(title="NAME", key="name"),
    Column(title="OF", key="of"),
    Column(title="MEASURE", key="measure"),
    Column(title="STATE", key="state", state=True),
    Column(title="USED", key="used", right=True),
    Column(title="LIMIT", key="limit", right=True),
    Column(title="%", key="percent", show=percent, right=True),
    Column(title="PACE", key="pace", right=True),
    Column(title="RUNS OUT", key="runs_out"),
)

FORECAST = (
    Column(title="NAME", key="name"),
    Column(title="OF", key="of"),
    Column(title="MEASURE", key="measure"),
    Column(title="USED", key="used", right=True),
    Column(title="LIMIT", key="limit", right=True),
    Column(title="PACE", key="pace", right=True),
    Column(title="RUNS OUT", key="runs_out"),
    Column(title="AT MONTH'S END", key="expected"),
    Column(title="MADE OF", key="basis"),
)


def lines(session: Session, found: Sequence[GaugeResult], now: datetime) -> list[GaugeLine]:
    """Return gauges as lines for the format that was asked for."""
    flat = session.output.format == "csv"
    return [GaugeLine(gauge=gauge, now=now, flat=flat) for gauge in found]
