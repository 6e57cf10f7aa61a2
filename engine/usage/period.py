"""The period that limits hold for: the calendar month in UTC, in days that are numbered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

EPOCH = date(1970, 1, 1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """One calendar month in UTC: its first moment, and the next month's, which it excludes."""

    start: datetime
    end: datetime

    @property
    def days(self) -> range:
        """The numbers of its days since 1970."""
        return range(day_of(self.start), day_of(self.end))

    def next(self) -> Period:
        """Return the month after it."""
        return period_of(self.end)

    def previous(self) -> Period:
        """Return the month before it."""
        return period_of(self.start - _MINUTE)


def period_of(moment: datetime) -> Period:
    """Return the month that a moment lies in; `moment` is aware, in any zone."""
    utc = moment.astimezone(UTC)
    years, month = divmod(utc.month, 12)
    start = datetime(utc.year, utc.month, 1, tzinfo=UTC)
    return Period(start=start, end=datetime(utc.year + years, month + 1, 1, tzinfo=UTC))


def day_of(moment: datetime) -> int:
    """Return the number of a moment's UTC day since 1970."""
    return (moment.astimezone(UTC).date() - EPOCH).days


def date_of(day: int) -> date:
    """Return the date of a numbered day."""
    return EPOCH + timedelta(days=day)


def minute_of(moment: datetime) -> int:
    """Return the number of a moment's minute since 1970."""
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // _MINUTE


def minute_end(moment: datetime) -> datetime:
    """Return when the minute of a moment ends, and a rate begins anew."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
