"""The first packets of SQL Server's protocol on loopback: PRELOGIN, and the answer to a login.

No SQL Server runs here. This answers FreeTDS as [MS-TDS] says: sections 2.2.6.5 (PRELOGIN),
2.2.7.10 (ERROR) and 2.2.7.6 (DONE).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer

_ANSWER, _PRELOGIN, _LAST = 0x04, 0x12, 0x01
_NO_ENCRYPTION = 2
# Version 16.0.1000 and "encryption is not available", each by its offset and length.
_GREETING = (
    *(b"\x00", struct.pack(">HH", 11, 6), b"\x01", struct.pack(">HH", 17, 1), b"\xff"),
    *(struct.pack(">BBHH", 16, 0, 1000, 0), bytes((_NO_ENCRYPTION,))),
)


def refusing(number: int, words: str) -> AbstractAsyncContextManager[Hostile]:
    """Serve logins with an error of that number until the block ends."""

    async def script(peer: Peer) -> None:
        while True:
            kind, _, length = struct.unpack(">BBH4x", await peer.reader.readexactly(8))
            await peer.reader.readexactly(length - 8)
            told = b"".join(_GREETING) if kind == _PRELOGIN else _error(number, words)
            await peer.send(struct.pack(">BBHHBB", _ANSWER, _LAST, 8 + len(told), 0, 1, 0) + told)

    return hostile(script)


def _error(number: int, words: str) -> bytes:
    said = words.encode("utf-16-le")
    content = (
        struct.pack("<iBBH", number, 1, 14, len(words)) + said + b"\x00\x00" + struct.pack("<i", 1)
    )
    done = b"\xfd" + struct.pack("<HHQ", 0x0002, 0, 0)
    return b"\xaa" + struct.pack("<H", len(content)) + content + done
