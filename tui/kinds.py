"""The kinds of things that have a lamp: what each is called, and in which place it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui import text
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind: its name as filters know it (`kind:source`), in three letters, its place."""

    name: str
    brief: str
    place: str


KINDS: Final[Mapping[str, Kind]] = {
    "source": Kind(name="source", brief="src", place="sources"),
    "connector": Kind(name="connector", brief="con", place="connectors"),
    "integration": Kind(name="integration", brief="int", place="integrations"),
}
"""In the order of their places."""

BEGIN: Final = (
    "Press 2 for Sources, 3 for Connectors or 4 for Integrations, then n to add the first."
)
"""How the first lamp comes to a board."""


def brief(kind: str) -> str:
    """Return a kind in three letters, also one that is not known here."""
    found = KINDS.get(kind)
    return found.brief if found is not None else text.clean(kind)[:3]


def place_of(kind: str) -> str:
    """Return the name of the place where things of a kind are kept; empty where none is."""
    found = KINDS.get(kind)
    return found.place if found is not None else ""


def count_cell(counts: Mapping[str, int]) -> Cell:
    """Return how many there are of each kind: `8 sources  5 connectors  14 integrations`."""
    spans: list[Span] = []
    for name in KINDS:
        count = counts.get(name, 0)
        noun = name if count == 1 else f"{name}s"
        spans += [Span("  ")] if spans else []
        spans += [Span(f"{count:,}", "plain" if count else "muted"), Span(f" {noun}", "muted")]
    return tuple(spans)
