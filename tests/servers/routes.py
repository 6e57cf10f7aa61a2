"""A web server that answers each path with bytes that are given, and any other with 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.hostile import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.servers.hostile import Peer, Script

_NOT_FOUND = answer({"error": "not found"}, status="404 Not Found")


def routes(answers: Mapping[str, bytes]) -> Script:
    """Return the script that answers by path, its query left out."""

    async def script(peer: Peer) -> None:
        head = await peer.request()
        path = head.split()[1].decode().partition("?")[0]
        await peer.send(answers.get(path, _NOT_FOUND))

    return script
