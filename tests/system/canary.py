"""A planted secret, and the search for it in whatever form it may have been left behind."""

from __future__ import annotations

import base64
import html
import json
import secrets
import sqlite3
import string
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A key that is cut is a leaked key: of every fifteen signs in a row, one such piece is searched.
PIECE = 12
STRIDE = 4


def planted() -> str:
    """Return a new secret whose signs change in every encoding that a URL or a page has."""
    letters = string.ascii_letters + string.digits
    middle = "".join(secrets.choice(letters) for _ in range(24))
    return f"{middle[:12]}+/=&<{middle[12:]}%\"'~{secrets.token_hex(8)}"


def forms(secret: str) -> dict[str, str]:
    """Return the secret in every encoding that is looked for."""
    raw = secret.encode()
    found = {
        "plain": secret,
        "url": quote(secret, safe=""),
        "form": quote_plus(secret),
        "json": json.dumps(secret)[1:-1],
        "html": html.escape(secret),
        "repr": repr(secret)[1:-1],
        "hex": raw.hex(),
    }
    for shift in range(3):
        # The middle of base64 depends on where the secret begins in what was encoded.
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        inner = coded[4 if shift else 0 : -4]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.replace("+", "-").replace("/", "_")
    return found


def traces(secret: str, places: Mapping[str, bytes]) -> list[str]:
    """Return where the secret, or a piece of it, was left: in which place, in which form."""
    everything = b"\n\n".join(places.values())
    suspects = [(form, piece) for form, piece in _pieces(secret) if piece in everything]
    return [
        f"{form} in {place}: …{_around(data, piece)}…"
        for place, data in places.items()
        for form, piece in suspects
        if piece in data
    ]


def _pieces(secret: str) -> Iterator[tuple[str, bytes]]:
    for form, text in forms(secret).items():
        for start in range(0, len(text) - PIECE + 1, STRIDE):
            yield form, text[start : start + PIECE].encode()


def _around(data: bytes, piece: bytes) -> str:
    at = data.index(piece)
    return ascii(data[max(0, at - 40) : at + 60])


def files_under(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def command_lines() -> dict[str, bytes]:
    """Return the arguments of every process of the machine."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # gone meanwhile
            found[str(path)] = path.read_bytes()
    return found


@contextmanager
def held_open(path: Path) -> Iterator[None]:
    """Hold a database open, so that its write-ahead log is not emptied into it."""
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
