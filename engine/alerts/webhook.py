"""Telling by webhook: one POST of JSON, signed where a secret was given.

A request that was sent and not answered may have been taken: it is never called refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

from engine.alerts.delivery import DEADLINE_S, LONGEST_PAUSE_S, REFUSED, TOLD, UNSURE, Delivery
from engine.http.messages import HttpFault, HttpRequest
from engine.numbers import whole

if TYPE_CHECKING:
    from typing import Protocol

    from engine.alerts.messages import Message
    from engine.http.messages import HttpAnswer

    class Sends(Protocol):
        """What sends requests."""

        async def send(self, request: HttpRequest) -> HttpAnswer:
            """Send one."""
            ...


_BEFORE = frozenset({"request", "address", "resolve", "connect", "tls"})
"""Stages in which the other side has not been given anything yet."""
_REDIRECTS = range(300, 400)
_FINE = range(200, 300)
_SMALL = 64 * 1024


async def post(client: Sends, url: str, message: Message, *, signing: str | None) -> Delivery:
    """Send a message to a webhook.

    Args:
        client: What sends it; its rule of addresses holds.
        url: Where to.
        message: What is told.
        signing: The secret that signs it.
    """
    body = json.dumps(message.to_json(), separators=(",", ":")).encode()
    request = HttpRequest(
        method="POST",
        url=url,
        headers=headers_of(message, body, signing),
        body=body,
        deadline_s=DEADLINE_S,
        max_body=_SMALL,
    )
    try:
        answer = await client.send(request)
    except HttpFault as fault:
        return _broken(fault)
    return _answered(answer)


def headers_of(message: Message, body: bytes, signing: str | None) -> dict[str, str]:
    """Return the headers of a request; the signature is over the time, a dot, and the body."""
    told = {
        "content-type": "application/json",
        "idempotency-key": message.key,
        "x-lampboard-event": message.event,
    }
    if signing:
        at = str(int(message.at.timestamp()))
        told["x-lampboard-timestamp"] = at
        digest = hmac.new(signing.encode(), at.encode() + b"." + body, hashlib.sha256)
        told["x-lampboard-signature"] = f"sha256={digest.hexdigest()}"
    return told


def _answered(answer: HttpAnswer) -> Delivery:
    latency = round(answer.latency_ms)
    if answer.status in _FINE:
        return Delivery(outcome=TOLD, message=f"HTTP {answer.status}", latency_ms=latency)
    said = f"The receiver answered with HTTP {answer.status}"
    if answer.status in _REDIRECTS:
        said += ", a redirect, which is not followed"
    return Delivery(
        outcome=REFUSED,
        message=f"{said}.",
        latency_ms=latency,
        retry_after_s=_pause(answer.headers.get("retry-after", "")),
    )


def _pause(text: str) -> int:
    return max(0, min(whole(text.strip()) or 0, LONGEST_PAUSE_S))


def _broken(fault: HttpFault) -> Delivery:
    latency = None if fault.latency_ms is None else round(fault.latency_ms)
    # A fault of TLS can also come while the answer does: then the request has gone out.
    reached = {fault.stage, *(stage.name for stage in fault.stages)}
    if reached <= _BEFORE:
        return Delivery(outcome=REFUSED, message=str(fault), latency_ms=latency)
    said = f"It was sent, and no answer came: {fault}"
    return Delivery(outcome=UNSURE, message=said, latency_ms=latency)
