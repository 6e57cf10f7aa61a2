"""Connectors made by hand, and the servers that they reach out to."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.config import config_class
from engine.connectors.loading import connector_class
from engine.http import AddressPolicy, HttpClient
from engine.http.resolver import Resolver
from engine.probes.place import Place, Tools
from tests.servers.programs import free_port, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    Make = Callable[..., Any]

SERVERS = Path(__file__).resolve().parents[2] / "servers"
MCP_SERVER = SERVERS / "mcp_server.py"
_ENDS_S = 60.0
_POLICY = ("max_bytes", "max_rows", "timeout_seconds", "max_retries", "retry_delay_seconds")


@pytest.fixture
async def tools() -> AsyncIterator[Tools]:
    policy = AddressPolicy()
    resolve = Resolver()
    client = HttpClient(policy, resolve=resolve)
    yield Tools(client=client, policy=policy, resolve=resolve, now=lambda: datetime.now(UTC))
    await client.aclose()


@pytest.fixture
async def make(tools: Tools) -> AsyncIterator[Make]:
    """Makes a connector of a type: fields of its place by name, `config` for how it behaves."""
    made = []

    def one(
        kind: str, technology: str, *, config: dict[str, Any] | None = None, **place: Any
    ) -> Any:
        settings = {"timeout_seconds": 60, "max_retries": 0, **(config or {})}
        settings["options"] = place.get("options", {})
        connector = connector_class(kind)(
            Place(technology=technology, **place), config_class(kind)(**settings), tools
        )
        made.append(connector)
        return connector

    yield one
    for connector in made:
        await connector.close()


@pytest.fixture(scope="session")
def mcp_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An MCP server by the official SDK, over streamable HTTP."""
    folder, port = tmp_path_factory.mktemp("mcp"), free_port()
    with running([sys.executable, str(MCP_SERVER), str(port)], port, folder):
        yield f"http://127.0.0.1:{port}/mcp"


def children() -> set[int]:
    """The processes that this one started and that are still there."""
    found: set[int] = set()
    for entry in Path("/proc/self/task").glob("*/children"):
        # A thread may end between being listed and being read; its children are another's then.
        with suppress(OSError):
            found.update(map(int, entry.read_text().split()))
    return found


async def all_ended(before: set[int]) -> bool:
    """Wait until every process that was started since has ended."""
    until = time.monotonic() + _ENDS_S
    while time.monotonic() < until:
        if children() <= before:
            return True
        await asyncio.sleep(0.01)
    return False
