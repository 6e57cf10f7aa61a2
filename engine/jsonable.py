"""Records to JSON-ready values: the one way results leave the engine as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any


def jsonable(value: object) -> Any:
    """Return `value` as dicts, lists, strings, numbers and None.

    Times become ISO 8601 in UTC with a `Z`, those of a database that have no zone stay without
    one; records become dicts by field name.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.isoformat()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return _jsonable_many(value)


def _jsonable_many(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): jsonable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(inner) for inner in value]
    if is_dataclass(value):
        return {item.name: jsonable(getattr(value, item.name)) for item in fields(value)}
    return str(value)


class JsonRecord:
    """Gives a dataclass its `to_dict`."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON-ready values by field name."""
        result: dict[str, Any] = jsonable(self)
        return result
