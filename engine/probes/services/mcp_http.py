"""MCP over streamable HTTP, through the one way out that all HTTP takes.

So the address rule, the trusted authorities, the limits of size and time and the stages are those
of every other check. A server's own stream of messages (the GET of the specification) is not
opened: nothing here waits for a server to speak first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.http import HttpRequest
from engine.probes import verdicts
from engine.probes.http_service import strictly
from engine.probes.refusals import Refused
from engine.probes.services.wire import Wire

if TYPE_CHECKING:
    import httpx2

    from engine.http import HttpAnswer
    from engine.probes.attempt import Attempt

_NETWORK = frozenset({"resolve", "connect", "tls"})
_NO_STREAM = 405
_REFUSALS = {
    401: ("auth_failed", "The MCP server rejected the token.", "Enter a valid token."),
    403: (
        "access_denied",
        "The MCP server does not let this token in.",
        "Give the token the right to use this server, or use another one.",
    ),
    404: ("not_found", "There is no MCP server at this path.", "Check the path of the URL."),
}


def make(attempt: Attempt, *, max_bytes: int) -> Wire:
    """Return the way to the attempt's URL.

    Raises:
        Refused: It is no URL, or spells a blocked address.
    """
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    place = attempt.place
    attempt.require_url(place.url or "")
    headers = {"Authorization": f"Bearer {place.api_key}"} if place.api_key else {}
    wire = Wire()
    client = httpx2.AsyncClient(
        transport=_transport(attempt, wire, max_bytes),
        headers=headers,
        trust_env=False,
        timeout=attempt.remaining_s,
    )
    # Ending the session costs one more exchange, and a server forgets idle ones by itself; but a
    # check every minute must not leave sixty sessions an hour behind.
    wire.transport = streamable_http_client(place.url or "", http_client=client)
    return wire


def _transport(attempt: Attempt, wire: Wire, max_bytes: int) -> httpx2.AsyncBaseTransport:
    import httpx2

    class Carrier(httpx2.AsyncBaseTransport):
        """Sends the SDK's requests by the house's client."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            if request.method == "GET":
                return httpx2.Response(_NO_STREAM, request=request)
            answer = await _exchange(attempt, wire, request, max_bytes)
            return httpx2.Response(
                answer.status,
                headers={**answer.headers, "content-length": str(len(answer.body))},
                content=answer.body,
                request=request,
            )

    return Carrier()


async def _exchange(
    attempt: Attempt, wire: Wire, request: httpx2.Request, max_bytes: int
) -> HttpAnswer:
    before = len(attempt.stages)
    stage = attempt.stage_name
    try:
        answer = await attempt.send(
            HttpRequest(
                url=str(request.url),
                method=request.method,
                headers=_headers(request),
                body=await request.aread() or None,
                deadline_s=attempt.remaining_s,
                max_body=max_bytes,
            )
        )
    except Refused as refused:
        wire.fault = wire.fault or refused
        if wire.reached:
            del attempt.stages[before:]
        raise
    _keep_first_network_stages(attempt, wire, before)
    attempt.stage_name = stage
    if request.method == "POST":
        _note_refusal(wire, answer)
    return answer


def _headers(request: httpx2.Request) -> dict[str, str]:
    """Return the SDK's headers without those that the client sets by what it really sends."""
    own = {"host", "connection", "content-length", "accept-encoding", "user-agent"}
    return {name: value for name, value in request.headers.items() if name not in own}


def _keep_first_network_stages(attempt: Attempt, wire: Wire, before: int) -> None:
    """Keep how the server was first reached; the exchanges themselves are stages of MCP."""
    network = [stage for stage in attempt.stages[before:] if stage.name in _NETWORK]
    del attempt.stages[before:]
    if not wire.reached:
        attempt.stages += network
        wire.reached, wire.way_s = True, sum(stage.ms for stage in network) / 1000


def _note_refusal(wire: Wire, answer: HttpAnswer) -> None:
    if answer.status in _REFUSALS:
        code, message, remedy = _REFUSALS[answer.status]
        wire.fault = Refused(code, message, remedy, status_code=answer.status)
    elif answer.status >= 400:  # noqa: PLR2004 - where errors begin
        verdict = verdicts.verdict_of(answer.status, answer.body)
        wire.fault = strictly(
            Refused(
                verdict.error,
                f"{answer.status} {verdict.headline}.",
                verdict.remedy,
                state=verdict.state,
                status_code=answer.status,
            )
        )
    else:
        wire.fault = _not_mcp(answer)


def _not_mcp(answer: HttpAnswer) -> Refused | None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not answer.body or kind in {"application/json", "text/event-stream"}:
        return None
    if verdicts.is_redirect(answer.status):
        return Refused(
            "redirect",
            "The MCP server redirects, which is not followed.",
            "Set the URL to the place where the server really is.",
        )
    return Refused(
        "wrong_protocol",
        "What answered does not speak MCP: neither JSON nor an event stream came.",
        "Check the path of the URL; it often ends in /mcp.",
    )
