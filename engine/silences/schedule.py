"""When a silence holds: once, or each time that its days or its line of cron begin it.

Days and cron are meant on the clock of the silence's time zone. Where that clock is put forward,
a beginning that it skips comes as soon as the clock is there again; where it is put back, a
beginning that it shows twice comes the first time (so does Debian's cron, which `cronsim`
follows). How long it holds is time that passes: two hours are two hours on such a day too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from engine.errors import InvalidInput
from engine.silences.model import ONCE, WEEKLY
from engine.silences.words import When

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.silences.model import SilenceDraft

_PUT_BACK = timedelta(hours=3)
"""More than a clock is ever put back by: of what it shows twice, cron looks at the first only."""
_JOINED = 400
"""How many times in a row it may begin before it has ended, until no end is in sight."""


class Times(When, Protocol):
    """What of a silence says when it holds; `ended_at` is when somebody ended it by hand."""

    @property
    def starts_at(self) -> datetime: ...  # noqa: D102 - the fields of a silence
    @property
    def ended_at(self) -> datetime | None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """The times of a silence that is not there yet."""

    schedule: str
    starts_at: datetime
    ends_at: datetime | None
    days: tuple[str, ...]
    minute: int | None
    cron: str | None
    duration_s: int | None
    timezone: str
    ended_at: None = None

    @classmethod
    def of(cls, draft: SilenceDraft, starts_at: datetime) -> Planned:
        """Return the times of a draft; one without a beginning of its own begins then."""
        return cls(
            schedule=draft.schedule,
            starts_at=draft.starts_at or starts_at,
            ends_at=draft.ends_at,
            days=draft.days,
            minute=draft.minute,
            cron=draft.cron,
            duration_s=draft.duration_s,
            timezone=draft.timezone,
        )


def zone_of(name: str, field: str = "timezone") -> ZoneInfo:
    """Return the time zone of an IANA name, such as Europe/Berlin.

    Raises:
        InvalidInput: There is none of that name on this machine.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(
            "There is no time zone of that name.",
            hint="Give its IANA name, such as Europe/Berlin, America/New_York or UTC.",
            field=field,
        ) from error


def holds(row: Times, now: datetime) -> bool:
    """Return whether the silence holds at `now`."""
    last = _last(row)
    if now < row.starts_at or (last is not None and now >= last):
        return False
    return row.schedule == ONCE or _Beginnings(row).covers(now)


def until(row: Times, now: datetime) -> datetime | None:
    """Return when a silence that holds at `now` ends; None if it does not hold, or has no end.

    One that begins again before it has ended goes on; without an end in sight it has none.
    """
    if not holds(row, now):
        return None
    last = _last(row)
    if row.schedule == ONCE:
        return last
    found = _Beginnings(row).end_of_what_holds(now)
    return last if found is None else min(found, last or found)


def next_at(row: Times, now: datetime) -> datetime | None:
    """Return when the silence begins the next time after `now`; None if it never does again."""
    last, moment = _last(row), now
    if holds(row, now):
        end = until(row, now)
        if end is None:
            return None
        moment = end
    found = _begins_after(row, moment)
    return None if found is None or (last is not None and found >= last) else found


def _begins_after(row: Times, moment: datetime) -> datetime | None:
    beginnings = _Beginnings(row)
    if moment < row.starts_at:
        if row.schedule == ONCE or beginnings.covers(row.starts_at):
            return row.starts_at
        moment = row.starts_at
    return None if row.schedule == ONCE else beginnings.first_after(moment)


def _last(row: Times) -> datetime | None:
    """Return from when on it does not hold any more, whatever its days say."""
    return min((at for at in (row.ends_at, row.ended_at) if at is not None), default=None)


class _Beginnings:
    """The moments at which something that comes again begins, in UTC.

    A row that this machine cannot read (its time zone was taken from the world's list, say) never
    begins: better an alert too many than one that nobody heard.
    """

    def __init__(self, row: Times) -> None:
        self._line = _line(row)
        self._zone = row.timezone
        self._lasts = timedelta(seconds=row.duration_s or 0)

    def first_after(self, moment: datetime) -> datetime | None:
        """Return the first beginning later than `moment`."""
        return next((at for at in self._from(moment) if at > moment), None)

    def covers(self, moment: datetime) -> bool:
        """Return whether what began last still lasts."""
        begun = self._last_until(moment)
        return begun is not None and moment < begun + self._lasts

    def end_of_what_holds(self, moment: datetime) -> datetime | None:
        """Return the first moment not covered any more; None where there is none in sight."""
        begun = self._last_until(moment)
        if begun is None:
            return moment
        end = begun + self._lasts
        for count, at in enumerate(self._from(begun)):
            if at > end:
                break
            if count >= _JOINED:
                return None
            end = at + self._lasts
        return end

    def _last_until(self, moment: datetime) -> datetime | None:
        found = self._walk(moment + _PUT_BACK, back=True)
        return next((at for at in found if at <= moment), None)

    def _from(self, moment: datetime) -> Iterator[datetime]:
        return self._walk(moment, back=False)

    def _walk(self, moment: datetime, *, back: bool) -> Iterator[datetime]:
        try:
            found = CronSim(self._line, moment.astimezone(zone_of(self._zone)), reverse=back)
        except (CronSimError, InvalidInput):
            return
        for at in found:
            yield at.astimezone(UTC)


def _line(row: Times) -> str:
    if row.schedule != WEEKLY:
        return row.cron or ""
    hour, minute = divmod(row.minute or 0, 60)
    return f"{minute} {hour} * * {','.join(row.days)}"
