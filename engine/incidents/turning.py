"""From verdicts to incidents, in the transaction that writes the results.

So an incident is opened and closed once, whenever a monitor is killed: either the results are
written with what they mean, or they are not written and are told of by the next check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.incidents import grouping, lamps
from storage.health.verdicts import Thresholds
from storage.incidents import IncidentsDriver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.settings import Settings
    from storage.health import TurnRow


def thresholds(settings: Settings) -> Thresholds:
    """Return after how many checks a target without thresholds of its own is bad and good."""
    return Thresholds(failures=settings.incident_failures, passes=settings.incident_passes)


def turn(connection: Connection, turned: Sequence[TurnRow]) -> None:
    """Open, change and close the incidents of what turned; in order of the results.

    Call it where results are recorded, in the same transaction, with what `record` returned.
    """
    if not turned:
        return
    driver = IncidentsDriver(connection)
    driver.take_turns(one.tenant_id for one in turned)
    providers: dict[tuple[str, str], list[TurnRow]] = {}
    for one in turned:
        if (provider := grouping.provider_of(one)) is not None:
            providers.setdefault(provider, []).append(one)
    cared_for: set[int] = set()
    for provider in sorted(providers):
        cared_for |= grouping.turn(driver, provider, providers[provider])
    rest = [one for one in turned if one.number not in cared_for]
    own = dict(driver.open_by_keys(lamps.key_of(one.number) for one in rest))
    for one in rest:
        key = lamps.key_of(one.number)
        row = lamps.turn(driver, one, own.pop(key, None))
        if row is not None:
            own[key] = row
