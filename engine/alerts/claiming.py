"""What a channel is to say next: taken for one sender, in one transaction that is safe.

The alerts are `sending` on the disk before anything goes out. Loaded in the worker thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.alerts.delivery import DEADLINE_S
from engine.alerts.matching import subject_of
from engine.alerts.messages import message_of
from engine.alerts.model import ACKNOWLEDGED, CLOSED, LOCAL, OPENED, SENT, WORSENED
from storage.alerts import PlanDriver, SendingDriver

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.alerts.messages import Message
    from engine.silences.matching import ActiveSilence
    from storage.alerts import AboutRow, AlertRow, ChannelRow

    Told = tuple[AlertRow, AboutRow]

LEASE_S = 4 * DEADLINE_S
"""After which a sender that has written nothing down is taken for dead."""
AT_ONCE = 1_000
"""Alerts that are told together at most."""
FEW = 20
"""Alerts that are looked at for one that still stands."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What one sender is to say now.

    Attributes:
        channel: By which channel.
        message: What is said.
        owner: Under which the alerts are held.
        ids: The alerts; the first is the one that is tried.
        attempts: How often that one was tried, this try with it.
    """

    channel: ChannelRow
    message: Message
    owner: str
    ids: tuple[int, ...]
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What a claim came to: work, or done already, or when to look again, or nothing."""

    work: Work | None = None
    done: bool = False
    later: datetime | None = None


def claim(connection: Connection, channel_id: str, owner: str, now: datetime) -> Claimed:
    """Take what a channel is to say next; alone or together, as its allowance says."""
    driver = SendingDriver(connection)
    channel = driver.hold(channel_id)
    if channel is None:
        return Claimed()
    if channel.deleted_at is not None or not channel.enabled:
        rows = driver.due(channel_id, now, limit=AT_ONCE)
        PlanDriver(connection).drop({row.id: "The channel is not in use." for row in rows})
        return Claimed()
    said = driver.said(channel_id, now)
    left = channel.per_hour - len(said)
    # What does not stand any more is gone with the next planning: a few more than one will do.
    rows = driver.due(channel_id, now, limit=AT_ONCE if left == 1 else FEW)
    told = _standing(connection, rows, now)
    if not told:
        return Claimed()
    if left <= 0:
        return Claimed(later=said[-channel.per_hour] + _HOUR)
    told = told if left == 1 else told[:1]
    return _taken(driver, channel, told, owner, now)


def _taken(
    driver: SendingDriver, channel: ChannelRow, told: Sequence[Told], owner: str, now: datetime
) -> Claimed:
    until = now + timedelta(seconds=LEASE_S)
    taken = driver.take([row.id for row, _ in told], owner, until)
    told = [one for one in told if one[0].id in taken]
    if not told:
        return Claimed(done=True)
    driver.saying({row.id: about.gravity for row, about in told})
    message = message_of(channel, told, now)
    if channel.type in LOCAL:
        finish_local(driver, channel, message, owner, now)
        return Claimed(done=True)
    work = Work(
        channel=channel,
        message=message,
        owner=owner,
        ids=message.alerts,
        attempts=told[0][0].attempts + 1,
    )
    return Claimed(work=work)


def finish_local(
    driver: SendingDriver, channel: ChannelRow, message: Message, owner: str, now: datetime
) -> None:
    """Let dashboards carry it out: it is told as soon as this is committed."""
    at = driver.next_local(now)
    lead, *rest = message.alerts
    words = {"title": message.title, "body": message.body}
    driver.end([lead], owner, {"state": SENT, "sent_at": at, "error": None, **words})
    if rest:
        driver.end(rest, owner, {"state": SENT, "sent_at": at, "error": along(lead)})
    driver.tell(channel.id, last_sent_at=at, last_error=None)


def along(lead: int) -> str:
    """Return what is noted of an alert that was told together with another."""
    return f"Told together with alert {lead}."


def _standing(connection: Connection, rows: Sequence[AlertRow], now: datetime) -> list[Told]:
    """Return what is still to be told: others may have closed or silenced it since it was planned.

    What is not is left to planning, which says why.
    """
    from engine.silences.matching import active, silence_for

    found = PlanDriver(connection).about(row.incident_number for row in rows)
    silences = active(connection, now) if found else ()
    told = []
    for row in rows:
        about = found[row.incident_number]
        silence: ActiveSilence | None = None
        if row.event != CLOSED:
            silence = silence_for(subject_of(about), silences)
        if silence is None and stands(row, about):
            told.append((row, about))
    return told


def stands(row: AlertRow, about: AboutRow) -> bool:
    """Return whether an alert says what is so."""
    is_open = about.closed_at is None and about.merged_into is None
    if row.event == CLOSED:
        return not is_open and row.ordinal == about.relapses
    if row.event == ACKNOWLEDGED:
        return is_open and about.acknowledged_at is not None
    known = {OPENED: about.relapses, WORSENED: about.worsened if about.worsened_at else None}
    newest = known.get(row.event, row.ordinal) == row.ordinal
    return is_open and newest and about.acknowledged_at is None
