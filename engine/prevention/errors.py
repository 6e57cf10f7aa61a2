"""What goes wrong with a ledger."""

from __future__ import annotations

from engine.errors import LampboardError


class LedgerBroken(LampboardError):  # noqa: N818 - it says what happened
    """The ledger does not hold, so nothing is added to it."""

    title = "The ledger is broken"
    code = "ledger_broken"


HINT = (
    "Put a backup in its place, or accept the fault with `lampboard prevention resume`;"
    " `lampboard prevention verify` says what is wrong."
)
