"""What limits say of one call: pure. Amounts are whole numbers in the unit of their measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.limits.gauge import passed, percent_of
from engine.limits.results import DEFAULT_LEVELS, MEASURES
from engine.usage.period import minute_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.limits.measuring import Moment
    from storage.limits.standing import LimitedMeter, Used

_OF = {
    "budget": "monthly budget",
    "tokens": "monthly tokens",
    "rate": "requests a minute",
}
# Dollars are shown to a hundredth of a cent.
_SHOWN_PLACES = 4


@dataclass(kw_only=True, slots=True)
class Standing:
    """A meter's limits as they stand at a moment; calls that are let through add to `held`."""

    meter: LimitedMeter
    limits: Mapping[str, int]
    levels: tuple[float, ...]
    used: Mapping[str, int]
    held: dict[str, int] = field(default_factory=dict)

    def take(self, asked: Mapping[str, int]) -> None:
        """Hold what a call asked."""
        for measure, amount in asked.items():
            self.held[measure] += amount


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one limit says: blocked, warned or allowed, and how much of it is then used."""

    standing: Standing
    measure: str
    outcome: str
    asked: int
    reached: float | None

    @property
    def percent(self) -> float:
        """Per cent of the limit, with the call unless it is blocked."""
        standing, measure = self.standing, self.measure
        more = 0 if self.outcome == "blocked" else self.asked
        taken = standing.used[measure] + standing.held[measure] + more
        return percent_of(taken, standing.limits[measure]) or 0.0


def standing_of(meter: LimitedMeter, used: Used) -> Standing:
    """Return how a meter stands."""
    limits = zip(MEASURES, (meter.budget, meter.tokens, meter.rate), strict=True)
    return Standing(
        meter=meter,
        limits={measure: limit for measure, limit in limits if limit},
        levels=meter.warning_levels or DEFAULT_LEVELS,
        used={"budget": used.cost_nanos, "tokens": used.tokens, "rate": used.calls},
        held={"budget": used.held_nanos, "tokens": used.held_tokens, "rate": used.held_calls},
    )


def judge(asked: Mapping[str, int], standings: Iterable[Standing]) -> Verdict | None:
    """Return the verdict of the limit that decides; None when none is even near.

    A call is blocked when it would pass a limit, and when nothing of one is left: how much it
    will use is an estimate, and one of nothing is none. Of limits that block, the one that begins
    anew last decides; of those that warn, the fullest.
    """
    found = [
        verdict
        for standing in standings
        for measure, limit in standing.limits.items()
        if (verdict := _verdict(standing, measure, limit, asked[measure])) is not None
    ]
    return max(found, key=_weight, default=None)


def _verdict(standing: Standing, measure: str, limit: int, asked: int) -> Verdict | None:
    taken = standing.used[measure] + standing.held[measure]
    blocked = taken + asked > limit or taken >= limit
    reached = passed(taken + asked, limit, standing.levels)
    if not blocked and not reached:
        return None
    return Verdict(
        standing=standing,
        measure=measure,
        outcome="blocked" if blocked else "warned",
        asked=asked,
        reached=max(reached, default=None),
    )


def _weight(verdict: Verdict) -> tuple[bool, bool, float]:
    blocked = verdict.outcome == "blocked"
    return blocked, blocked and verdict.measure != "rate", verdict.percent


def resets_at(measure: str, moment: Moment) -> datetime:
    """Return when a measure begins anew: its month, or its minute."""
    return minute_end(moment.now) if measure == "rate" else moment.period.end


def reason_of(verdict: Verdict, moment: Moment) -> str:
    """Return a verdict as one sentence, with its amounts and when the limit begins anew."""
    what = f"the {_OF[verdict.measure]} of {_whose(verdict.standing.meter)}"
    anew = f"{resets_at(verdict.measure, moment):%Y-%m-%d %H:%M} UTC"
    if verdict.outcome == "blocked":
        return f"Blocked by {what}: {_sum(verdict)}; it begins anew on {anew}."
    return (
        f"Allowed, but with this call {_percent(verdict.percent)} of {what} {_are(verdict)} taken, "
        f"past its warning level of {verdict.reached:g}%; it begins anew on {anew}."
    )


def _sum(verdict: Verdict) -> str:
    standing, measure = verdict.standing, verdict.measure
    told = [f"{_amount(measure, standing.used[measure])} used"]
    if standing.held[measure]:
        told.append(f"{_amount(measure, standing.held[measure])} held")
    if verdict.asked:
        told.append(f"{_amount(measure, verdict.asked)} asked")
    return f"{_listed(told)}, of {_amount(measure, standing.limits[measure])}"


def _are(verdict: Verdict) -> str:
    return "is" if verdict.measure == "budget" else "are"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _whose(meter: LimitedMeter) -> str:
    return f"the {meter.scope} {meter.name}"


def _percent(percent: float) -> str:
    # Downwards, so that what is not used up never reads 100 %.
    return f"{int(percent * 10) / 10:g}%"


def _amount(measure: str, amount: int) -> str:
    if measure != "budget":
        return f"{amount:,}"
    # To a hundredth of a cent, upwards: what is asked is never shown as nothing.
    dollars, part = divmod(-(-amount // 10 ** (9 - _SHOWN_PLACES)), 10**_SHOWN_PLACES)
    places = f"{part:04}"
    return f"${dollars:,}.{places[:2]}{places[2:].rstrip('0')}"
