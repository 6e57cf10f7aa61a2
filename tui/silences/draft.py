"""A silence as the texts of a form or of flags, and back: pure.

A declared field makes the form's input and the command line's flag.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.silences.model import CRON, ONCE, SCHEDULES, WEEKLY, SilenceDraft
from engine.silences.schedule import zone_of
from engine.silences.words import days_text, minute_text, span_text
from engine.text import MAX_NAME
from tui.inventory.draft import ReadSpec
from tui.silences import typed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from engine.silences.model import Silence

UTC: Final = "UTC"
FIELDS: Final[Mapping[str, str]] = {
    "starts_at": "from",
    "ends_at": "until",
    "duration_s": "for",
    "days": "weekly",
    "minute": "at",
}
"""What is asked for, by the engine's name for it; the others are called alike."""

SCHEDULE = FieldSpec(
    name="schedule",
    label="Holds",
    kind="choice",
    choices=SCHEDULES,
    default=ONCE,
    help="Once, on days of the week, or whenever a line of cron says so.",
)
WEEKLY_DAYS = ReadSpec(
    name="weekly",
    label="Days",
    required=True,
    read=typed.days,
    empty=(),
    help="On which days it begins: sun, or mon,wed; mon-fri, workdays, weekend or daily.",
    placeholder="sun",
)
AT = ReadSpec(
    name="at",
    label="At",
    read=typed.minute,
    help="When it begins on these days, on the clock of the time zone.",
    placeholder="00:00",
)
LINE = FieldSpec(
    name="cron",
    label="Cron",
    required=True,
    maximum=100,
    help="When it begins: minute, hour, day, month and weekday, on the clock of the time zone.",
    placeholder="0 2 * * 0",
)
FOR = ReadSpec(
    name="for",
    label="For",
    required=True,
    read=typed.span,
    empty=None,
    help="How long it holds each time, such as 30min, 2h or 1h30m.",
    placeholder="2h",
)
FROM = FieldSpec(
    name="from",
    label="From",
    maximum=40,
    help="The first moment at which it can hold, such as 2026-03-14 18:00; empty is now.",
    placeholder=typed.NOW,
)
UNTIL = FieldSpec(
    name="until",
    label="Until",
    maximum=40,
    help="The last moment: 2026-03-14 18:00, the next 18:00, or how long from now, such as 2h.",
    placeholder="2h",
)
TIMEZONE = FieldSpec(
    name="timezone",
    label="Time zone",
    maximum=100,
    default=UTC,
    help="The IANA name of the clock that is meant, such as Europe/Berlin.",
)
REASON = FieldSpec(
    name="reason",
    label="Reason",
    required=True,
    maximum=MAX_NAME,
    help="Why; it is shown wherever the silence is.",
    placeholder="Database maintenance",
)
THING = FieldSpec(
    name="thing",
    label="Thing",
    required=True,
    maximum=MAX_NAME,
    help="One integration, source or connector by its name; right takes what is offered.",
    placeholder="gpt-prod",
)
TAG = FieldSpec(name="tag", label="Tag", required=True, help="Things that have this tag.")
TECHNOLOGY = FieldSpec(
    name="technology",
    label="Technology",
    required=True,
    help="Things of this technology, such as postgresql; of integrations their provider.",
    placeholder="openai",
)
WHEN = (WEEKLY_DAYS, AT, LINE, FOR, FROM, UNTIL, TIMEZONE)


def texts(silence: Silence) -> dict[str, str]:
    """Return a silence as texts by field."""
    zone = _clock_of(silence)
    return {
        "schedule": silence.schedule,
        "weekly": days_text(silence.days),
        "at": "" if silence.minute is None else minute_text(silence.minute),
        "cron": silence.cron or "",
        "for": "" if silence.duration_s is None else span_text(silence.duration_s),
        "from": typed.moment_text(silence.starts_at, zone),
        "until": typed.moment_text(silence.ends_at, zone),
        "timezone": silence.timezone,
        "reason": silence.reason,
        "tag": silence.tag or "",
        "technology": silence.technology or "",
    }


def _clock_of(silence: Silence) -> ZoneInfo:
    """Return its time zone; UTC where this machine does not know it, which saving then says."""
    try:
        return zone_of(silence.timezone)
    except InvalidInput:
        return zone_of(UTC)


def draft_of(silence: Silence) -> SilenceDraft:
    """Return what a silence that is there says."""
    return SilenceDraft(
        **{field.name: getattr(silence, field.name) for field in fields(SilenceDraft)}
    )


def timed(
    draft: SilenceDraft,
    values: Mapping[str, str],
    now: datetime,
    *,
    kept: Silence | None = None,
) -> SilenceDraft:
    """Return a draft with the times, the time zone and the reason that these texts say.

    Args:
        draft: What it is about.
        values: Texts by field; of a schedule only its own are read.
        now: The time that spans and times of the day are reckoned from.
        kept: The silence that is edited: its moments stay to the second where their texts do.

    Raises:
        InvalidInput: A text cannot be used; `field` names it.
    """
    said = {name: text.strip() for name, text in values.items()}
    schedule = said.get("schedule") or ONCE
    zone = zone_of(said.get("timezone") or UTC)
    before = {} if kept is None else texts(kept)

    def moment(name: str, at: datetime | None) -> datetime | None:
        text = said.get(name, "")
        if kept is not None and text == before[name] and zone.key == kept.timezone:
            return at
        return typed.moment(text, zone, now, name) if text else None

    times: dict[str, Any] = {
        "schedule": schedule,
        "starts_at": moment("from", None if kept is None else kept.starts_at),
        "ends_at": moment("until", None if kept is None else kept.ends_at),
        "days": typed.days(_needed(said, "weekly")) if schedule == WEEKLY else (),
        "minute": typed.minute(said.get("at") or "00:00") if schedule == WEEKLY else None,
        "cron": _needed(said, "cron") if schedule == CRON else None,
        "duration_s": None if schedule == ONCE else typed.span(_needed(said, "for")),
        "timezone": zone.key,
        "reason": said.get("reason", ""),
    }
    return replace(draft, **times)


def _needed(said: Mapping[str, str], name: str) -> str:
    text = said.get(name, "")
    if not text:
        labels = {"weekly": "The days", "cron": "A line of cron", "for": "How long it holds"}
        raise InvalidInput(f"{labels[name]} must be given.", field=name)
    return text
