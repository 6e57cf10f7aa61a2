"""Keeping what a verification found, and saying in the activity when a lamp changes by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from storage.prevention import ProofsDriver

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.prevention import VerificationRow


def keep(connection: Connection, run: Run, row: VerificationRow) -> None:
    """Keep a verification; its first fault is an activity, and so is the end of one."""
    driver = ProofsDriver(connection)
    before = driver.newest(row.tenant_id)
    driver.keep(row)
    was_ok = not before or before[0].ok
    if row.ok == was_ok:
        return
    note(
        connection,
        run,
        row.tenant_id,
        action="prevention.holds" if row.ok else "prevention.broken",
        concept="prevention",
        thing_id=row.tenant_id,
        thing_name=row.tenant_id,
        detail={"kind": row.fault_kind, "seq": row.fault_seq, "verified": row.verified},
    )
