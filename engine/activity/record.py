"""Writing activity, inside the transaction of the change. Loaded in the worker thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.activity import ActivityDriver, ActivityRow
from storage.revisions import OF_KIND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.things import ThingRow


def note(  # noqa: PLR0913 - who, what, which: all by name
    connection: Connection,
    hop: Run,
    tenant_id: str,
    *,
    action: str,
    concept: str,
    thing_id: str,
    thing_name: str,
    detail: Mapping[str, object] | None = None,
    actor: str | None = None,
) -> None:
    """Append what was just done; the actor is the run's operator unless told.

    `detail` is JSON-ready and never holds a secret.
    """
    row = ActivityRow(
        tenant_id=tenant_id,
        at=hop.clock.now(),
        actor=actor or hop.settings.operator,
        origin=hop.origin,
        action=action,
        concept=concept,
        thing_id=thing_id,
        thing_name=thing_name,
        detail=detail or {},
    )
    ActivityDriver(connection).append(row)


def note_thing(  # noqa: PLR0913 - who, what, which: all by name
    connection: Connection,
    run: Run,
    row: ThingRow,
    *,
    kind: str,
    what: str,
    detail: Mapping[str, object],
    actor: str | None = None,
) -> None:
    """Append what was just done to a thing of a kind, such as `source` and `created`."""
    note(
        connection,
        run,
        row.tenant_id,
        action=f"{kind}.{what}",
        concept=OF_KIND[kind],
        thing_id=row.id,
        thing_name=row.name,
        detail=detail,
        actor=actor,
    )
