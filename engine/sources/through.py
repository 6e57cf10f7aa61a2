"""Changes of a source in a caller's hands, written through to what is stored now.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from engine.sources import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sources.engine import SourceEngine
    from engine.sources.model import CustomerDataSource
    from storage.sources import SourceListRow

# Fields of a source that are columns of its lamp.
_COUNTED = {
    "last_connected": "passed_at",
    "last_error": "last_error",
    "connection_count": "passes",
    "error_count": "failures",
}
_SAID = ("config", "tags", "access_roles")


def write_through(
    engine: SourceEngine,
    tenant_id: str,
    source_id: str,
    change: Callable[[CustomerDataSource], None],
) -> SourceListRow:
    """Apply a change to the stored source and store what came of it.

    Raises:
        NotFound: It is gone.
        InvalidInput: What came of it cannot be stored.
    """
    row = engine.get(tenant_id, source_id)
    before = rows.source(row)
    after = deepcopy(before)
    change(after)
    columns: dict[str, Any] = engine.columns(
        row, {name: getattr(after, name) for name in _SAID if _differs(before, after, name)}
    )
    columns |= {
        column: getattr(after, name)
        for name, column in _COUNTED.items()
        if _differs(before, after, name)
    }
    if _differs(before, after, "status"):
        columns["status"] = str(after.status)
    return engine.apply(row, columns)


def _differs(before: CustomerDataSource, after: CustomerDataSource, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))
