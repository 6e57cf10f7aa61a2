"""Silences: when nobody wants to be told, once or again and again. Maintenance is one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from datetime import datetime

ONCE, WEEKLY, CRON = "once", "weekly", "cron"
SCHEDULES = (ONCE, WEEKLY, CRON)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = ("integration", "source", "connector")
"""What kinds of things a silence can be about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceDraft:
    """What a silence is to be; whatever is None leaves nothing out.

    Attributes:
        tenant_id: Whose incidents; None is everybody's.
        kind: integration, source or connector.
        thing_id: One thing of that kind.
        tag: Things that have this tag.
        technology: Things of this technology; of integrations the provider.
        schedule: once, weekly or cron.
        starts_at: From when on it holds at all; None is from now.
        ends_at: Until when; needed where the schedule is `once`.
        days: Of `weekly`: on which days it begins.
        minute: Of `weekly`: at which minute of the day, in the time zone.
        cron: Of `cron`: when it begins, as five fields.
        duration_s: Of what comes again: how long it holds each time.
        timezone: The IANA name of the time zone in which days and cron are meant.
        reason: Why; shown wherever the silence is.
    """

    tenant_id: str | None = None
    kind: str | None = None
    thing_id: str | None = None
    tag: str | None = None
    technology: str | None = None
    schedule: str = ONCE
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    days: tuple[str, ...] = ()
    minute: int | None = None
    cron: str | None = None
    duration_s: int | None = None
    timezone: str = "UTC"
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence(JsonRecord):
    """A silence as it stands; `active` tells whether it holds at `taken_at`.

    `until` is when it ends as it holds now, `next_at` when it begins the next time; both are
    None where there is no such moment.
    """

    id: str
    tenant_id: str | None
    kind: str | None
    thing_id: str | None
    thing_name: str | None
    tag: str | None
    technology: str | None
    schedule: str
    starts_at: datetime
    ends_at: datetime | None
    days: tuple[str, ...]
    minute: int | None
    cron: str | None
    duration_s: int | None
    timezone: str
    reason: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    ended_by: str | None
    version: int
    active: bool
    until: datetime | None
    next_at: datetime | None
    taken_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a silence or a route may be about: the features of an incident or a lamp."""

    tenant_id: str | None
    kind: str | None = None
    thing_id: str | None = None
    technology: str | None = None
    tags: tuple[str, ...] = ()
