"""Spans, days, times of the day and moments as people type them for a silence. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.silences.model import DAYS

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NOW = "now"
_SPAN_HINT = "Give a span such as 30min, 2h, 1h30m or 2d."
_DAYS_HINT = "Give days such as sun, or mon,wed; mon-fri, workdays, weekend or daily."
_MOMENT_HINT = (
    "Give a moment such as 2026-03-14 18:00, in the silence's time zone unless it says its own "
    "(18:00Z, 18:00+02:00), a time of the day, or a span from now (2h)."
)
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(
    r"\s*([0-9]{1,5})\s*(weeks?|w|days?|d|hours?|h|minutes?|min|m|seconds?|sec|s)", re.ASCII
)
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ t](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?"
    r" ?(?P<zone>z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_GROUPS = {"daily": DAYS, "workdays": DAYS[:5], "weekdays": DAYS[:5], "weekend": DAYS[5:]}
_LAST_HOUR, _LAST_MINUTE = 23, 59


def span(typed: str, field: str = "for") -> int:
    """Return a span in seconds: `90min`, `2h`, `1h30m`, `2 days`.

    Raises:
        InvalidInput: It is none.
    """
    found = _seconds(typed)
    if found is None:
        raise InvalidInput("That is no span.", hint=_SPAN_HINT, field=field)
    return found


def _seconds(typed: str) -> int | None:
    said, at, total = typed.strip().lower(), 0, 0
    while at < len(said):
        part = _PART.match(said, at)
        if part is None:
            return None
        total, at = total + int(part[1]) * _SECONDS[part[2][0]], part.end()
    return total or None


def minute(typed: str, field: str = "at") -> int:
    """Return a time of the day as its minute: `02:30` is 150.

    Raises:
        InvalidInput: It is none.
    """
    found = _clock(typed.strip())
    if found is None:
        raise InvalidInput("That is no time of the day.", hint="Give 00:00 to 23:59.", field=field)
    return found


def _clock(said: str) -> int | None:
    found = _CLOCK.fullmatch(said)
    if found is None:
        return None
    hour, past = int(found[1]), int(found[2])
    return hour * 60 + past if hour <= _LAST_HOUR and past <= _LAST_MINUTE else None


def days(typed: str, field: str = "weekly") -> tuple[str, ...]:
    """Return days of the week, from Monday on: `sun`, `mon, wed`, `mon-fri`, `daily`.

    Raises:
        InvalidInput: A word is none of these.
    """
    chosen: set[str] = set()
    for word in re.split(r"[\s,]+", typed.strip().lower()):
        found = _GROUPS.get(word) or _range(word)
        if not found:
            raise InvalidInput("Those are no days of the week.", hint=_DAYS_HINT, field=field)
        chosen.update(found)
    return tuple(day for day in DAYS if day in chosen)


def _range(word: str) -> tuple[str, ...]:
    first, _, last = word.partition("-")
    begin, end = _day(first), _day(last or first)
    if begin is None or end is None:
        return ()
    if end < begin:  # sat-mon goes over the end of the week
        end += len(DAYS)
    return tuple(DAYS[place % len(DAYS)] for place in range(begin, end + 1))


def _day(word: str) -> int | None:
    long = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    found = [at for at, name in enumerate(long) if len(word) >= 3 and name.startswith(word)]  # noqa: PLR2004 - `t` is two
    return found[0] if found else None


def moment(typed: str, zone: ZoneInfo, now: datetime, field: str) -> datetime:
    """Return a moment in UTC.

    A time of the day is the next one; a day is its beginning. A moment is on the clock of `zone`
    unless it says its own offset.

    Raises:
        InvalidInput: It is none.
    """
    said = typed.strip().lower()
    if said == NOW:
        return now
    try:
        found = _moment(said, zone, now)
    except (ValueError, OverflowError):
        found = None  # the 30th of February, or beyond the calendar's end
    if found is None:
        raise InvalidInput("That is no moment.", hint=_MOMENT_HINT, field=field)
    return found


def _moment(said: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    seconds = _seconds(said)
    if seconds is not None:
        return now + timedelta(seconds=seconds)
    if (of_day := _clock(said)) is not None:
        here = now.astimezone(zone)
        at = here.replace(hour=of_day // 60, minute=of_day % 60, second=0, microsecond=0, fold=0)
        at = at if at.astimezone(UTC) > now else at + timedelta(days=1)
        return at.astimezone(UTC)
    found = _MOMENT.fullmatch(said)
    if found is None:
        return None
    at = datetime.fromisoformat(f"{found['day']} {found['time'] or '00:00'}")
    if found["zone"]:
        offset = found["zone"].replace("z", "+00:00")
        return datetime.fromisoformat(f"{at.isoformat()}{offset}").astimezone(UTC)
    return at.replace(tzinfo=zone).astimezone(UTC)


def moment_text(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment as it is typed, on the clock of `zone`; nothing for None."""
    return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
