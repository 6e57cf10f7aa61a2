"""An MCP server that shows everybody the token that it was given; run with a file's name.

It also writes the command lines of all processes to that file, as any program could.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Answer each request with the token in every text."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # gone meanwhile
            lines.append(path.read_bytes())
    Path(sys.argv[1]).write_bytes(b"\n".join(lines))
    token = os.environ.get("API_TOKEN", "")
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked:
            continue
        reply = {"jsonrpc": "2.0", "id": asked["id"], "result": _result(asked, token)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


def _result(asked: dict[str, object], token: str) -> dict[str, object]:
    if asked["method"] == "initialize":
        told: dict[str, object] = asked["params"]  # type: ignore[assignment]
        return {
            "protocolVersion": told["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": f"echo of {token}", "version": token},
        }
    tool = {
        "name": f"tool-{token}",
        "description": f"takes {token}",
        "inputSchema": {"type": "object", "properties": {token: {"description": token}}},
    }
    return {"tools": [tool]}


if __name__ == "__main__":
    main()
