"""Read the latest messages of a stream, topic or queue; what was read is still there."""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from engine.connectors.base import BaseConnector, Discovery, refuse
from engine.connectors.model import ConnectorCapability as Can
from engine.connectors.stream.messages import MessageList, Wanted

if TYPE_CHECKING:
    from engine.probes.attempt import Attempt

_KNOWN = frozenset({"kafka", "redis", "nats", "rabbitmq", "mqtt"})
_LATEST = 20
_MAX_NAME = 512


class StreamConnector(BaseConnector):
    """Reads messages without taking them away, or any offset of anybody's."""

    TYPE: ClassVar[str] = "stream"

    async def read_latest(self, name: str, count: int = _LATEST) -> MessageList:
        """Return the latest messages, the latest first; of a queue, those at its head.

        Args:
            name: The topic, stream or queue; for MQTT, a filter whose retained messages are meant.
            count: How many, at most `max_rows`; all of them together `max_bytes` at most.

        Raises:
            ConnectorError: There is none of that name, or it may not be read.
        """
        if not name or len(name) > _MAX_NAME or not name.isprintable():
            raise refuse("invalid_name", "The name is empty, too long or not printable.")
        if not 1 <= count <= self.config.max_rows:
            raise refuse("too_large", f"The count must be from 1 to {self.config.max_rows:,}.")
        wanted = Wanted(name=name, count=count, max_bytes=self.config.max_bytes)

        async def work(attempt: Attempt) -> MessageList:
            found: MessageList = await self._way().latest(attempt, wanted)
            return found

        return await self._run(Can.STREAM, "read", work, again=True)

    async def names(self) -> list[str]:
        """Return the topics, streams or queues that there are, as far as the other side tells.

        Raises:
            ConnectorError: The other side did not answer, or refused.
        """
        work = partial(self._way().names, limit=self.config.max_rows)
        found: list[str] = await self._run(Can.READ, "list", work, again=True)
        return found

    async def discover(self) -> Discovery:
        """Ask for the names."""
        return Discovery(
            found={"streams": await self.names()}, capabilities=frozenset({Can.READ, Can.STREAM})
        )

    def _way(self) -> Any:
        if self.place.technology not in _KNOWN:
            raise refuse(
                "not_offered",
                "This technology has no messages to be read here.",
                f"Stream connectors read: {', '.join(sorted(_KNOWN))}.",
            )
        return importlib.import_module(f"engine.connectors.stream.{self.place.technology}")
