"""JSON over HTTP for the engines that have no server of their own; runs among the servers.

Uses the standard library alone, because it is imported by programs of another environment.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Answer = tuple[int, object]
    Ask = Callable[[str, str, Mapping[str, str], Any], Answer]


def serve(ask: Ask) -> None:
    """Serve on the port that the first argument names, for ever.

    Args:
        ask: Gets method, path, headers (names in lower case) and the parsed body; returns status
            and what to answer.
    """

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, told = ask(self.command, self.path, headers, body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
