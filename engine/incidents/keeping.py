"""How any incident opens, changes and closes, whatever it is about, and what is told of it.

Loaded in the worker thread only. Of one key at most one incident is open; who opens, changes or
closes some of a tenant takes turns with the others first (`IncidentsDriver.take_turns`).
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.incidents.model import CRITICAL, WARNING
from engine.probes.states import CusHealthState
from storage.incidents import gravity_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from storage.incidents import IncidentDraft, IncidentRow, IncidentsDriver

logger = logging.getLogger(__name__)

RELAPSE = timedelta(minutes=30)
"""What is bad again so soon after its incident closed is that incident again."""
RECOVERED, RETIRED, MERGED = "recovered", "retired", "merged"
"""What closes incidents by itself."""
GREW_WORSE = "It grew worse."
"""Why an acknowledgement is over: it was given to something less bad."""

SEVERITY_OF: Mapping[str, str] = {
    CusHealthState.FAILING: CRITICAL,
    CusHealthState.DEGRADED: WARNING,
}
"""How bad a state of a lamp is; what is not in it is not bad."""
WORDS = {severity: str(state) for state, severity in SEVERITY_OF.items()}
"""What a title says of each severity."""
_NOBODY: Mapping[str, None] = dict.fromkeys(
    ("acknowledged_at", "acknowledged_by", "acknowledged_because")
)
"""What is left of an acknowledgement that is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """How an incident shows what it is about; `level` is as in `IncidentDraft`."""

    title: str
    severity: str
    error: str | None
    message: str | None
    thing_name: str | None = None
    level: float = 0.0


def begin(driver: IncidentsDriver, draft: IncidentDraft) -> IncidentRow:
    """Open an incident, or the last one of its key again when that closed a moment ago."""
    last = driver.last_of(draft.key)
    if last is not None and last.closed_at is None:
        return last
    if last is not None and _relapsed(last, draft.opened_at):
        return _again(driver, last, draft)
    row = driver.open(draft)
    driver.append_event(row.number, draft.opened_at, "opened", None, draft.title)
    logger.info("Incident opened: %s", draft.title, extra=_named(row))
    return row


def _relapsed(last: IncidentRow, at: datetime) -> bool:
    if last.closed_at is None or last.merged_into is not None:
        return False
    return at - last.closed_at <= RELAPSE


def _again(driver: IncidentsDriver, last: IncidentRow, draft: IncidentDraft) -> IncidentRow:
    row = driver.change(
        last,
        title=draft.title,
        severity=draft.severity,
        error=draft.error,
        message=draft.message,
        thing_name=draft.thing_name,
        flapping=draft.flapping,
        closed_at=None,
        closed_because=None,
        relapses=last.relapses + 1,
        gravity=draft.gravity,
        worst=draft.gravity,
        worsened_at=None,
        **_NOBODY,
    )
    driver.append_event(row.number, draft.opened_at, "reopened", None, draft.title)
    logger.info("Incident opened again: %s", draft.title, extra=_named(row))
    return row


def closed_as_less(driver: IncidentsDriver, last: IncidentRow | None, severity: str) -> bool:
    """Tell whether somebody closed the last incident of a key when it was less bad than this."""
    if last is None or last.closed_at is None or last.merged_into is not None:
        return False
    return last.gravity < gravity_of(severity) and driver.closed_by(last.number) is not None


def look(driver: IncidentsDriver, row: IncidentRow, at: datetime, looks: Looks) -> IncidentRow:
    """Show an open incident as it is now; tell that it grew worse or better, or fails otherwise."""
    shown = asdict(looks)
    shown["gravity"] = gravity = gravity_of(looks.severity, shown.pop("level"))
    worse = gravity > row.worst
    if worse:
        changed = _worsened(driver, row, at, shown)
    elif all(getattr(row, name) == shown[name] for name in shown.keys() - {"message"}):
        return row  # the same in other words, such as a longer time
    else:
        changed = driver.renew(row, **shown)
    if looks.severity != row.severity:
        detail = {"from": row.severity, "to": looks.severity}
        driver.append_event(row.number, at, "severity", None, looks.title, detail)
    elif worse:
        driver.append_event(row.number, at, "worsened", None, looks.title)
    elif looks.error != row.error:
        driver.append_event(row.number, at, "error", None, looks.message, {"error": looks.error})
    if worse and row.acknowledged_at is not None:
        driver.append_event(row.number, at, "unacknowledged", None, GREW_WORSE)
    return changed


def _worsened(
    driver: IncidentsDriver, row: IncidentRow, at: datetime, shown: Mapping[str, Any]
) -> IncidentRow:
    """Show that an incident is worse than it ever was: nobody has said yet to see to that.

    Its version rises: who is just acknowledging what it was is to look again.
    """
    changed = driver.change(
        row,
        **shown,
        worst=shown["gravity"],
        worsened=row.worsened + 1,
        worsened_at=max(at, row.opened_at),
        **_NOBODY,
    )
    logger.info("Incident grew worse: %s", changed.title, extra=_named(changed))
    return changed


def flaps(
    driver: IncidentsDriver, row: IncidentRow, at: datetime, *, flapping: bool
) -> IncidentRow:
    """Mark an open incident as flapping or calm again, where it is not yet."""
    if row.flapping == flapping:
        return row
    driver.append_event(row.number, at, "flapping" if flapping else "calmed")
    return driver.renew(row, flapping=flapping)


def end(driver: IncidentsDriver, row: IncidentRow, at: datetime, because: str) -> None:
    """Close an incident; an acknowledgement stays told with it and is over by that.

    One that was flapping to its end stays marked so: that is what one looks for among the past.
    """
    at = max(at, row.opened_at)
    driver.change(row, closed_at=at, closed_because=because)
    driver.append_event(row.number, at, "closed", None, because)
    logger.info("Incident closed (%s): %s", because, row.title, extra=_named(row))


def _named(row: IncidentRow) -> dict[str, object]:
    """Return what the log calls an incident by."""
    return {"incident": row.number, "tenant": row.tenant_id, "severity": row.severity}
