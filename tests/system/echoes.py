"""Servers that give the caller's credential back, in forty ways of failing."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.servers.hostile import MODELS, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    Echo = Callable[[str], bytes]


def _said(secret: str) -> dict[str, object]:
    return {"error": {"message": f"Incorrect API key provided: {secret}", "code": secret}}


def _headers(*headers: str, status: str = "200 OK", body: object = MODELS) -> Echo:
    """Put the secret into headers, where they say KEY (as it is) or QUOTED."""

    def echo(secret: str) -> bytes:
        quoted = quote(secret, safe="")
        written = tuple(h.replace("KEY", secret).replace("QUOTED", quoted) for h in headers)
        return answer(body, status=status, headers=written)

    return echo


def _status(line: str, *headers: str) -> Echo:
    return lambda secret: answer(_said(secret), status=line, headers=headers)


def _message(before: int) -> Echo:
    """Put the secret where messages are cut to length."""
    return lambda secret: answer(
        {"error": {"message": "x" * before + " " + secret + " and more"}}, status="500 Broken"
    )


def _in_words(word: Callable[[str], str]) -> Echo:
    return lambda secret: answer(
        {"error": {"message": f"you sent {word(secret)} to us"}}, status="401 Unauthorized"
    )


_URL_SAFE = str.maketrans("+/", "-_")


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _plain(kind: str, text: Callable[[str], str], status: str = "500 Broken") -> Echo:
    return lambda secret: answer(text(secret).encode(), kind=kind, status=status)


STATUSES = (
    *("400 Bad", "401 Unauthorized", "402 Pay", "403 Forbidden", "404 Gone", "405 No", "408 Late"),
    *("409 Clash", "410 Gone", "413 Big", "418 Tea", "422 Odd", "451 Law", "500 Broken"),
    *("501 Never", "502 Gate", "503 Away", "504 Gate", "529 Full", "599 What"),
)

ECHOES: dict[str, Echo] = {
    **{f"status-{line[:3]}": _status(line) for line in STATUSES},
    "limited": _status("429 Slow down", "Retry-After: 30"),
    "in-200": lambda secret: answer(_said(secret)),
    "reason": lambda secret: answer({}, status=f"500 {secret}"),
    "content-type": lambda secret: answer(b"hello", kind=f"text/{secret}"),
    "retry-after": _headers("Retry-After: KEY", status="503 Away", body={}),
    "www-authenticate": _headers('WWW-Authenticate: Bearer realm="KEY"', status="401 No", body={}),
    "location": _headers("Location: https://else.example/?key=KEY", status="302 Found"),
    "location-url": _headers("Location: https://e.example/?k=QUOTED", status="307 Moved"),
    "location-path": _headers("Location: /KEY", status="308 Moved"),
    "encoding": _headers("Content-Encoding: KEY"),
    "header": _headers("X-Debug: KEY", "Set-Cookie: k=KEY"),
    "text": _plain("text/plain", lambda secret: f"key {secret} was refused"),
    "page": _plain("text/html", lambda secret: f"<title>{html.escape(secret)}</title>"),
    "not-json": _plain("application/json", lambda secret: '{"error": "' + secret, "200 OK"),
    "no-list": lambda secret: answer({secret: secret}),
    "no-error-words": lambda secret: answer({"error": {secret: secret}}, status="500 Broken"),
    "error-list": lambda secret: answer([{"error": [secret]}], status="500 Broken"),
    "models": lambda secret: answer({"object": "list", "data": [{"id": secret}] * 3}),
    "bad-header": lambda secret: f"HTTP/1.1 200 OK\r\n{secret}\r\n\r\n".encode(),
    "bad-status": lambda secret: f"{secret}\r\n\r\n".encode(),
    "cut": lambda secret: answer(_said(secret))[:-5],
    "chunk": lambda secret: (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        f"{secret}\r\n"
    ).encode(),
    "cut-message": _message(180),
    "cut-message-later": _message(190),
    "cut-long": _message(490),
    "base64": _in_words(_b64),
    "base64-bearer": _in_words(lambda secret: _b64(f"Bearer {secret}")),
    "base64-basic": _in_words(lambda secret: _b64(f"user:{secret}")),
    "base64-url": _in_words(lambda secret: _b64("ab" + secret).translate(_URL_SAFE)),
    "url": _in_words(lambda secret: quote(secret, safe="")),
    "html": _in_words(html.escape),
    "json-in-json": _in_words(lambda secret: json.dumps({"authorization": f"Bearer {secret}"})),
    "hex": _in_words(lambda secret: secret.encode().hex()),
    "repr": _in_words(lambda secret: repr({"Authorization": f"Bearer {secret}"})),
    "cut-by-server": _in_words(lambda secret: secret[: len(secret) - 9] + "…"),
    "tail-by-server": _in_words(lambda secret: "…" + secret[9:]),
}
KEYS = frozenset(
    {"authorization", "x-api-key", "api-key", "x-goog-api-key", "x-chroma-token", "x-functions-key"}
)


def credential_of(head: bytes) -> str:
    """Return the secret that a request brought, from whichever header; empty without one."""
    for line in head.decode().split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "authorization" and value.startswith("Basic "):
            return base64.b64decode(value.removeprefix("Basic ")).decode().partition(":")[2]
        if name.lower() in KEYS:
            return value.removeprefix("Bearer ")
    return ""


def echo(word: str, head: bytes) -> bytes:
    """Answer a request with its credential, in the way that a word names."""
    return ECHOES.get(word, ECHOES["status-401"])(credential_of(head))
