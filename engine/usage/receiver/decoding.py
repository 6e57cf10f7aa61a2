"""From the bytes of a request to spans and metrics in OTLP's JSON shape, within bounds.

Both encodings come out alike, so that what is made of a span is written once. Every function
raises ValueError for what cannot be read and TooLarge for what is beyond a bound.
"""

from __future__ import annotations

import base64
import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.usage.readers.otlp import attributes, requests
from engine.usage.receiver.bounds import Bounds, TooLarge
from engine.usage.receiver.protobuf import messages
from engine.usage.receiver.slimming import slim_metric, slim_resource, slim_span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
EXTRA = "otlp"

Told: TypeAlias = "tuple[Mapping[str, object], Mapping[str, object]]"
"""The attributes of a resource, and a span or metric of it."""

_IDS = ("traceId", "spanId")


def can_read_protobuf() -> bool:
    """Tell whether the extra for protobuf is installed."""
    return find_spec("opentelemetry.proto") is not None if find_spec("opentelemetry") else False


def decode(signal: str, kind: str, body: bytes, bounds: Bounds) -> list[Told]:
    """Return what a request holds: spans for `traces`, metrics for `metrics`.

    Args:
        signal: traces or metrics.
        kind: JSON or PROTOBUF.
        body: Unpacked.
        bounds: What is too much.
    """
    if kind == JSON:
        found = _of_json(signal, _parsed(body, bounds))
    else:
        found = _of_protobuf(signal, body, bounds)
    told: list[Told] = []
    for one in found:
        if len(told) >= bounds.elements:
            raise _too_many(bounds)
        told.append(one)
    return told


def _parsed(body: bytes, bounds: Bounds) -> object:
    # Counted where they stand, texts included: exact enough, and at the speed of a copy.
    if sum(body.count(sign) for sign in (b"{", b"[", b",")) > bounds.values:
        raise TooLarge(f"The document has more than {bounds.values:,} values.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON document that can be read") from None


def _of_json(signal: str, document: object) -> Iterator[Told]:
    if document == {}:
        return  # a request that carries nothing is a success
    if signal == "traces":
        yield from requests(document)
        return
    if not isinstance(document, dict) or "resourceMetrics" not in document:
        raise ValueError("this is no object with resourceMetrics")
    for group in _dicts(document.get("resourceMetrics")):
        resource = group.get("resource")
        own = attributes(resource.get("attributes")) if isinstance(resource, dict) else {}
        for scope in _dicts(group.get("scopeMetrics")):
            for metric in _dicts(scope.get("metrics")):
                yield own, metric


def _dicts(values: object) -> Iterator[dict[str, Any]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


def _of_protobuf(signal: str, body: bytes, bounds: Bounds) -> Iterator[Told]:
    """Walk through request, resources and scopes (fields 1; 1 and 2; 2), making leaves alone."""
    resource_of, leaf_of = _makers(signal, bounds)
    seen = 0
    for group_field, group in messages(memoryview(body)):
        own: Mapping[str, object] = {}
        for field, part in messages(group) if group_field == 1 else ():
            seen += 1
            if field == 1:
                own = resource_of(_bounded(part, bounds))
            for leaf_field, leaf in messages(part) if field == 2 else ():  # noqa: PLR2004 - see above
                seen += 1
                if seen > bounds.elements:
                    raise _too_many(bounds)
                if leaf_field == 2:  # noqa: PLR2004 - see above
                    yield own, leaf_of(_bounded(leaf, bounds))
        seen += 1
        if seen > bounds.elements:
            raise _too_many(bounds)


def _bounded(part: memoryview, bounds: Bounds) -> memoryview:
    if len(part) > bounds.element_bytes:
        raise TooLarge(f"A span or metric has more than {bounds.element_bytes // 1024:,} KiB.")
    return part


def _makers(
    signal: str, bounds: Bounds
) -> tuple[Callable[[memoryview], Mapping[str, object]], ...]:
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import DecodeError
    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    most = bounds.attributes

    def made(kind: Any, data: bytes) -> dict[str, Any]:
        try:
            return dict(MessageToDict(kind.FromString(data), use_integers_for_enums=True))
        except (DecodeError, ValueError, RecursionError):
            # The library quotes what it could not read.
            raise ValueError("it is no message of this interface") from None

    def resource(data: memoryview) -> Mapping[str, object]:
        return attributes(made(Resource, slim_resource(data, most)).get("attributes"))

    if signal == "traces":
        return resource, lambda data: _hexadecimal(made(Span, slim_span(data, most)))
    return resource, lambda data: made(Metric, slim_metric(data, most, bounds.elements))


def _hexadecimal(span: dict[str, Any]) -> dict[str, Any]:
    """Write ids as OTLP's JSON does; protobuf's own has them in base 64."""
    for name in _IDS:
        if isinstance(span.get(name), str):
            span[name] = base64.b64decode(span[name]).hex()
    return span


def _too_many(bounds: Bounds) -> TooLarge:
    return TooLarge(f"The request has more than {bounds.elements:,} spans or metrics.")
