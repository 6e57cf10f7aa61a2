"""What carries the messages of an MCP session, and what it saw go wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.probes.refusals import Refused


@dataclass(kw_only=True, slots=True)
class Wire:
    """One way of carrying messages.

    Attributes:
        transport: What the SDK is given.
        fault: What the way itself saw go wrong; it is exact where the SDK's errors are not.
        reached: Whether the first message was under way.
        way_s: Seconds until it was; they are stages of their own.
    """

    transport: Any = field(default=None, repr=False)
    fault: Refused | None = None
    reached: bool = False
    way_s: float = 0.0

    def began(self, entered: float) -> float:
        """Return when the first message went out, given when the session was entered."""
        return entered + self.way_s
