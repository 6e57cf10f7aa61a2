"""After how many checks in a row a target is bad, and good again: the setting's, or its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.errors import NotFound
from engine.incidents.model import Thresholds
from storage.health import HealthDriver
from storage.health.judging import OwnThresholds, own_thresholds
from storage.health.judging import set_thresholds as store
from storage.revisions import OF_KIND

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.health import TargetRow


def of_thing(
    connection: Connection, run: Run, tenant_id: str, kind: str, thing_id: str
) -> Thresholds:
    """Return what holds for a thing.

    Raises:
        NotFound: This tenant has no such thing.
    """
    target = _target(connection, run, tenant_id, kind, thing_id)
    return _told(target, own_thresholds(connection, target.number), run)


def set_own(
    connection: Connection,
    run: Run,
    which: tuple[str, str, str],
    failures: int | None,
    passes: int | None,
) -> Thresholds:
    """Give a thing (whose, of which kind, its id) thresholds of its own; None is the setting's.

    Raises:
        NotFound: This tenant has no such thing.
    """
    target = _target(connection, run, *which)
    own = OwnThresholds(failures=failures, passes=passes)
    if own != own_thresholds(connection, target.number):
        store(connection, target.number, target.kind, own)
        note(
            connection,
            run,
            target.tenant_id,
            action=f"{target.kind}.thresholds",
            concept=OF_KIND[target.kind],
            thing_id=target.id,
            thing_name=target.name,
            detail={"failures": failures, "passes": passes},
        )
    return _told(target, own, run)


def _target(
    connection: Connection, run: Run, tenant_id: str, kind: str, thing_id: str
) -> TargetRow:
    found = HealthDriver(connection).target(kind, thing_id, roles=run.settings.roles)
    if found is None or found.tenant_id != tenant_id or found.retired_at is not None:
        raise NotFound(f"This tenant has no {kind} of that id.")
    return found


def _told(target: TargetRow, own: OwnThresholds, run: Run) -> Thresholds:
    return Thresholds(
        kind=target.kind,
        id=target.id,
        name=target.name,
        failures=own.failures or run.settings.incident_failures,
        passes=own.passes or run.settings.incident_passes,
        own_failures=own.failures is not None,
        own_passes=own.passes is not None,
    )
