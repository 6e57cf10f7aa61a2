"""Reading a body within its size, whatever the server sends and however it is packed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from engine.http.messages import HttpFault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Either form of zlib's data, recognised by its first bytes: gzip, or deflate with its header.
_EITHER = 32 + zlib.MAX_WBITS
_PACKINGS = {"gzip", "x-gzip", "deflate"}
_ODD = "Ask the provider, or check what stands between: nothing compressed was asked for."


async def read_body(chunks: AsyncIterator[bytes], *, coding: str, length: str, limit: int) -> bytes:
    """Read to the end and unpack, holding never more than `limit` bytes and one chunk.

    Args:
        chunks: The raw body.
        coding: The Content-Encoding header, or empty.
        length: The Content-Length header, or empty; a too large one is not even begun.
        limit: The most bytes, before and after unpacking.

    Raises:
        HttpFault: `too_large`, `unsupported_encoding` or `invalid_response`.
    """
    if length.isascii() and length.isdigit() and int(length[:20]) > limit:
        raise _too_large(limit)
    unpack = _unpacker(coding, limit)
    body = bytearray()
    taken = 0
    async for chunk in chunks:
        taken += len(chunk)
        body += chunk if unpack is None else unpack.feed(chunk, limit - len(body))
        if taken > limit or len(body) > limit:
            raise _too_large(limit)
    if unpack is not None and taken:
        unpack.require_end()
    return bytes(body)


class _Unpacker:
    """Unpacks gzip or deflate, never more than asked for at once."""

    def __init__(self, limit: int) -> None:
        self._inflate = zlib.decompressobj(_EITHER)
        self._limit = limit

    def feed(self, chunk: bytes, room: int) -> bytes:
        """Return what `chunk` unpacks to; raises HttpFault when that is more than `room`."""
        out = bytearray()
        try:
            while chunk:
                # One byte more than fits tells a full answer from one that goes on.
                out += self._inflate.decompress(chunk, room - len(out) + 1)
                if len(out) > room:
                    raise _too_large(self._limit)
                chunk = self._inflate.unused_data
                if chunk:  # gzip may have several members, one after the other
                    self._inflate = zlib.decompressobj(_EITHER)
        except zlib.error as error:
            raise _broken("The answer says that it is compressed, but it is not.") from error
        return bytes(out)

    def require_end(self) -> None:
        """Refuse data that stop in the middle."""
        if not self._inflate.eof:
            raise _broken("The compressed answer ends too early.")


def _unpacker(coding: str, limit: int) -> _Unpacker | None:
    names = [name.strip().lower() for name in coding.split(",")]
    packings = [name for name in names if name not in {"", "identity"}]
    if not packings:
        return None
    if len(packings) > 1:
        raise _broken("The answer is compressed more than once.")
    if packings[0] not in _PACKINGS:
        raise HttpFault(
            code="unsupported_encoding",
            stage="body",
            message="The answer is compressed in a way that was not asked for and is not read.",
            remedy=_ODD,
        )
    return _Unpacker(limit)


def _too_large(limit: int) -> HttpFault:
    return HttpFault(
        code="too_large",
        stage="body",
        message=f"The answer is larger than the {limit // 1024:,} KiB that a check reads.",
        remedy="Check that the address leads to the right service.",
    )


def _broken(message: str) -> HttpFault:
    return HttpFault(code="invalid_response", stage="body", message=message, remedy=_ODD)
