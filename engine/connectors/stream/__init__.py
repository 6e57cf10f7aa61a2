"""The stream connector: reads the latest messages, and leaves them where they are."""

from __future__ import annotations

from engine.connectors.stream.connector import StreamConnector
from engine.connectors.stream.messages import Message, MessageList

__all__ = ["Message", "MessageList", "StreamConnector"]
