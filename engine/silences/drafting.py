"""What may be said of a silence: a draft as it is given, and as it can be kept.

Loaded in the worker thread only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cronsim import CronSim, CronSimError

from engine.errors import InvalidInput, NotFound
from engine.silences import schedule
from engine.silences.model import CRON, DAYS, KINDS, ONCE, SCHEDULES, WEEKLY, SilenceDraft
from engine.text import require_line
from storage.health import HealthDriver

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.access import Roles

MAX_WORD = 100
MIN_LASTS_S = 60
MAX_LASTS_S = {WEEKLY: 7 * 86_400, CRON: 31 * 86_400}
"""How long a silence that comes again may hold each time, in seconds."""
MINUTES_A_DAY = 1440
_CRON_FIELDS = 5
# Which fields say when it begins, by the schedule that they belong to.
_OWN = {"days": WEEKLY, "minute": WEEKLY, "cron": CRON}
_CRON_HINT = "Give minute, hour, day, month and weekday, such as 0 2 * * 0 (Sundays at 02:00)."


@dataclass(frozen=True, kw_only=True, slots=True)
class Clean:
    """A draft that can be kept, with the name of the thing it is about."""

    draft: SilenceDraft
    starts_at: datetime
    thing_name: str | None


class Cleaner:
    """Makes drafts of one tenant such as can be kept.

    Args:
        connection: Where things are looked up.
        tenant_id: Whose silences.
        now: The time.
        roles: What the operator may see.
    """

    def __init__(
        self, connection: Connection, tenant_id: str, *, now: datetime, roles: Roles
    ) -> None:
        self._connection = connection
        self._tenant = tenant_id
        self._now = now
        self._roles = roles

    def clean(self, draft: SilenceDraft, begun: datetime | None = None) -> Clean:
        """Return a draft as it can be kept; `begun` is since when one that is edited holds.

        Raises:
            InvalidInput: A value cannot be used; `field` names it.
            NotFound: This tenant has no such thing, or it is another tenant's silence.
        """
        if draft.tenant_id not in {None, self._tenant}:
            raise NotFound("This tenant has no such silence.", field="tenant_id")
        timed = _timed(_about(draft))
        starts_at = timed.starts_at or begun or self._now
        _require_holding(timed, starts_at, self._now)
        name = self._name_of_thing(timed)
        return Clean(draft=timed, starts_at=starts_at, thing_name=name)

    def _name_of_thing(self, draft: SilenceDraft) -> str | None:
        if draft.kind is None or draft.thing_id is None:
            return None
        driver = HealthDriver(self._connection)
        row = driver.target(draft.kind, draft.thing_id, roles=self._roles)
        if row is None or row.tenant_id != self._tenant or row.retired_at is not None:
            raise NotFound(
                f"This tenant has no such {draft.kind}.",
                hint=f"`lampboard {draft.kind}s list` shows those that there are.",
                field="thing_id",
            )
        return row.name


def _about(draft: SilenceDraft) -> SilenceDraft:
    if draft.kind is not None and draft.kind not in KINDS:
        raise InvalidInput(f"The kind must be one of {', '.join(KINDS)}.", field="kind")
    if draft.thing_id is not None and draft.kind is None:
        raise InvalidInput("One thing is meant by its kind and its id.", field="kind")
    if draft.thing_id is not None and draft.tenant_id is None:
        raise InvalidInput(
            "One thing belongs to one tenant, so its silence cannot be of all tenants.",
            field="thing_id",
        )
    tag, technology = draft.tag, draft.technology
    return replace(
        draft,
        tag=None if tag is None else require_line(tag, "The tag", "tag", maximum=MAX_WORD),
        technology=None
        if technology is None
        else require_line(technology, "The technology", "technology", maximum=MAX_WORD).lower(),
        reason=require_line(draft.reason, "The reason", "reason"),
        starts_at=_utc(draft.starts_at),
        ends_at=_utc(draft.ends_at),
    )


def _utc(at: datetime | None) -> datetime | None:
    """Return a time in UTC, which one without a zone is already, as everywhere here."""
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _timed(draft: SilenceDraft) -> SilenceDraft:
    if draft.schedule not in SCHEDULES:
        raise InvalidInput(f"A silence holds {', '.join(SCHEDULES)}.", field="schedule")
    zone = require_line(draft.timezone, "The time zone", "timezone", maximum=MAX_WORD)
    schedule.zone_of(zone)
    for name, of in _OWN.items():
        if draft.schedule != of and getattr(draft, name) not in {None, ()}:
            raise InvalidInput(f"Only a silence that is {of} has that.", field=name)
    if draft.schedule == ONCE:
        return replace(_once(draft), timezone=zone)
    cleaned = _weekly(draft) if draft.schedule == WEEKLY else _cron(draft)
    return replace(cleaned, timezone=zone, duration_s=_lasts(draft))


def _once(draft: SilenceDraft) -> SilenceDraft:
    if draft.ends_at is None:
        raise InvalidInput(
            "A silence that holds once needs its end.",
            hint="Give how long it holds, or until when.",
            field="ends_at",
        )
    if draft.duration_s is not None:
        raise InvalidInput("A silence that holds once has an end, no length.", field="duration_s")
    return draft


def _weekly(draft: SilenceDraft) -> SilenceDraft:
    unknown = [day for day in draft.days if day not in DAYS]
    if unknown or not draft.days:
        raise InvalidInput(f"The days must be some of {', '.join(DAYS)}.", field="days")
    minute = draft.minute
    if type(minute) is not int or not 0 <= minute < MINUTES_A_DAY:
        raise InvalidInput("The time of the day must be from 00:00 to 23:59.", field="minute")
    return replace(draft, days=tuple(day for day in DAYS if day in draft.days))


def _cron(draft: SilenceDraft) -> SilenceDraft:
    line = " ".join(require_line(draft.cron or "", "The cron line", "cron").split())
    if len(line.split(" ")) != _CRON_FIELDS:
        raise InvalidInput("A cron line has five fields.", hint=_CRON_HINT, field="cron")
    try:
        CronSim(line, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        wrong = str(error).removeprefix("Bad ")
        raise InvalidInput(
            f"The {wrong} of that cron line cannot be used.", hint=_CRON_HINT, field="cron"
        ) from error
    return replace(draft, cron=line)


def _lasts(draft: SilenceDraft) -> int:
    lasts, most = draft.duration_s, MAX_LASTS_S[draft.schedule]
    if type(lasts) is not int or not MIN_LASTS_S <= lasts <= most:
        raise InvalidInput(
            f"It must hold from a minute to {most // 86_400} days each time.", field="duration_s"
        )
    return lasts


def _require_holding(draft: SilenceDraft, starts_at: datetime, now: datetime) -> None:
    """Refuse what would never keep anything quiet: that is a slip, and nobody would notice."""
    ends_at = draft.ends_at
    if ends_at is not None and ends_at <= now:
        raise InvalidInput("The end has passed already.", field="ends_at")
    if ends_at is not None and ends_at <= starts_at:
        raise InvalidInput("The end must be after the beginning.", field="ends_at")
    planned = schedule.Planned.of(draft, starts_at)
    before = now - timedelta(milliseconds=1)
    if not schedule.holds(planned, now) and schedule.next_at(planned, before) is None:
        raise InvalidInput(
            "The silence would never begin.",
            hint="Look at its days, and at its first and last moment.",
            field="cron" if draft.schedule == CRON else "days",
        )
