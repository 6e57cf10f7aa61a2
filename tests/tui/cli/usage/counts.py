"""OpenAI's count of an organization, served from a thread: command lines run their own loop."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ADMIN = "sk-admin-planted-8d1f0c6b2a"
DAY_S = 86_400


class Counts(ThreadingHTTPServer):
    """Tells `calls` calls of 10 tokens for every day that is asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls = 3
        self.seen: list[str] = []
        self.silent_after: int | None = None
        self.reached = threading.Event()
        self.gone = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def end(self) -> None:
        self.gone.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Counts

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        if (
            self.server.silent_after is not None
            and len(self.server.seen) > self.server.silent_after
        ):
            self.server.reached.set()
            self.server.gone.wait(60)
            return
        if self.headers.get("Authorization") != f"Bearer {ADMIN}":
            self._say(
                401, {"error": {"message": f"Incorrect key: {self.headers['Authorization']}"}}
            )
            return
        asked = parse_qs(urlsplit(self.path).query)
        first, end = (int(asked[name][0]) // DAY_S for name in ("start_time", "end_time"))
        result = {
            "model": "gpt-4o-mini",
            "num_model_requests": self.server.calls,
            "input_tokens": 10 * self.server.calls,
            "output_tokens": 0,
        }
        results = [] if "/costs" in self.path else [result]
        data = [{"start_time": day * DAY_S, "results": results} for day in range(first, end)]
        self._say(200, {"object": "page", "data": data, "has_more": False, "next_page": None})

    def _say(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass
