"""Spans and metrics in protobuf without what nobody here needs, before they are made into objects.

A message of two bytes becomes an object of hundreds. So prompts and answers, which are events and
long or nested attributes, go unread, and there are never more attributes than are taken.
Numbers of fields: https://github.com/open-telemetry/opentelemetry-proto
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.receiver.bounds import TooLarge
from engine.usage.receiver.points import FAMILIES
from engine.usage.receiver.protobuf import fields, messages, nested

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 4096
"""Bytes of an attribute that is read; no id, name or number is longer."""

# Of an attribute (common.proto): its value, in which from 5 on are lists, maps and bytes.
_VALUE, _FIRST_NESTED = 2, 5
_RESOURCE_ATTRIBUTES = 1
_SPAN_ATTRIBUTES, _EVENTS, _LINKS = 9, 11, 13
_NAME, _POINTS = 1, 1
# Of a metric: sum, histogram, exponential histogram; then their points' attributes and exemplars.
_SHAPES: Mapping[int, tuple[int, int]] = {7: (7, 5), 9: (9, 8), 10: (1, 11)}
_WANTED = frozenset(name.encode() for names in FAMILIES for name in names)


def slim_span(data: memoryview, most: int) -> bytes:
    """Return a span with its plain attributes alone, one more than `most` at the most."""
    return _slim(data, _SPAN_ATTRIBUTES, most, frozenset({_EVENTS, _LINKS}))


def slim_resource(data: memoryview, most: int) -> bytes:
    """Return a resource likewise; it has nothing else."""
    kept = (raw for number, raw, _ in fields(data) if number == _RESOURCE_ATTRIBUTES)
    return _slim(memoryview(b"".join(kept)), _RESOURCE_ATTRIBUTES, most, frozenset())


def slim_metric(data: memoryview, most: int, points: int) -> bytes:
    """Return a metric of tokens without exemplars; of any other only its name.

    Raises:
        TooLarge: It has more than `points` data points.
    """
    name = next((value for number, value in messages(data) if number == _NAME), memoryview(b""))
    if bytes(name) not in _WANTED:
        return nested(_NAME, bytes(name))
    shapes = (
        nested(number, _slim_points(value, *_SHAPES[number], most, points))
        for number, value in messages(data)
        if number in _SHAPES
    )
    return nested(_NAME, bytes(name)) + b"".join(shapes)


def _slim_points(data: memoryview, own: int, exemplars: int, most: int, points: int) -> bytes:
    kept = bytearray()
    seen = 0
    for number, raw, value in fields(data):
        if value is None:
            kept += raw
        elif number == _POINTS:
            seen += 1
            if seen > points:
                raise TooLarge(f"A metric has more than {points:,} data points.")
            kept += nested(_POINTS, _slim(value, own, most, frozenset({exemplars})))
    return bytes(kept)


def _slim(data: memoryview, own: int, most: int, unwanted: frozenset[int]) -> bytes:
    kept = bytearray()
    seen = 0
    for number, raw, value in fields(data):
        if number == own and value is not None:
            seen += 1
            if seen > most + 1 or not _is_plain(value):
                continue
        if number not in unwanted:
            kept += raw
    return bytes(kept)


def _is_plain(attribute: memoryview) -> bool:
    """Tell whether an attribute is text or a number, and short."""
    if len(attribute) > _LONGEST:
        return False
    values = (value for number, value in messages(attribute) if number == _VALUE)
    return all(number < _FIRST_NESTED for value in values for number, _ in messages(value))
