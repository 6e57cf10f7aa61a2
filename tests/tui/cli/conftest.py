"""Runs command lines in this process, and a provider on loopback to check."""

from __future__ import annotations

import io
import json
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tui.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "sk-canary-8d1f0c6b2a"


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Run(Protocol):
    def __call__(self, *argv: str, stdin: str = "") -> Done: ...


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls `main` with captured streams; nothing is a terminal."""

    def call(*argv: str, stdin: str = "") -> Done:
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            code = main(list(argv))
        return Done(code=code, out=out.getvalue(), err=err.getvalue())

    return call


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'board.db'}"


@pytest.fixture
def board(run: Run, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command line on a database of its own, with tenant acme."""
    monkeypatch.setenv("LAMPBOARD_DATABASE", database)
    monkeypatch.setenv("LAMPBOARD_TENANT", "acme")
    monkeypatch.setenv("LAMPBOARD_LOG_FILE", str(tmp_path / "lampboard.log"))
    return run


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.headers.get("Authorization") == f"Bearer {SECRET}"
        answer: dict[str, object] = {"object": "list", "data": [{"id": "m-1", "object": "model"}]}
        if not good:
            answer = {"error": {"message": "Incorrect API key provided."}}
        body = json.dumps(answer).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    """The base URL of an OpenAI-compatible server that wants `SECRET`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


class Add(Protocol):
    def __call__(self, name: str, *more: str, secret: str = SECRET) -> dict[str, Any]: ...


@pytest.fixture
def add(board: Run, provider: str) -> Add:
    """Registers an integration at the loopback provider."""

    def call(name: str, *more: str, secret: str = SECRET) -> dict[str, Any]:
        done = board(
            *("integrations", "add", "--name", name, "--provider", "custom"),
            *("--base-url", provider, "--credential-stdin", "-o", "json", *more),
            stdin=secret + "\n",
        )
        assert done.code == 0, done.err
        record: dict[str, Any] = done.json
        return record

    return call
