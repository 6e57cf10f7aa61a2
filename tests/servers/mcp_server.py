"""An MCP server by the official SDK, over stdio or streamable HTTP, with tools to be asked."""

from __future__ import annotations

import os
import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("loopback", version="1.2.3", log_level="CRITICAL")


@server.tool()
def add(left: int, right: int) -> int:
    """Add two numbers."""
    return left + right


@server.tool()
def flood(size: int) -> str:
    """Answer with so many letters."""
    return "x" * size


@server.tool()
def variables() -> list[str]:
    """Name the variables of this process."""
    return sorted(os.environ)


@server.tool()
def variable(name: str) -> str:
    """Return one variable of this process."""
    return os.environ.get(name, "")


@server.tool()
def fail() -> str:
    """Fail, as tools do."""
    raise ValueError("this tool fails")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
