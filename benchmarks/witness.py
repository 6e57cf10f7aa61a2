"""A server that writes down when each endpoint was asked, and whether twice at the same time.

`python -m benchmarks.witness PORT [--delay MS]` answers as `benchmarks.server` does, on all of
127.0.0.0/8; a path with `/hang/` is never answered, one with `/slow/` after a second and a half,
one with `/flaky/` is refused for 20 s of each minute. What is posted is kept as it is. A request
lasts from its last byte to its answer, or until its connection ends: what a killed process left is
over when the system closes it. `GET /report` on 127.0.0.1 tells all of it, `GET /forget` begins
anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
import urllib.request
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks import server

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOW_S = 1.5
MINUTE_S, BAD_S = 60, 20
AWAY = b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_KEY = re.compile(rb"idempotency-key: *(\S+)", re.IGNORECASE)
_TOLD = ("spans", "overlaps", "posted")
_HOME = "127.0.0.1"


class Book:
    """What was asked, by the address that was: begin and end of each request in epoch seconds."""

    def __init__(self) -> None:
        self.spans: defaultdict[str, list[list[float]]] = defaultdict(list)
        self.open: Counter[str] = Counter()
        self.overlaps: list[tuple[str, float]] = []
        self.posted: list[tuple[str, str]] = []

    def begin(self, key: str) -> list[float]:
        """Notes a request that begins."""
        now = time.time()
        if self.open[key]:
            self.overlaps.append((key, now))
        self.open[key] += 1
        span = [now, 0.0]
        self.spans[key].append(span)
        return span

    def end(self, key: str, span: list[float]) -> None:
        """Notes its end."""
        span[1] = time.time()
        self.open[key] -= 1


class Seeing(asyncio.Protocol):
    """Answers after each blank line, and keeps the book."""

    def __init__(self, book: Book, delay_s: float) -> None:
        self.book, self.delay_s = book, delay_s
        self.seen = b""
        self.span: list[float] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        self.transport: Any = transport
        self.key = transport.get_extra_info("sockname")[0]

    def connection_lost(self, _error: Exception | None) -> None:
        """Ends what was not answered."""
        self._close()

    def data_received(self, data: bytes) -> None:
        """Takes a complete request."""
        self.seen += data
        head, mark, rest = self.seen.partition(b"\r\n\r\n")
        if not mark:
            return
        method, path, _ = head.split(b" ", 2)
        if method == b"POST":
            self._take(head, rest)
            return
        self.seen = rest
        if self.key == _HOME:
            self._tell(path)
            return
        self.span = self.book.begin(self.key)
        if b"/hang/" not in path:
            delay_s = SLOW_S if b"/slow/" in path else self.delay_s
            bad = b"/flaky/" in path and time.time() % MINUTE_S < BAD_S
            answer = AWAY if bad else server.ANSWER
            asyncio.get_running_loop().call_later(delay_s, self._answer, answer)

    def _take(self, head: bytes, body: bytes) -> None:
        """Keeps what is posted, once all of it is there."""
        length, key = _LENGTH.search(head), _KEY.search(head)
        if length is None or len(body) < int(length[1]):
            return
        self.seen = b""
        self.book.posted.append((key[1].decode() if key else "", body.decode()))
        self.transport.write(FINE)

    def _answer(self, answer: bytes) -> None:
        self._close()
        if not self.transport.is_closing():
            self.transport.write(answer)

    def _close(self) -> None:
        if self.span is not None:
            self.book.end(self.key, self.span)
            self.span = None

    def _tell(self, path: bytes) -> None:
        told = b"{}"
        if path == b"/forget":
            self.book.spans.clear()
            self.book.overlaps.clear()
            self.book.posted.clear()
        elif path == b"/report":
            told = json.dumps({name: getattr(self.book, name) for name in _TOLD}).encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told)


@dataclass(frozen=True, slots=True)
class Report:
    """Begins and ends of all requests by endpoint, those that met another one there, and posts.

    What was posted is the idempotency key and the body of each.
    """

    spans: dict[str, list[list[float]]]
    overlaps: list[tuple[str, float]]
    posted: list[tuple[str, str]]

    @property
    def count(self) -> int:
        """Requests in all."""
        return sum(map(len, self.spans.values()))

    def rate(self, share: float = 0.9) -> float:
        """Requests a second, from the first to the one that ended this share of them."""
        begins = sorted(span[0] for spans in self.spans.values() for span in spans)
        last = int(len(begins) * share) - 1
        return last / (begins[last] - begins[0])


def ask(port: int, path: str) -> Any:
    """What the witness on a port says."""
    with urllib.request.urlopen(f"http://{_HOME}:{port}/{path}", timeout=30) as answer:
        return json.load(answer)


def report(port: int) -> Report:
    """All that it saw since it was last told to forget."""
    told = ask(port, "report")
    overlaps = [(key, at) for key, at in told["overlaps"]]
    return Report(told["spans"], overlaps, [(key, body) for key, body in told["posted"]])


@contextmanager
def watching(port: int, *, delay_ms: float = 0.0) -> Iterator[None]:
    """The witness as a child process, ready to answer."""
    options = ("--delay", str(delay_ms))
    with server.running(port, *options, program="benchmarks.witness"):
        ask(port, "forget")
        yield


async def serve(port: int, delay_s: float) -> None:
    """Listens until the process is ended."""
    book = Book()
    listening = await asyncio.get_running_loop().create_server(
        lambda: Seeing(book, delay_s),
        "0.0.0.0",  # noqa: S104 - each endpoint has an address of its own
        port,
        backlog=8192,
    )
    await listening.serve_forever()


def main() -> None:
    """Reads the options and serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay", type=float, default=0.0, help="milliseconds before each answer")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.delay / 1000))


if __name__ == "__main__":
    main()
