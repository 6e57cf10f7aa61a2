"""What people call a silence: what it is about, and when it holds, in a few words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.silences.model import DAYS, ONCE, WEEKLY

if TYPE_CHECKING:
    from datetime import datetime

_HOUR, _DAY, _WEEK = 3600, 86_400, 7 * 86_400
_UNITS = ((_WEEK, "w"), (_DAY, "d"), (_HOUR, "h"), (60, "min"), (1, "s"))
_WEEKEND, _WORKDAYS = DAYS[5:], DAYS[:5]


class About(Protocol):
    """What of a silence or its draft says what it is about."""

    @property
    def tenant_id(self) -> str | None: ...  # noqa: D102 - the fields of a silence
    @property
    def kind(self) -> str | None: ...  # noqa: D102
    @property
    def thing_id(self) -> str | None: ...  # noqa: D102
    @property
    def tag(self) -> str | None: ...  # noqa: D102
    @property
    def technology(self) -> str | None: ...  # noqa: D102


class When(Protocol):
    """What of a silence or its draft says when it holds."""

    @property
    def schedule(self) -> str: ...  # noqa: D102 - the fields of a silence
    @property
    def starts_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def ends_at(self) -> datetime | None: ...  # noqa: D102
    @property
    def days(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def minute(self) -> int | None: ...  # noqa: D102
    @property
    def cron(self) -> str | None: ...  # noqa: D102
    @property
    def duration_s(self) -> int | None: ...  # noqa: D102
    @property
    def timezone(self) -> str: ...  # noqa: D102


def about(one: About, thing_name: str | None = None) -> str:
    """Return what a silence is about: `integration gpt-prod`, `openai, tag prod`, `everything`.

    One of all tenants says so.
    """
    parts = []
    if one.thing_id is not None:
        parts.append(f"{one.kind} {thing_name or one.thing_id}")
    elif one.kind is not None and one.technology is not None:
        parts.append(f"{one.technology} {one.kind}s")
    elif one.technology is not None:
        parts.append(one.technology)
    elif one.kind is not None:
        parts.append(f"all {one.kind}s")
    if one.tag is not None:
        parts.append(f"tag {one.tag}")
    said = ", ".join(parts) or "everything"
    return said if one.tenant_id is not None else f"{said}, all tenants"


def when(one: When) -> str:
    """Return when one that comes again holds: `sun 02:00 for 2h, Europe/Berlin`; else `once`."""
    if one.schedule == ONCE:
        return ONCE
    lasts = f"for {span_text(one.duration_s or 0)}, {one.timezone}"
    if one.schedule != WEEKLY:
        return f"{one.cron} {lasts}"
    return f"{days_text(one.days)} {minute_text(one.minute or 0)} {lasts}"


def days_text(days: tuple[str, ...]) -> str:
    """Return days in few words: `daily`, `workdays`, `weekend`, `mon, wed`."""
    known = {DAYS: "daily", _WORKDAYS: "workdays", _WEEKEND: "weekend"}
    return known.get(days) or ", ".join(days)


def minute_text(minute: int) -> str:
    """Return a minute of the day as a clock shows it: `02:05`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def span_text(seconds: int) -> str:
    """Return a span exactly, in the units that it is typed in: `2h`, `1h30min`, `1w`."""
    parts, left = [], seconds
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
