"""What is told of feeds: frozen, JSON-ready records; none holds a secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedResult(JsonRecord):
    """A provider's own count as it is read for one integration.

    Attributes:
        name: Of the feed; unique in its tenant.
        integration_id: Whose usage it is; `integration` is what people call it.
        every_s: Seconds between readings by the monitor; 0 for none.
        through: The last day that is final; None before the first.
        due_at: When the monitor reads it next.
        read_at: When it was last read to its end.
        error: Why the last reading did not come to its end; None when it did.
    """

    tenant_id: str
    name: str
    origin: str
    integration_id: str
    integration: str
    credential_ref: str | None
    every_s: int
    since: date | None
    base_url: str
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    through: date | None = None
    due_at: datetime | None = None
    read_at: datetime | None = None
    error: str | None = None

    @property
    def state(self) -> str:
        """What became of the last reading: failing, read, or new before the first."""
        if self.error:
            return "failing"
        return "read" if self.read_at else "new"


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncResult(JsonRecord):
    """What one reading of a feed came to.

    Attributes:
        integration: What people call it.
        days: Days that were asked for.
        new: Records added; none when everything was known already.
        refused: Records that cannot be counted.
        unpriced: Calls whose price is not known.
        error: Why it did not come to its end; None when it did.
        hint: What to do about that.
    """

    tenant_id: str
    name: str
    integration: str
    days: int = 0
    new: int = 0
    refused: int = 0
    unpriced: int = 0
    error: str | None = None
    hint: str = ""
