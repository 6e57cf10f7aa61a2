"""How much a receiver takes: of one request, of one span, at once."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What one receiver may be asked to hold; together at most some 200 MiB.

    Attributes:
        body: Bytes of a request as they come.
        unpacked: Bytes of it once it is decompressed.
        values: Objects, lists and values of a JSON document, which take more than their bytes.
        elements: Spans or data points of a request, empty groups of them included.
        element_bytes: Bytes of one span or metric in protobuf.
        attributes: Of one span, data point or resource; one with more is refused.
        waiting: Requests that are read, decoded or written at once; more are told to come again.
        connections: Open at once; more are closed.
        request_s: Seconds that a request may take to arrive.
    """

    body: int = 4 * _MIB
    unpacked: int = 8 * _MIB
    values: int = 1_000_000
    elements: int = 20_000
    element_bytes: int = _MIB
    attributes: int = 256
    waiting: int = 16
    connections: int = 64
    request_s: float = 10.0


class TooLarge(Exception):  # noqa: N818 - an outcome of a request, told to who sent it
    """A request goes beyond a bound; the text says beyond which."""
