"""When a month's limit runs out at the pace of the last days, with an honest range. Pure.

The rule is the textbook's simplest that keeps its promise: expected use is the mean of the last
seven complete days, or each weekday's own mean over four weeks, and the range follows from how
far single days lay from that (R. J. Hyndman, G. Athanasopoulos: Forecasting: Principles and
Practice, 3rd edition, 5.2 "mean method", 5.4 and 5.5 "residuals" and "prediction intervals",
https://otexts.com/fpp3). What k days use together is a sum: its variance is k times a day's, and
the mean itself is known from n days only, which adds k²/n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from engine.limits.results import Forecast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from engine.usage.period import Period

FEWEST_DAYS: Final = 3
"""Complete days below which there is no forecast."""

RECENT_DAYS: Final = 7
"""Days that the pace is the mean of."""

WEEKDAYS_FROM: Final = 28
"""Complete days from which on each weekday counts as its own; older ones are left out."""

_WEEK = 7
_DAY = timedelta(days=1)
# One in ten lies beyond it on each side, so eight in ten between both.
_NORMAL = 1.2816
# Halvings of a day: to a tenth of a millisecond.
_HALVINGS = 30


def forecast(
    days: Sequence[int], *, used: int, limit: int, now: datetime, period: Period
) -> Forecast:
    """Return when the limit runs out, and what the month comes to.

    Args:
        days: Use of complete days in the limit's unit, oldest first; the last is yesterday (UTC).
            Days before the first measurement do not belong here, days without use do.
        used: Use of the period so far, today's included.
        limit: What may be used in the period; more than 0.
        now: Inside the period.
        period: The month.
    """
    if len(days) < FEWEST_DAYS:
        return Forecast(days=len(days), reason=_too_little(len(days)))
    pace = _pace(days, now)
    course = _course(pace, now, period)
    left = (period.end - now) / _DAY
    expected = course.expected[-1]
    return Forecast(
        days=pace.days,
        weekdays=pace.weekdays,
        pace=expected / left,
        runs_out_at=_moment(course.reaches(limit - used, course.middle), now, period),
        earliest=_moment(course.reaches(limit - used, course.high), now, period),
        latest=_moment(course.reaches(limit - used, course.low), now, period),
        projected=used + round(expected),
        projected_low=used + math.floor(course.surely()),
        projected_high=used + math.ceil(course.high(left, expected)),
    )


def _too_little(days: int) -> str:
    there = {0: "there is none", 1: "there is 1"}.get(days, f"there are {days}")
    return f"A forecast takes {FEWEST_DAYS} complete days of usage; {there} yet."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pace:
    """What each weekday is expected to use, Monday first, and how far single days lay off."""

    means: Sequence[float]
    spread: float
    days: int
    weekdays: bool


def _pace(days: Sequence[int], now: datetime) -> _Pace:
    if len(days) < WEEKDAYS_FROM:
        return _one_mean(days[-RECENT_DAYS:])
    return _mean_by_weekday(days[-WEEKDAYS_FROM:], now.weekday())


def _one_mean(days: Sequence[int]) -> _Pace:
    mean = sum(days) / len(days)
    spread = _spread([day - mean for day in days], means=1)
    return _Pace(means=[max(0.0, mean)] * _WEEK, spread=spread, days=len(days), weekdays=False)


def _mean_by_weekday(days: Sequence[int], today: int) -> _Pace:
    # Four whole weeks that end yesterday begin on today's weekday.
    weeks = len(days) // _WEEK
    means = [sum(days[at::_WEEK]) / weeks for at in range(_WEEK)]
    spread = _spread([day - means[at % _WEEK] for at, day in enumerate(days)], means=_WEEK)
    by_weekday = [max(0.0, means[(weekday - today) % _WEEK]) for weekday in range(_WEEK)]
    return _Pace(means=by_weekday, spread=spread, days=len(days), weekdays=True)


def _spread(residuals: Sequence[float], *, means: int) -> float:
    """Return what a single day's use differs by at the most in 8 of 10 cases."""
    freedom = len(residuals) - means
    return _quantile(freedom) * math.sqrt(math.fsum(off * off for off in residuals) / freedom)


def _quantile(freedom: int) -> float:
    """Return Student's t below which 9 of 10 lie: few days say less than the normal law.

    Its expansion by M. Abramowitz, I. Stegun: Handbook of Mathematical Functions, 26.7.5; with 2
    degrees of freedom it is 0.006 too small.
    """
    x = _NORMAL
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
    )
    return x + math.fsum(term / float(freedom) ** at for at, term in enumerate(terms, start=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Course:
    """Expected use from now to the period's end: straight lines from midnight to midnight.

    Attributes:
        ends: Where each line ends, in days from now.
        expected: Use from now until there.
        spread: A single day's; see `_spread`.
        days: How many days the means were made of.
    """

    ends: Sequence[float]
    expected: Sequence[float]
    spread: float
    days: int

    def middle(self, _end: float, use: float) -> float:
        """Return the expected use itself."""
        return use

    def high(self, end: float, use: float) -> float:
        """Return what use up to a moment stays below in 9 of 10 cases."""
        return use + self._off(end)

    def low(self, end: float, use: float) -> float:
        """Return what use up to a moment passes in 9 of 10 cases."""
        return use - self._off(end)

    def _off(self, end: float) -> float:
        return self.spread * math.sqrt(end + end * end / self.days)

    def surely(self) -> float:
        """Return what is used at the end in 9 of 10 cases: no less than at any time before."""
        return max(0.0, *map(self.low, self.ends, self.expected))

    def reaches(self, need: int, curve: Callable[[float, float], float]) -> float | None:
        """Return after how many days a curve first reaches `need`; None when not in time.

        On each line the upper curve only rises, and the lower one is convex: where it ends above
        `need` it passed it once, so that halving finds the place.
        """
        if need <= 0:
            return 0.0
        begun, so_far = 0.0, 0.0
        for end, use in zip(self.ends, self.expected, strict=True):
            if curve(end, use) >= need:
                slope = (use - so_far) / (end - begun)
                return _halve(begun, end, _Line(begun, so_far, slope, need, curve))
            begun, so_far = end, use
        return None


@dataclass(frozen=True, slots=True)
class _Line:
    begun: float
    so_far: float
    slope: float
    need: int
    curve: Callable[[float, float], float]

    def reached(self, at: float) -> bool:
        return self.curve(at, self.so_far + self.slope * (at - self.begun)) >= self.need


def _halve(begun: float, end: float, line: _Line) -> float:
    for _ in range(_HALVINGS):
        middle = (begun + end) / 2
        begun, end = (begun, middle) if line.reached(middle) else (middle, end)
    return end


def _course(pace: _Pace, now: datetime, period: Period) -> _Course:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    ends, expected = [(midnight - now) / _DAY], [pace.means[now.weekday()]]
    expected[0] *= ends[0]
    while midnight < period.end:
        expected.append(expected[-1] + pace.means[midnight.weekday()])
        ends.append(ends[-1] + 1)
        midnight += _DAY
    return _Course(ends=ends, expected=expected, spread=pace.spread, days=pace.days)


def _moment(days: float | None, now: datetime, period: Period) -> datetime | None:
    if days is None:
        return None
    # Upwards to the second: never before now.
    at = now + timedelta(seconds=math.ceil(days * 86_400)) if days else now
    return at if at < period.end else None
