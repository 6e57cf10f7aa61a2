"""Moments as people type them, in forms and on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from engine.errors import InvalidInput

NEVER = "never"
NOW = "now"
_HINT_SINCE = (
    "Give a day (2026-03-01), a moment in UTC (2026-03-01 18:00), a span ago (3d, 2h) or now."
)
_HINT = "Give a day (2027-01-31), a moment in UTC (2027-01-31 18:00), a span (90d) or never."
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ t](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?P<zone>z|[+-][0-9]{2}:[0-9]{2})?"
)
_SPAN = re.compile(r"([0-9]{1,4}) ?(min|minutes?|h|hours?|d|days?|w|weeks?)", re.ASCII)
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def expiry(typed: str, now: datetime) -> datetime | None:
    """Return when something expires, in UTC; None for `never` or nothing.

    A day is meant to its end: what expires on the 31st is good on the 31st. A moment is in UTC
    unless it says its offset, such as 18:00+02:00.

    Raises:
        InvalidInput: It is no moment, or one that has passed.
    """
    said = typed.strip().lower()
    if said in {"", NEVER}:
        return None
    found = _read(said, now)
    if found is None:
        raise InvalidInput("That is no moment.", hint=_HINT, field="expires_at")
    if found <= now:
        raise InvalidInput("That moment has passed.", hint=_HINT, field="expires_at")
    return found


def since(typed: str, now: datetime, field: str = "since") -> datetime:
    """Return when something began, in UTC: of a day its beginning, of a span so long ago.

    Raises:
        InvalidInput: It is no moment.
    """
    said = typed.strip().lower()
    if said == NOW:
        return now
    found = _read(said, now, forward=False)
    if found is None:
        raise InvalidInput("That is no moment.", hint=_HINT_SINCE, field=field)
    return found


def _read(said: str, now: datetime, *, forward: bool = True) -> datetime | None:
    """Return a day's end or a span ahead; backward a day's beginning or a span ago."""
    try:
        if _DAY.fullmatch(said):
            day = datetime.fromisoformat(said).replace(tzinfo=UTC)
            return day + timedelta(days=1) if forward else day
        if found := _MOMENT.fullmatch(said):
            zone = (found["zone"] or "z").replace("z", "+00:00")
            at = datetime.fromisoformat(f"{found['day']} {found['time']}{zone}")
            return at.astimezone(UTC)
        if found := _SPAN.fullmatch(said):
            span = int(found[1]) * _UNITS[found[2][0]]
            return (now + span if forward else now - span).replace(microsecond=0)
    except (ValueError, OverflowError):
        pass  # the 30th of February, or beyond the calendar's end
    return None
