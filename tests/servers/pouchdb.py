"""PouchDB's server, which speaks CouchDB's protocol."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "right-password"
DATABASE = "orders"
_FILLED = (
    (f"/{DATABASE}", None),
    (f"/{DATABASE}/1", {"paid": True}),
    # The first administrator ends the time in which everybody is one, so it comes last.
    ("/_config/admins/app", PASSWORD),
)


@contextmanager
def pouchdb_server(folder: Path) -> Iterator[int]:
    """Run it with the user `app` and a database with one document; the port is on 127.0.0.1."""
    program, port = server_program("pouchdb-server"), free_port()
    options = ("--in-memory", "--no-stdout-logs", "--host", "127.0.0.1", "--port", str(port))
    with running([program, *options], port, folder):
        for path, body in _FILLED:
            _put(port, path, body)
        yield port


def _put(port: int, path: str, body: object) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    content = json.dumps(body) if body else None
    connection.request("PUT", path, content, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status < 300, answer.read()
    connection.close()
