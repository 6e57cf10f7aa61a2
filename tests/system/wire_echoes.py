"""Servers of other protocols that give the password back in their refusal, in threads."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Echo = Callable[[BinaryIO, BinaryIO], None]


def postgresql(heard: BinaryIO, say: BinaryIO) -> None:
    """Ask for the password in the clear, and refuse with it in the error's every field."""
    heard.read(int.from_bytes(heard.read(4)) - 4)
    say.write(b"R\0\0\0\x08\0\0\0\x03")
    heard.read(1)
    password = heard.read(int.from_bytes(heard.read(4)) - 4).rstrip(b"\0")
    fields = b"SFATAL\0VFATAL\0C28P01\0Mno entry for " + password + b" here\0D" + password + b"\0\0"
    say.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)


def redis(heard: BinaryIO, say: BinaryIO) -> None:
    """Refuse with the words of the login."""
    count = int(heard.readline()[1:])
    words = [heard.read(int(heard.readline()[1:]) + 2)[:-2] for _ in range(count)]
    say.write(b"-ERR who is " + b" ".join(words) + b"\r\n")


def nats(heard: BinaryIO, say: BinaryIO) -> None:
    """Greet, and refuse with the login's own JSON."""
    say.write(b'INFO {"server_id":"x","version":"2","max_payload":1048576}\r\n')
    told = json.loads(heard.readline().partition(b" ")[2])
    say.write(f"-ERR 'who is {told.get('pass')}, {json.dumps(told)}'\r\n".encode())


def kafka(heard: BinaryIO, say: BinaryIO) -> None:
    """Take PLAIN, and refuse with what was said as the error's message."""
    for mechanisms in (True, False):
        request = heard.read(int.from_bytes(heard.read(4)))
        told = b"".join(letter.to_bytes(1) for letter in request[14:] if letter)
        text = len(told).to_bytes(2) + told
        body = b"\0\0\0\0\0\1\0\5PLAIN" if mechanisms else b"\0\x3a" + text + b"\0\0\0\0"
        say.write((len(body) + 4).to_bytes(4) + request[4:8] + body)
        say.flush()


ECHOES: dict[str, Echo] = {
    "postgresql": postgresql,
    "pgvector": postgresql,
    "redis": redis,
    "nats": nats,
    "kafka": kafka,
}


@contextmanager
def echoing(echo: Echo) -> Iterator[int]:
    """Serve until the block ends; yield the port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError, IndexError, AttributeError):
                echo(self.rfile, self.wfile)
                self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
