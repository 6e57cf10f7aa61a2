"""What runs out first: one number a gauge, lower is first, so that a database can sort by it. Pure.

In this order: what is over its limit, by how much; what runs out in this period, by when; what
lasts, by how much of it the period will use; what cannot be told (rates, too little history), by
how much of it is used; what was never measured; what is not limited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.limits.rows import UNLIMITED, UNMEASURED

if TYPE_CHECKING:
    from datetime import datetime

    from engine.limits.results import Forecast

_LASTS = 4 * 10**15
_UNTOLD = 5 * 10**15
# Thousandths of a per cent; more than a million per cent are alike.
_MOST = 10**9
_FARTHEST_OVER = 10**15


def urgency_of(*, state: str, used: int | None, limit: int, forecast: Forecast | None) -> int:
    """Return a gauge's place among all.

    Args:
        state: One of `engine.limits.results.STATES`.
        used: In the measure's unit; None when never measured.
        limit: Likewise.
        forecast: None for rates.
    """
    if state == "unlimited":
        return UNLIMITED
    if state == "unmeasured" or used is None:
        return UNMEASURED
    if state == "over":
        return -min(_thousandths(used, limit), _FARTHEST_OVER)
    if forecast is None or forecast.projected is None:
        return _UNTOLD + _room(used, limit)
    if forecast.runs_out_at is not None:
        return _millis(forecast.runs_out_at)
    return _LASTS + _room(forecast.projected, limit)


def _thousandths(used: int, limit: int) -> int:
    return max(0, used * 100_000 // limit)


def _room(used: int, limit: int) -> int:
    return _MOST - min(_thousandths(used, limit), _MOST)


def _millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
