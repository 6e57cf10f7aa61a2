"""The demo's MCP server over stdio: one JSON message a line (modelcontextprotocol.io).

It speaks the protocol by itself because a server by the SDK takes 0.8 s to start here, all of it
imports, and every check of an MCP server over stdio starts it anew; this one takes 0.05 s. The
other side of it, the check, is the SDK's.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
_ORDER = {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]}
_PARCEL = {
    "type": "object",
    "properties": {"country": {"type": "string"}, "kilograms": {"type": "number"}},
    "required": ["country", "kilograms"],
}
_TOOLS = (
    {
        "name": "find_order",
        "description": "Return the state of an order.",
        "inputSchema": _ORDER,
    },
    {
        "name": "shipping_quote",
        "description": "Return what it costs to send a parcel, in cents.",
        "inputSchema": _PARCEL,
    },
)
_NO_METHOD, _BAD_VALUES = -32601, -32602


class RefusedError(Exception):
    """A request that has no answer: its code and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def main() -> None:
    """Answer what comes from stdin until it ends."""
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message:
            sys.stdout.write(json.dumps(_reply(message)) + "\n")
            sys.stdout.flush()


def _reply(message: dict[str, Any]) -> dict[str, Any]:
    head = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        return {**head, "result": _result(message["method"], message.get("params") or {})}
    except RefusedError as refused:
        return {**head, "error": {"code": refused.code, "message": str(refused)}}


def _result(method: str, given: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            wanted = given.get("protocolVersion")
            return {
                "protocolVersion": wanted if wanted in _VERSIONS else _VERSIONS[0],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "shop-tools", "version": "1.4.0"},
            }
        case "ping":
            return {}
        case "tools/list":
            return {"tools": list(_TOOLS)}
        case "tools/call":
            text = _called(str(given.get("name")), given.get("arguments") or {})
            return {"content": [{"type": "text", "text": text}]}
    raise RefusedError(_NO_METHOD, "There is no such method.")


def _called(name: str, arguments: dict[str, Any]) -> str:
    try:
        if name == "find_order":
            return "delivered" if int(arguments["number"]) % 3 else "on its way"
        if name == "shipping_quote":
            return str(490 + round(float(arguments["kilograms"]) * 120))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise RefusedError(_BAD_VALUES, "The arguments do not fit the tool.") from None
    raise RefusedError(_BAD_VALUES, "There is no such tool.")


if __name__ == "__main__":
    main()
