"""The keys that all inventories have, each speaking of its own noun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.inventory.words import FILTER_HELP, a

if TYPE_CHECKING:
    from textual.binding import BindingType


def bindings(noun: str, *, switch: str) -> list[BindingType]:
    """Return the bindings of an inventory; `switch` says what turning on and off is called."""
    return [
        Binding("escape", "back", "Back", tooltip="From the story, the filter or the marks"),
        Binding("t", "test", "Test", tooltip="Check now, for real; marked rows all at once"),
        Binding("e", "edit", "Edit", tooltip=f"Change this {noun}"),
        Binding("n", "new", "New", tooltip=f"Register {a(noun)}"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=FILTER_HELP),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("x", "switch", "On/off", tooltip=f"{switch}; marked rows by choice"),
        Binding("d", "delete", "Delete", tooltip="Delete, after asking"),
        Binding("c", "clone", "Clone", tooltip="A new one that begins like this one"),
        Binding("y", "copy", "Copy id", show=False, tooltip="Copy the id to the clipboard"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]
