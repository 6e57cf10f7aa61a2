"""Activity: who did what to which thing, written in the transaction of the change itself."""

from __future__ import annotations

from engine.activity.facade import (
    ActivityEntry,
    ActivityFacade,
    ActivityPage,
    get_activity_facade,
)

__all__ = ["ActivityEntry", "ActivityFacade", "ActivityPage", "get_activity_facade"]
