"""MCP servers, by the official SDK: initialise, then list the tools.

The SDK speaks the protocol; what carries its messages is ours (mcp_http.py, mcp_stdio.py), because
the SDK's own ways follow no address rule, read lines of any length and wait for seconds at the end.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from engine.probes.hush import hush
from engine.probes.refusals import Refused
from engine.probes.services import mcp_http, mcp_stdio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp import Client
    from mcp.shared.exceptions import MCPError

    from engine.probes.attempt import Attempt
    from engine.probes.services.wire import Wire

MAX_BYTES = 2 * 1024 * 1024
MAX_TOOLS = 500
_STDIO = "mcp_stdio"
_VALIDATION = "input_value="
_VERSION = "Check that the address leads to an MCP server of a version that is in use."


async def probe(attempt: Attempt) -> dict[str, object]:
    """Initialise a session and list the tools; return what answered."""
    async with session(attempt) as client:
        async with attempt.stage("list"):
            tools = await list_tools(client)
        return {
            "server": server_of(client),
            "protocol": client.protocol_version,
            "tools": len(tools),
        }


@asynccontextmanager
async def session(attempt: Attempt, *, max_bytes: int = MAX_BYTES) -> AsyncIterator[Client]:
    """Open an initialised session to the attempt's place; its child or connection ends with it.

    Args:
        attempt: Where to go; gets the stages of the way and `initialize`.
        max_bytes: The most bytes that the server may send in one message.

    Raises:
        Refused: It could not be opened, or broke.
    """
    stdio = attempt.place.technology == _STDIO
    wire = (mcp_stdio if stdio else mcp_http).make(attempt, max_bytes=max_bytes)
    try:
        async with _initialised(attempt, wire) as client:
            yield client
    except Refused:
        raise
    except Exception as error:
        raise _refusal(error, wire) from error


async def list_tools(client: Client) -> list[dict[str, object]]:
    """Return the tools with their schemas, as JSON-ready values, at most 500."""
    found: list[dict[str, object]] = []
    cursor: str | None = None
    while len(found) < MAX_TOOLS:
        page = await client.list_tools(cursor=cursor)
        found += [_tool(tool) for tool in page.tools]
        cursor = page.next_cursor
        if not cursor or not page.tools:
            break
    return found[:MAX_TOOLS]


def server_of(client: Client) -> str:
    """Return what the server calls itself, with its version."""
    info = client.server_info
    return f"{info.name} {info.version}".strip() if info else "MCP server"


def _tool(tool: Any) -> dict[str, object]:
    return {
        "name": tool.name,
        "description": tool.description or "",
        "input_schema": tool.input_schema,
    }


@asynccontextmanager
async def _initialised(attempt: Attempt, wire: Wire) -> AsyncIterator[Client]:
    from mcp import Client

    hush("mcp")
    client = Client(wire.transport, read_timeout_seconds=attempt.remaining_s, cache=None)
    began = attempt.enter("initialize")
    try:
        await client.__aenter__()
    except BaseException:
        if wire.reached:
            attempt.note("initialize", wire.began(began), ok=False)
        elif attempt.stages:
            attempt.stage_name = attempt.stages[-1].name
        raise
    attempt.note("initialize", wire.began(began))
    try:
        yield client
    finally:
        await client.__aexit__(None, None, None)


def _refusal(error: BaseException, wire: Wire) -> Exception:
    """Return what went wrong: what the wire saw says more than what the SDK made of it."""
    if wire.fault is not None:
        return wire.fault
    causes = _leaves(error)
    for cause in causes:
        if isinstance(cause, Refused | TimeoutError | OSError):
            return cause
    return _of_protocol(causes[0])


def _of_protocol(error: BaseException) -> Exception:
    from mcp.shared.exceptions import MCPError
    from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

    if not isinstance(error, MCPError):
        kind = type(error).__name__
        return Refused(
            "protocol_error", f"The MCP server could not be understood ({kind}).", _VERSION
        )
    if error.code == REQUEST_TIMEOUT:
        return TimeoutError()
    if error.code == CONNECTION_CLOSED:
        return Refused(
            "closed",
            "The MCP server ended the session without an answer.",
            "Look at the server's log.",
        )
    return refused_by_server(error)


def refused_by_server(error: MCPError) -> Refused:
    """Return the refusal that an error answer of the server is."""
    if _VALIDATION in error.message:
        # The SDK's own words for an answer that it cannot read quote the answer, cut in the middle:
        # half of a secret that the server gave back is not known for one.
        return Refused("protocol_error", "The MCP server's answer is not valid MCP.", _VERSION)
    return Refused(
        "protocol_error",
        f"The MCP server answered with an error: {error.message}",
        _VERSION,
    )


def _leaves(error: BaseException) -> list[BaseException]:
    """Return the errors inside groups of errors, which task groups raise."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
