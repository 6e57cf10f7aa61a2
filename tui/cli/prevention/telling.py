"""What is told of a verification and of a ledger: as facts for people, as records for programs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from tui import text
from tui.cli.session import Session, narrate
from tui.cli.streams import is_terminal

if TYPE_CHECKING:
    from engine.prevention import Verification

_EVERY_S = 0.1
_ERASE = "\r\x1b[2K"


class Progress:
    """One line on a terminal that says how far a verification is; nothing anywhere else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._wanted = is_terminal(stream)
        self._shown_at = 0.0

    def show(self, done: int, total: int) -> None:
        """Say how many of how many records hold so far."""
        now = time.monotonic()
        if not self._wanted or now - self._shown_at < _EVERY_S:
            return
        self._shown_at = now
        self._stream.write(
            f"{_ERASE}{done:,} of {text.plural(total, 'record')} {'hold' if total > 1 else 'holds'}"
        )
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown_at:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._shown_at = 0.0


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
    from tui.cli.shows import count
    from tui.cli.shows import time as moment
    from tui.cli.table import Column, can_draw, facts, state_text

    plain = not can_draw(session.output.stream)
    columns = [
        Column(title="tenant", key="tenant_id"),
        Column(title="verified", key="verified", show=count),
        Column(title="of", key="total", show=count),
        Column(title="head", key="head"),
        Column(title="at", key="at", show=moment),
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
