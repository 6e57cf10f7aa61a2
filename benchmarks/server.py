"""A server that answers at once on every loopback address, so that a sweep measures the sweeper.

`python -m benchmarks.server PORT [--tls CERT KEY] [--delay MS]` listens on all of 127.0.0.0/8 and
answers any request with a list of models. One asyncio protocol, no parsing beyond the blank line:
about a tenth of what a check costs, so it is never the limit on a machine of two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.harness import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY = json.dumps(
    {"object": "list", "data": [{"id": f"model-{i:03d}", "object": "model"} for i in range(20)]}
).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY


class Answering(asyncio.Protocol):
    """Writes the same answer after each blank line."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.delay_s = delay_s
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers each complete request."""
        self.seen += data
        while b"\r\n\r\n" in self.seen:
            _, _, self.seen = self.seen.partition(b"\r\n\r\n")
            if self.delay_s:
                asyncio.get_running_loop().call_later(self.delay_s, self.answer)
            else:
                self.answer()

    def answer(self) -> None:
        """Sends the list of models."""
        if not self.transport.is_closing():
            self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def serve(port: int, context: ssl.SSLContext | None, delay_s: float) -> None:
    """Listens until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Answering(delay_s),
        "0.0.0.0",  # noqa: S104 - each endpoint has an address of its own
        port,
        ssl=context,
        backlog=8192,
    )
    await server.serve_forever()


def endpoint(index: int, port: int, scheme: str = "http") -> str:
    """The base URL of endpoint `index`: each has a loopback address of its own."""
    return (
        f"{scheme}://127.{1 + index // 62500}.{1 + index // 250 % 250}.{1 + index % 250}:{port}/v1"
    )


@contextmanager
def running(
    port: int, *options: str, scheme: str = "http", program: str = "benchmarks.server"
) -> Iterator[subprocess.Popen[bytes]]:
    """The server as a child process, ready to answer."""
    command = [sys.executable, "-m", program, str(port), *options]
    child = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    unchecked = ssl._create_unverified_context() if scheme == "https" else None  # noqa: S323, SLF001
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(  # noqa: S310 - our own server
                    f"{scheme}://127.0.0.1:{port}/v1", timeout=1, context=unchecked
                )
                break
            except OSError:
                time.sleep(0.02)
        yield child
    finally:
        child.terminate()
        child.wait()


def main() -> None:
    """Reads the options and serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds before each answer")
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    asyncio.run(serve(options.port, context, options.delay / 1000))


if __name__ == "__main__":
    main()
