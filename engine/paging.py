"""Where a page of a list starts, for callers above the engine, which never import the storage."""

from __future__ import annotations

from storage.paging import Anchor, after, at, before, end, start

__all__ = ["Anchor", "after", "at", "before", "end", "start"]
