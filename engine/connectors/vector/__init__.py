"""The vector connector: upsert, search and delete in six kinds of vector stores."""

from __future__ import annotations

from engine.connectors.vector.connector import VectorConnector
from engine.connectors.vector.points import Match, Point

__all__ = ["Match", "Point", "VectorConnector"]
