"""Silences as they are kept: listed, added, changed and ended. Loaded in the worker thread only."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from engine.activity.record import note
from engine.errors import LifecycleRefused, NotFound
from engine.jsonable import jsonable
from engine.silences import schedule
from engine.silences.drafting import Cleaner
from engine.silences.model import Silence, SilenceDraft
from engine.silences.words import about
from engine.translate import changed_meanwhile
from storage.silences import SilenceRow, SilencesDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.hop import Run

_ENDLESS = datetime.max.replace(tzinfo=UTC)
_DRAFTED = tuple(field.name for field in fields(SilenceDraft))


class Keeper:
    """Lists, adds, changes and ends silences, inside a unit of work of the caller.

    Args:
        connection: The caller commits.
        run: Clock, ids, settings and origin.
        tenant_id: For whom; silences of all tenants are this tenant's too.
    """

    def __init__(self, connection: Connection, run: Run, tenant_id: str) -> None:
        self._connection = connection
        self._run = run
        self._tenant = tenant_id
        self._now = run.clock.now()
        self._roles = run.settings.roles
        self._driver = SilencesDriver(connection)

    def all(self, *, ended: bool) -> tuple[Silence, ...]:
        """Return what holds now, then what begins soonest; what is over comes last."""
        rows = self._driver.of_tenant(self._tenant, self._now, ended=ended, roles=self._roles)
        found = [self._told(row) for row in rows]
        return tuple(sorted(found, key=lambda one: (not one.active, _soonest(one))))

    def get(self, silence_id: str) -> Silence:
        """Return one silence.

        Raises:
            NotFound: There is none of that id for this tenant and these roles.
        """
        return self._told(self._required(silence_id))

    def add(self, draft: SilenceDraft) -> Silence:
        """Add a silence, and note it in the activity.

        Raises:
            InvalidInput: A value cannot be used.
            NotFound: There is no such tenant, or it has no such thing.
        """
        if TenantsDriver(self._connection).get(self._tenant) is None:
            raise NotFound("There is no such tenant.", field="tenant")
        row = SilenceRow(
            id=self._run.ids(),
            **self._kept(draft),
            created_at=self._now,
            created_by=self._run.settings.operator,
        )
        self._driver.add(row)
        self._note(row, "added", jsonable(_said(row)))
        return self.get(row.id)  # as it is kept, to the millisecond

    def edit(self, silence_id: str, draft: SilenceDraft, expected: int | None) -> Silence:
        """Change a silence; what stays the same is no activity.

        Raises:
            InvalidInput: A value cannot be used.
            NotFound: There is none of that id, or no such thing.
            EditConflict: It has another version than expected.
            LifecycleRefused: Somebody has ended it.
        """
        before = self._changeable(silence_id, expected)
        after = replace(before, **self._kept(draft, begun=before.starts_at))
        if after == before:
            return self._told(before)
        row = self._driver.change(after)
        self._note(row, "updated", {"changed": jsonable(_differing(before, row))})
        return self.get(row.id)

    def end(self, silence_id: str, expected: int | None) -> Silence:
        """End a silence now.

        Raises:
            NotFound: There is none of that id.
            EditConflict: It has another version than expected.
            LifecycleRefused: It is over already.
        """
        before = self._changeable(silence_id, expected)
        if before.ends_at is not None and before.ends_at <= self._now:
            raise LifecycleRefused("This silence is over already.")
        ended = replace(before, ended_at=self._now, ended_by=self._run.settings.operator)
        row = self._driver.change(ended)
        self._note(row, "ended", {"reason": row.reason})
        return self.get(row.id)

    def _required(self, silence_id: str) -> SilenceRow:
        row = self._driver.get(self._tenant, silence_id, self._roles)
        if row is None:
            raise NotFound(
                "This tenant has no such silence.",
                hint="`lampboard silences list` shows those that there are.",
                field="silence_id",
            )
        return row

    def _changeable(self, silence_id: str, expected: int | None) -> SilenceRow:
        row = self._required(silence_id)
        if expected is not None and row.version != expected:
            raise changed_meanwhile()
        if row.ended_at is not None:
            raise LifecycleRefused(
                "This silence was ended already.", hint="Add another one to be left alone again."
            )
        return row

    def _kept(self, draft: SilenceDraft, begun: datetime | None = None) -> dict[str, Any]:
        cleaner = Cleaner(self._connection, self._tenant, now=self._now, roles=self._roles)
        cleaned = cleaner.clean(draft, begun)
        drafted = {name: getattr(cleaned.draft, name) for name in _DRAFTED}
        return drafted | {"starts_at": cleaned.starts_at, "thing_name": cleaned.thing_name}

    def _told(self, row: SilenceRow) -> Silence:
        kept = {field.name: getattr(row, field.name) for field in fields(SilenceRow)}
        return Silence(
            **kept,
            active=schedule.holds(row, self._now),
            until=schedule.until(row, self._now),
            next_at=schedule.next_at(row, self._now),
            taken_at=self._now,
        )

    def _note(self, row: SilenceRow, what: str, detail: Mapping[str, object]) -> None:
        """Note a deed; of one thing under its id, so that who may not see it is not told."""
        note(
            self._connection,
            self._run,
            self._tenant,
            action=f"silence.{what}",
            concept="silences",
            thing_id=row.thing_id or row.id,
            thing_name=about(row, row.thing_name),
            detail={"silence": row.id, **detail},
        )


def _soonest(one: Silence) -> datetime:
    return (one.until if one.active else one.next_at) or _ENDLESS


def _said(row: SilenceRow) -> dict[str, object]:
    """Return what a silence says, without what it leaves open."""
    given = {name: getattr(row, name) for name in _DRAFTED}
    return {name: value for name, value in given.items() if value not in {None, ()}}


def _differing(before: SilenceRow, after: SilenceRow) -> dict[str, object]:
    old, new = _said(before), _said(after)
    pairs = {name: [old.get(name), new.get(name)] for name in old | new}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
