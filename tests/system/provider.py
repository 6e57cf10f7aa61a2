"""A provider on loopback, in threads: a test decides the bytes of each answer."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Answer = Callable[[str, bytes], bytes]


@dataclass(kw_only=True, slots=True)
class Provider:
    """A running server; `url/<word>` is the base URL under which `answer` is given that word."""

    url: str
    heads: list[bytes] = field(default_factory=list)


@contextmanager
def serving(answer: Answer) -> Iterator[Provider]:
    """Serve until the block ends.

    Args:
        answer: Makes the bytes of an answer, given the first part of the path and the head.
    """
    provider = Provider(url="")

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := self.rfile.readline(65536)):
                head += line
            provider.heads.append(head)
            word = head.split(b" ")[1].decode().split("/")[1] if b" " in head else ""
            with contextlib.suppress(OSError):
                self.wfile.write(answer(word, head))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 256

    server = Server(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
