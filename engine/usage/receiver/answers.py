"""What OTLP/HTTP answers: success, partial success, failure; in the encoding of the request.

See https://opentelemetry.io/docs/specs/otlp/#otlphttp-response.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.usage.receiver.decoding import JSON, PROTOBUF
from engine.usage.receiver.protobuf import nested, number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

OK = 200
_REJECTED = {"traces": "rejectedSpans", "metrics": "rejectedDataPoints"}
# google.rpc.Code for an HTTP status; what is not here is "unknown".
_CODES = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    405: 12,
    408: 4,
    413: 8,
    415: 3,
    429: 8,
    500: 13,
    503: 14,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Status, body and headers; `body` is in the encoding that `kind` names."""

    status: int
    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


def accepted(signal: str, kind: str, *, rejected: int = 0, message: str = "") -> Answer:
    """Return a success; with a message, a partial one (or a hint, when nothing is rejected)."""
    if kind == PROTOBUF:
        partial = number(1, rejected) + text(2, message)
        return Answer(status=OK, body=nested(1, partial) if partial else b"", kind=kind)
    told: dict[str, object] = {}
    if rejected or message:
        # Numbers of 64 bits are text in protobuf's JSON.
        told = {"partialSuccess": {_REJECTED[signal]: str(rejected), "errorMessage": message}}
    return Answer(status=OK, body=json.dumps(told).encode(), kind=JSON)


def refused(status: int, message: str, kind: str, **headers: str) -> Answer:
    """Return a failure as google.rpc.Status; names of headers with _ for -."""
    code = _CODES.get(status, 2)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind == PROTOBUF:
        return Answer(
            status=status, body=number(1, code) + text(2, message), kind=kind, headers=named
        )
    body = json.dumps({"code": code, "message": message}).encode()
    return Answer(status=status, body=body, kind=JSON, headers=named)
