"""Going on after a fault: the operator accepts it, and the chain goes on over what is given up.

A record that was changed cannot be brought back, and a ledger that refuses new ones for ever
proves nothing more. So a fault can be accepted, once somebody says why. The break takes a number
of its own in the ledger, and the chain goes on from a digest over everything that is there of the
records that were given up and over the break itself: neither can be changed afterwards unseen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.prevention.canonical import canonical
from engine.prevention.proving import Prover, Stored
from engine.prevention.walking import content_of
from engine.text import require_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.prevention.results import LedgerBreak
    from storage.prevention import BreakRow

MAX_REASON = 500


def said(row: BreakRow) -> bytes:
    """Return what a break says of itself, in canonical form."""
    from engine.prevention.reading import accepted

    return said_of(accepted(row).to_dict())


def said_of(fields: Mapping[str, Any]) -> bytes:
    """Return the same of a break's JSON-ready values, as an exported ledger has them.

    Raises:
        KeyError: One is missing.
    """
    names = ("actor", "at", "kind", "reason", "seq", "tenant_id", "until")
    return canonical({name: fields[name] for name in names}).encode()


async def accept(hop: Hop, tenant_id: str, reason: str) -> LedgerBreak | None:
    """Accept the fault that a ledger has; see `PreventionFacade.resume`."""
    from engine.prevention.proving import prove

    text = require_line(reason, "The reason", "reason", maximum=MAX_REASON)
    found = await hop.write(
        lambda connection: _accept(connection, hop, tenant_id, text), durable=True
    )
    await prove(hop, tenant_id)
    return found


def _accept(connection: Connection, hop: Hop, tenant_id: str, reason: str) -> LedgerBreak | None:
    """Walk the ledger again while nobody can write to it, and break it where it stops to hold."""
    from engine.prevention import reading
    from engine.tenants import core
    from storage.prevention import LedgerDriver, ProofsDriver
    from storage.prevention.guards import mend
    from storage.types import to_millis

    driver = LedgerDriver(connection)
    if driver.head(tenant_id, lock=True) is None:
        if not driver.last(tenant_id):
            core.summary(connection, tenant_id, hop.settings.roles)
        driver.begin(tenant_id)
        driver.head(tenant_id, lock=True)
    mended = mend(connection)
    prover = Prover(tenant_id)
    while prover.steps(connection):
        pass
    row = _break(connection, prover, hop, reason)
    if row is not None:
        ProofsDriver(connection).accept(row)
        driver.move(tenant_id, row.until, row.digest, to_millis(row.at))
    if row is not None or mended:
        detail: dict[str, object] = {"reason": reason, "mended": list(mended)}
        if row is not None:
            detail |= {"kind": row.kind, "seq": row.seq, "until": row.until}
        note(
            connection,
            hop,
            tenant_id,
            action="prevention.resumed",
            concept="prevention",
            thing_id=tenant_id,
            thing_name=tenant_id,
            detail=detail,
        )
    return None if row is None else reading.accepted(row)


def _break(connection: Connection, prover: Prover, hop: Hop, reason: str) -> BreakRow | None:
    from storage.prevention import BreakRow, LedgerDriver
    from storage.types import from_millis, to_millis

    walk, tenant = prover.walk, prover.tenant_id
    if walk is None or walk.fault is None:
        return None
    driver = LedgerDriver(connection)
    last, head = driver.last(tenant), driver.head(tenant)
    until = max(last[0][0] if last else 0, head.seq if head else 0, walk.seq) + 1
    row = BreakRow(
        tenant_id=tenant,
        until=until,
        seq=walk.seq + 1,
        kind=walk.fault.kind,
        digest=b"",
        at=from_millis(to_millis(hop.clock.now())),
        actor=hop.settings.operator,
        reason=reason,
    )
    source = Stored(tenant, connection)
    digest, _ = content_of(source, walk.seq, walk.digest, until, said(row))
    return replace(row, digest=digest)
