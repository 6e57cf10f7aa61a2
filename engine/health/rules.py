"""The rules of checking that need nothing but times: how old, how often, how long a beat holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

# Between two checks of a target that nobody forced.
MIN_BETWEEN = timedelta(seconds=60)
# A monitor beats every 2 s; five missed beats and it counts as gone.
BEAT_TIMEOUT = timedelta(seconds=10)


def age_s(then: datetime | None, now: datetime) -> float | None:
    """Return the seconds since `then`, never negative (clocks may be set back)."""
    return None if then is None else max(0.0, (now - then).total_seconds())


def is_fresh(checked_at: datetime | None, now: datetime) -> bool:
    """Tell whether an unforced check may answer with the last one.

    A check from the future (a clock set back) counts as old, else it would block checking.
    """
    return checked_at is not None and timedelta(0) <= now - checked_at < MIN_BETWEEN
