"""The incident of one target: opened when it turned bad, closed when it is good again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.incidents import keeping
from engine.incidents.model import CRITICAL, LAMP, WARNING
from engine.probes.states import CusHealthState
from storage.health import HealthDriver
from storage.health.verdicts import FLAPPING, GOOD
from storage.incidents import SEVERITY_RANKS, IncidentDraft

if TYPE_CHECKING:
    from storage.health import TurnRow
    from storage.incidents import IncidentRow, IncidentsDriver

_FEW = 4
"""Changes of state to look back at: the second of two neighbours is bad, unless one is unknown."""


def key_of(number: int) -> str:
    """Return the key of a target's incidents."""
    return f"lamp:{number}"


def turn(driver: IncidentsDriver, one: TurnRow, row: IncidentRow | None) -> IncidentRow | None:
    """Bring a target's incident to what its verdict is now; return the one that is open then."""
    if one.verdict == GOOD:
        if row is not None:
            keeping.end(driver, row, one.at, keeping.RECOVERED)
        return None
    if row is None:
        return keeping.begin(driver, _draft(driver, one)) if _is_news(driver, one) else None
    flapping = one.verdict == FLAPPING
    row = keeping.flaps(driver, row, one.at, flapping=flapping)
    return keeping.look(driver, row, one.at, _looks(one, row))


def _is_news(driver: IncidentsDriver, one: TurnRow) -> bool:
    """Tell whether a target without an incident is to have one.

    What somebody closed, or is a provider's, stays so until it turns bad anew, or fails where it
    was closed as degraded.
    """
    if one.before == GOOD:
        return True
    if one.state != CusHealthState.FAILING:
        return False
    last = driver.last_of(key_of(one.number), locked=False)
    return keeping.closed_as_less(driver, last, CRITICAL)


def _looks(one: TurnRow, row: IncidentRow) -> keeping.Looks:
    """Return how its check shows it; one that passed says nothing of what is wrong."""
    severity, error, message = row.severity, row.error, row.message
    if one.state in keeping.SEVERITY_OF:
        severity, error, message = keeping.SEVERITY_OF[one.state], one.error, one.message
    if one.verdict == FLAPPING:  # between good and bad it would rise and fall with every check
        severity = min(severity, row.severity, key=SEVERITY_RANKS.__getitem__)
    title = _title(one, severity)
    return keeping.Looks(
        title=title, severity=severity, error=error, message=message, thing_name=one.name
    )


def _draft(driver: IncidentsDriver, one: TurnRow) -> IncidentDraft:
    one = one if one.state in keeping.SEVERITY_OF else _when_bad(driver, one)
    severity = keeping.SEVERITY_OF.get(one.state, WARNING)
    return IncidentDraft(
        tenant_id=one.tenant_id,
        cause=LAMP,
        key=key_of(one.number),
        title=_title(one, severity),
        severity=severity,
        opened_at=one.at,
        kind=one.kind,
        thing_id=one.id,
        thing_name=one.name,
        technology=one.technology,
        target_number=one.number,
        error=one.error,
        message=one.message,
        flapping=one.verdict == FLAPPING,
    )


def _when_bad(driver: IncidentsDriver, one: TurnRow) -> TurnRow:
    """Return how a flapping target was when it was last bad; just now it is good."""
    changes = HealthDriver(driver.connection).transitions(
        None, target_number=one.number, limit=_FEW
    )
    bad = next((change for change in changes if change.to_state in keeping.SEVERITY_OF), None)
    if bad is None:
        return one
    return replace(one, state=bad.to_state, error=bad.error, message=bad.message)


def _title(one: TurnRow, severity: str) -> str:
    if one.verdict == FLAPPING:
        return f"{one.name} is flapping"
    return f"{one.name} is {keeping.WORDS[severity]}"
