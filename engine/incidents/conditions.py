"""Incidents of what holds or does not hold at a moment: a limit, a credential, a ledger.

Who watches gives all conditions of a cause as they are now; what is open is brought to that. It
may be done again and by several at once: what is there already stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.incidents import grouping, keeping, lamps
from storage.health.judging import forget, unused
from storage.incidents import IncidentsDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.incidents import IncidentDraft, IncidentRow

EVERYBODY = ""
"""Whose turn it is where something is no tenant's own; of no tenant, as no id is empty."""
LEFT_ALONE = timedelta(hours=24)
"""What somebody closed though it still holds is not opened again for so long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be done so that the incidents of a cause are what holds now."""

    begin: Sequence[IncidentDraft]
    look: Sequence[tuple[IncidentRow, IncidentDraft]]
    end: Sequence[IncidentRow]

    def __bool__(self) -> bool:
        return bool(self.begin or self.look or self.end)


def plan(
    connection: Connection, cause: str, holding: Iterable[IncidentDraft], *, locked: bool = False
) -> Plan:
    """Return what there is to do, given everything of this cause that holds now."""
    driver = IncidentsDriver(connection)
    rows = {row.key: row for row in driver.open_of(cause, locked=locked)}
    drafts = {draft.key: draft for draft in holding}
    return Plan(
        begin=[
            draft
            for key, draft in drafts.items()
            if key not in rows and not _left_alone(driver, draft)
        ],
        look=[
            (rows[key], draft)
            for key, draft in drafts.items()
            if key in rows and _looks_otherwise(rows[key], draft)
        ],
        end=[row for key, row in rows.items() if key not in drafts],
    )


def settle(
    connection: Connection,
    cause: str,
    find: Callable[[Connection, str], Iterable[IncidentDraft]],
    now: datetime,
) -> Plan:
    """Bring the incidents of a cause to what `find` finds; return what was done.

    Looked for in a turn of its own: what somebody else has just done is there by then.
    """
    driver = IncidentsDriver(connection)
    driver.take_turns([EVERYBODY])
    done = plan(connection, cause, find(connection, cause), locked=True)
    for draft in done.begin:
        keeping.begin(driver, draft)
    for row, draft in done.look:
        keeping.look(driver, row, now, _looks(draft))
    for row in done.end:
        keeping.end(driver, row, now, keeping.RECOVERED)
    return done


def tell(connection: Connection, draft: IncidentDraft, until: datetime) -> bool:
    """Open and close an incident of what is over already; False when it was told before."""
    driver = IncidentsDriver(connection)
    driver.take_turns([EVERYBODY])
    if driver.last_of(draft.key) is not None:
        return False
    keeping.end(driver, keeping.begin(driver, draft), until, keeping.RECOVERED)
    return True


def is_told(connection: Connection, draft: IncidentDraft) -> bool:
    """Tell whether there is an incident of its key already."""
    return IncidentsDriver(connection).last_of(draft.key, locked=False) is not None


def any_retired(connection: Connection) -> bool:
    """Tell whether anything that is not good was retired, or taken out of use."""
    return bool(unused(connection))


def close_retired(connection: Connection, now: datetime) -> int:
    """Close the incidents of what was retired or taken out of use; return how many things that are.

    What its checks came to is forgotten: taken into use again, it begins anew.
    """
    driver, found = IncidentsDriver(connection), unused(connection, locked=True)
    driver.take_turns(found.values())
    numbers = list(found)
    forget(connection, numbers)
    for row in driver.open_by_keys(lamps.key_of(number) for number in numbers).values():
        keeping.end(driver, row, now, keeping.RETIRED)
    for number in numbers:
        for row in driver.with_member(number):
            grouping.settle(driver, row, now)
    return len(numbers)


def _left_alone(driver: IncidentsDriver, draft: IncidentDraft) -> bool:
    """Tell whether somebody closed it lately and it is no worse than it was then."""
    last = driver.last_of(draft.key, locked=False)
    if last is None or last.closed_at is None:
        return False
    if draft.opened_at - last.closed_at > LEFT_ALONE or driver.closed_by(last.number) is None:
        return False
    return draft.gravity <= last.gravity


def _looks_otherwise(row: IncidentRow, draft: IncidentDraft) -> bool:
    otherwise = (row.title, row.severity, row.error) != (draft.title, draft.severity, draft.error)
    return otherwise or draft.gravity > row.worst


def _looks(draft: IncidentDraft) -> keeping.Looks:
    return keeping.Looks(
        title=draft.title,
        severity=draft.severity,
        error=draft.error,
        message=draft.message,
        thing_name=draft.thing_name,
        level=draft.level,
    )
