"""The first packets of Oracle's protocol on loopback: what a listener says to who connects.

No Oracle Database runs here. A listener's refusal and redirection are as it sends them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer

_REFUSE, _REDIRECT = 4, 5


def refusing(number: int) -> AbstractAsyncContextManager[Hostile]:
    """Refuse connections with a listener's error until the block ends."""
    stack = f"(ERROR_STACK=(ERROR=(CODE={number})(EMFI=4)))"
    words = f"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR={number}){stack})".encode()
    return _answering(_REFUSE, struct.pack(">BBH", 0x22, 0, len(words)) + words)


def redirecting(host: str, port: int) -> AbstractAsyncContextManager[Hostile]:
    """Send who connects to another address until the block ends."""
    words = f"(ADDRESS=(PROTOCOL=TCP)(HOST={host})(PORT={port}))".encode()
    return _answering(_REDIRECT, struct.pack(">H", len(words)) + words)


def _answering(kind: int, content: bytes) -> AbstractAsyncContextManager[Hostile]:
    async def script(peer: Peer) -> None:
        (length,) = struct.unpack(">H6x", await peer.reader.readexactly(8))
        await peer.reader.readexactly(length - 8)
        await peer.send(struct.pack(">HHBBH", 8 + len(content), 0, kind, 0, 0) + content)
        await peer.reader.read()

    return hostile(script)
