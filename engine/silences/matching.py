"""Which incidents a silence keeps quiet. Loaded in the worker thread only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine.silences.schedule import holds, next_at
from engine.silences.schedule import until as end_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from engine.silences.model import Subject
    from storage.silences import SilenceRow

_ENDLESS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActiveSilence:
    """A silence that holds now; what is None leaves nothing out.

    `tag` is in small letters. `until` is None where no end is in sight.
    """

    id: str
    tenant_id: str | None
    kind: str | None
    thing_id: str | None
    tag: str | None
    technology: str | None
    reason: str
    until: datetime | None

    def covers(self, subject: Subject) -> bool:
        """Return whether it is about this."""
        return (
            self.tenant_id in {None, subject.tenant_id}
            and self.kind in {None, subject.kind}
            and self.thing_id in {None, subject.thing_id}
            and self.technology in {None, subject.technology}
            and (self.tag is None or self.tag in {tag.casefold() for tag in subject.tags})
        )


def active(connection: Connection, now: datetime) -> tuple[ActiveSilence, ...]:
    """Return everybody's silences that hold at `now`, the one that lasts longest first."""
    from storage.silences import SilencesDriver

    found = [_active(row, now) for row in SilencesDriver(connection).held(now) if holds(row, now)]
    found.sort(key=lambda one: one.id)
    return tuple(sorted(found, key=lambda one: one.until or _ENDLESS, reverse=True))


def held(
    connection: Connection, subject: Subject, since: datetime, until: datetime
) -> tuple[tuple[datetime, SilenceRow], ...]:
    """Return which silences kept this quiet in a span, each from when on, oldest first.

    Told by what they say now; what somebody changed or ended since is in the activity.
    """
    from storage.silences import SilencesDriver

    found: list[tuple[datetime, SilenceRow]] = []
    for row in SilencesDriver(connection).made_before(until):
        first = max(since, row.created_at)
        at = first if holds(row, first) else next_at(row, first)
        if at is not None and at < until and _active(row, at).covers(subject):
            found.append((at, row))
    return tuple(sorted(found, key=lambda one: (one[0], one[1].id)))


def silence_for(subject: Subject, silences: Iterable[ActiveSilence]) -> ActiveSilence | None:
    """Return the first of the silences that is about this: of `active`, what lasts longest."""
    return next((one for one in silences if one.covers(subject)), None)


def silence_of(subject: Subject, silences: Iterable[ActiveSilence]) -> str | None:
    """Return the id of the silence that keeps this quiet; None where none does."""
    found = silence_for(subject, silences)
    return None if found is None else found.id


def _active(row: SilenceRow, now: datetime) -> ActiveSilence:
    return ActiveSilence(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        thing_id=row.thing_id,
        tag=None if row.tag is None else row.tag.casefold(),
        technology=row.technology,
        reason=row.reason,
        until=end_of(row, now),
    )
