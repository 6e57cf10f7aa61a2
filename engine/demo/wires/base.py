"""What every wire is made of: a connection, who is known, and how the server is at the moment."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import asyncio

    from engine.demo.behaviour import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """One connection to a simulated server.

    Attributes:
        reader: What the other side says.
        writer: What is said to it.
        secret: Its one login, `user:password` or the password alone; empty lets anybody in.
        step: How the server is while this connection lasts.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    secret: str = field(repr=False)
    step: Step

    def knows(self, login: str) -> bool:
        """Tell whether a login is the right one."""
        return hmac.compare_digest(self.secret.encode(), login.encode())

    async def say(self, *messages: bytes) -> None:
        """Send messages."""
        self.writer.write(b"".join(messages))
        await self.writer.drain()


Wire: TypeAlias = Callable[[Peer], Awaitable[None]]
