"""A warning that turns critical, through the command line alone: checks, people and alerts."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Run


class Server(ThreadingHTTPServer):
    """A provider that answers as it is told, and the other side of a webhook."""

    status = 429

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(self.server.status)

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append(json.loads(said))
        self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_who_acknowledged_a_warning_is_told_that_it_is_critical(board: Run, server: Server) -> None:
    def done(*argv: str, stdin: str = "", code: int = 0) -> Any:
        found = board(*argv, "-o", "json", stdin=stdin)
        assert found.code == code, found.err
        return found.json

    done(
        *("integrations", "add", "--name", "slow", "--provider", "custom"),
        *("--base-url", f"{server.url}/v1", "--credential-stdin"),
        stdin="sk-any\n",
    )
    flags = ("--name", "on-call", "--type", "webhook", "--url-stdin")
    done("alerts", "channels", "add", *flags, stdin=f"{server.url}/hook")
    done("alerts", "routes", "add", "on-call", "--wait-s", "0")
    for _ in range(3):
        board("health", "check", "--force")
    (found,) = done("incidents", "list")["items"]
    assert (found["severity"], found["worsened"]) == ("warning", 0)
    done("monitor", "--once")
    done("incidents", "acknowledge", "1", "--reason", "Looking into it")
    server.status = 500
    board("health", "check", "--force")
    (found,) = done("incidents", "list", "state:open")["items"]
    assert (found["severity"], found["worsened"]) == ("critical", 1)
    done("monitor", "--once")
    done("monitor", "--once")
    (row,) = done("alerts", "log", "event:worsened")["items"]
    assert (row["state"], row["title"]) == ("sent", "[critical] Worse: slow is failing")
    assert [one["event"] for one in server.told] == ["opened", "worsened"]
    shown = board("incidents", "show", "1").out
    assert "It grew worse." in shown
    assert ["worsened", "1"] in [line.split() for line in shown.splitlines()]
