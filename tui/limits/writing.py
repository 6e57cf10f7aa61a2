"""Writing a list of limits into a file, all of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.paging import after, start
from tui import gauges
from tui.writing import write_records

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from tui.inventory.listing import Listing, View
    from tui.limits.entries import Entry

BATCH = 500


async def write_out(
    listing: Listing[Entry], view: View, path: Path, progress: Callable[[str], None]
) -> int:
    """Write all rows of a view; return how many. The file is its owner's alone.

    Raises:
        InvalidInput: The file cannot be written.
    """
    return await write_records(path, batches(listing, view), progress)


async def batches(listing: Listing[Entry], view: View) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """Yield all rows of a view as records, in its order, some at a time."""
    anchor = start()
    while True:
        items, keys = await listing.page(view, anchor=anchor, limit=BATCH)
        if items:
            yield [record_of(entry) for entry in items]
        if len(items) < BATCH:
            return
        anchor = after(keys[-1])  # type: ignore[arg-type]


def record_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as a flat record, as the command line has it."""
    if entry.gauge is not None:
        return gauges.exported(entry.gauge, flat=True)
    return entry.total.to_dict() if entry.total is not None else {}
