"""Copying a whole database into an empty one, of either kind, and proving that it is the same."""

from __future__ import annotations

from storage.copying.copy import Copied, CopiedTable, copy

__all__ = ["Copied", "CopiedTable", "copy"]
