"""What an activity says of a change: old and new value of each field, of secrets only that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.jsonable import jsonable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.things import ReachedRow

# Said field by field, because the whole of them is long.
_PARTS = ("config", "metadata")
# What checks count, and callers who connect by themselves: no work of the operator's.
_COUNTED = frozenset({"passed_at", "passes", "failures", "last_error"})


def told(row: ReachedRow, changed: Mapping[str, object]) -> dict[str, object]:
    """Return each changed field with its old and new value, JSON-ready, by its path."""
    said: dict[str, object] = {}
    for name, value in changed.items():
        before = getattr(row, name)
        if name in _COUNTED:
            continue
        if name == "secrets":
            said |= _secrets(before, _mapping(value))
        elif name in _PARTS:
            said |= _parts(name, before, _mapping(value))
        else:
            said[name] = [jsonable(before), jsonable(value)]
    return said


def _parts(
    whole: str, before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, object]:
    return {
        f"{whole}.{name}": [jsonable(before.get(name)), jsonable(after.get(name))]
        for name in (*before, *(name for name in after if name not in before))
        if before.get(name) != after.get(name)
    }


def _secrets(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    said: dict[str, object] = {}
    for path in (*before, *(path for path in after if path not in before)):
        if path not in after:
            said[path] = "removed"
        elif path not in before:
            said[path] = "added"
        elif before[path] != after[path]:
            said[path] = "replaced"
    return said


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}
