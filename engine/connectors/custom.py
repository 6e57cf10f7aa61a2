"""The custom connector: whatever technology it names can be checked, and nothing more.

One with operations of its own comes from another distribution, by an entry point of the group
`lampboard.connectors`.
"""

from __future__ import annotations

from typing import ClassVar

from engine.connectors.base import BaseConnector


class CustomConnector(BaseConnector):
    """Checks the place that it names, by that technology's probe."""

    TYPE: ClassVar[str] = "custom"
