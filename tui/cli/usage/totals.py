"""Sums of usage as lines of a table: what `usage top` and `limits status --by` share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import text

if TYPE_CHECKING:
    from engine.usage.results import UsageTotal


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """One sum as a line."""

    total: UsageTotal

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values, tokens summed up too."""
        return self.total.to_dict() | {"tokens": self.total.tokens}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.total, name)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.total.name or self.total.key

    @property
    def cost(self) -> str:
        """What it cost, and what that leaves out."""
        return cost_words(self.total)


def cost_words(total: UsageTotal) -> str:
    """Return a cost; calls without a price are told beside it, never counted as free."""
    said = text.cost(total.cost_nanos)
    if not total.unpriced:
        return said
    if total.unpriced == total.calls and not total.cost_nanos:
        return "unpriced"
    return f"{said} + {text.plural(total.unpriced, 'call')} unpriced"
