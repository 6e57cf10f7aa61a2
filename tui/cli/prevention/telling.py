"""What is told of a verification and of a ledger: as facts for people, as records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.prevention import Verification


def so_far(done: int, total: int) -> str:
    """Return how many of how many records hold so far."""
    return f"{done:,} of {text.plural(total, 'record')} {'hold' if total > 1 else 'holds'}"


def tell(session: Session, found: Verification) -> None:
    """Print what a verification found, and say it in a sentence."""
    session.output.record(found.to_dict(), table=lambda: _facts(session, found), name="head")
    narrate(sentence(found))


def sentence(found: Verification) -> str:
    """Return what a verification found."""
    if found.fault is not None:
        return found.fault.message
    given = f" {text.plural(found.breaks, 'accepted fault')} passed over." if found.breaks else ""
    if not found.total:
        return f"The ledger is empty.{given}"
    records = text.plural(found.total, "record")
    return f"{records}: all hold, up to {found.head[:12]}….{given}"


def _facts(session: Session, found: Verification) -> str:
    from tui.cli.shows import count, time
    from tui.cli.table import Column, can_draw, facts, state_text

    plain = not can_draw(session.output.stream)
    columns = [
        Column(title="tenant", key="tenant_id"),
        Column(title="verified", key="verified", show=count),
        Column(title="of", key="total", show=count),
        Column(title="head", key="head"),
        Column(title="at", key="at", show=time),
        Column(title="took", key="duration_ms", show=_milliseconds),
    ]
    if found.since > 1:
        columns.append(Column(title="from record", key="since", show=count))
    if found.checkpoints:
        columns.append(Column(title="checkpoints", key="checkpoints", show=count))
    if found.breaks:
        columns.append(Column(title="accepted faults", key="breaks", show=count))
    lamp = state_text("healthy" if found.ok else "failing", ascii_only=plain)
    pairs = [("ledger", lamp)]
    pairs += [(column.title, column.text(found, ascii_only=plain)) for column in columns]
    if found.fault is not None:
        pairs += [("first fault", f"{found.fault.kind} at record {found.fault.seq}")]
    return facts(pairs)


def _milliseconds(value: object) -> str:
    return f"{value:,} ms" if isinstance(value, int) else text.NOTHING
