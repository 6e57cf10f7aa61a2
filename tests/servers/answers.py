"""A web service whose answers are given: for what has no server that could run here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.hostile import answer, hostile

if TYPE_CHECKING:
    import ssl
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer


@dataclass(slots=True)
class Answers:
    """What is answered to which path, and what was asked.

    Attributes:
        by_path: A path with its query, to a body, a (status, body) or the bytes of an answer.
        asked: The requests: head in lower case but for its first line, and body.
    """

    by_path: dict[str, object]
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    def serving(self, *, tls: ssl.SSLContext | None = None) -> AbstractAsyncContextManager[Hostile]:
        """Serve them until the block ends."""
        return hostile(self._script, tls=tls)

    def headers(self, number: int = -1) -> dict[str, str]:
        """The headers of one request, names in lower case."""
        lines = self.asked[number][0].splitlines()[1:]
        pairs = (line.partition(": ") for line in lines if line)
        return {name.lower(): value for name, _, value in pairs}

    async def _script(self, peer: Peer) -> None:
        head = (await peer.request()).decode("latin-1")
        length = next(
            (
                int(line[15:])
                for line in head.lower().splitlines()
                if line[:15] == "content-length:"
            ),
            0,
        )
        self.asked.append((head, await peer.reader.readexactly(length)))
        path = head.split(" ", 2)[1]
        await peer.send(_bytes(self.by_path.get(path, (404, {"error": "not here"}))))
        await peer.reader.read()


def _bytes(given: object) -> bytes:
    match given:
        case bytes():
            return given
        case (int() as status, body):
            return answer(json.dumps(body).encode(), status=f"{status} Said")
    return answer(json.dumps(given).encode())
