"""When people want to be told: days of the week and hours of the day, in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import InvalidInput
from engine.silences.model import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})", re.ASCII)
_HINT = "Give days, hours or both, such as mon-fri 08:00-18:00 or sat,sun."
_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Spans that begin on `days` at one minute of the day and end at another.

    An end that is not later than the start is on the next day: the same minute twice is 24 hours.
    """

    days: tuple[str, ...]
    start: int
    end: int
    zone: ZoneInfo

    def open_from(self, at: datetime) -> datetime:
        """Return the first moment, `at` or later, in which people want to be told.

        On a day that the clock is put forward, what would begin in the hour that is left out
        begins with the hour after.
        """
        day = at.astimezone(self.zone).date() - timedelta(days=1)
        for _ in range(9):
            if DAYS[day.weekday()] in self.days:
                begins, ends = self._span(day)
                if at < ends:
                    return max(at, begins)
            day += timedelta(days=1)
        raise ValueError("No day of the week is open.")  # pragma: no cover - there is one

    def _span(self, day: date) -> tuple[datetime, datetime]:
        over = 1 if self.end <= self.start else 0
        return self._at(day, self.start), self._at(day + timedelta(days=over), self.end)

    def _at(self, day: date, minute: int) -> datetime:
        whole, minute = divmod(minute, _MINUTES)
        clock = time(minute // 60, minute % 60)
        local = datetime.combine(day + timedelta(days=whole), clock, self.zone)
        return local.astimezone(UTC)


def hours_of(stored: Mapping[str, Any]) -> Hours | None:
    """Return hours as they are stored with a route; None for always.

    Where they cannot be read, because this machine does not know the time zone or whoever wrote
    them knew better than this, people are told at any hour: better than never, and than nobody
    being told of anything.
    """
    if not stored:
        return None
    try:
        return Hours(
            days=_known(stored["days"]),
            start=_minute(str(stored["from"])),
            end=_minute(str(stored["to"])),
            zone=ZoneInfo(str(stored["timezone"])),
        )
    except (ZoneInfoNotFoundError, ValueError, OSError, LookupError, TypeError):
        return None


def read_hours(typed: str, timezone: str = "UTC") -> dict[str, Any]:
    """Return what people type as it is stored; empty for always.

    Raises:
        InvalidInput: It is neither days nor hours, or there is no such time zone.
    """
    from engine.silences.schedule import zone_of

    zone = str(zone_of(timezone.strip() or "UTC"))
    words = typed.strip().lower()
    if words in {"", "always"}:
        return {}
    span = _SPAN.search(words)
    start, end = ("00:00", "24:00") if span is None else _clock(span)
    days = words if span is None else (words[: span.start()] + words[span.end() :])
    return {"days": list(_days(days)), "from": start, "to": end, "timezone": zone}


def show_hours(stored: Mapping[str, Any]) -> str:
    """Return hours as people type them, without their time zone; empty for always."""
    if not stored:
        return ""
    days = tuple(stored["days"])
    told = "" if days == DAYS else _joined(days)
    whole = stored["from"] == "00:00" and stored["to"] == "24:00"
    span = "" if whole else f"{stored['from']}-{stored['to']}"
    return f"{told} {span}".strip() or "mon-sun"


def _clock(span: re.Match[str]) -> tuple[str, str]:
    h1, m1, h2, m2 = (int(part) for part in span.groups())
    if h1 > 23 or m1 > 59 or m2 > 59 or h2 * 60 + m2 > _MINUTES:  # noqa: PLR2004 - a clock's own
        raise InvalidInput("Those are no hours of a day.", hint=_HINT, field="hours")
    return f"{h1:02d}:{m1:02d}", f"{h2:02d}:{m2:02d}"


def _days(words: str) -> tuple[str, ...]:
    found: set[str] = set()
    for word in words.replace(",", " ").split():
        first, dash, last = word.partition("-")
        if first[:3] not in DAYS or (dash and last[:3] not in DAYS):
            raise InvalidInput(f"{word[:20]!r} is no day.", hint=_HINT, field="hours")
        at, end = DAYS.index(first[:3]), DAYS.index(last[:3] if dash else first[:3])
        found |= {DAYS[(at + step) % 7] for step in range((end - at) % 7 + 1)}
    return tuple(day for day in DAYS if day in found) or DAYS


def _joined(days: tuple[str, ...]) -> str:
    at = [DAYS.index(day) for day in days]
    in_row = len(at) > 2 and at == list(range(at[0], at[-1] + 1))  # noqa: PLR2004 - two are a list
    return f"{days[0]}-{days[-1]}" if in_row else ",".join(days)


def _minute(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    found = int(hour) * 60 + int(minute)
    if not 0 <= found <= _MINUTES:
        raise ValueError(clock)
    return found


def _known(days: Iterable[str]) -> tuple[str, ...]:
    found = tuple(day for day in days if day in DAYS)
    if not found:
        raise ValueError("No day of the week is open.")
    return found
