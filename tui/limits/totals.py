"""Sums of a month's usage as entries: filtered, ordered, each with its share. Pure.

There are as many as a tenant has providers, models or agents, so that all are held at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.filters import parse_filter
from tui.limits.entries import Entry, total_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.usage.results import UsageTotal
    from tui.inventory.listing import View


def entries(totals: Sequence[UsageTotal], by: str, view: View) -> list[Entry]:
    """Return the sums that a view has, in its order."""
    size = _cost if any(map(_cost, totals)) else _tokens
    whole = sum(map(size, totals)) or 1
    made = (
        total_entry(total, by, view.tenant_id, share=max(0.0, size(total) / whole))
        for total in totals
    )
    found = [entry for entry in made if matches(entry, view.query)]
    return sorted(found, key=KEYS[view.sort], reverse=view.descending)


def matches(entry: Entry, query: str) -> bool:
    """Whether all words of a filter are in the name, and none that must not be."""
    name = f"{entry.name} {entry.subject}".casefold()
    return all((term.value.casefold() in name) != term.negated for term in parse_filter(query))


def _cost(total: UsageTotal) -> int:
    return total.cost_nanos


def _tokens(total: UsageTotal) -> int:
    return total.tokens


def _of(number: Callable[[UsageTotal], int]) -> Callable[[Entry], tuple[int, str]]:
    return lambda entry: (number(entry.total) if entry.total else 0, entry.name.casefold())


KEYS: Mapping[str, Callable[[Entry], tuple[int, str]]] = {
    "cost": _of(_cost),
    "tokens": _of(_tokens),
    "calls": _of(lambda total: total.calls),
    "name": _of(lambda _: 0),
}
