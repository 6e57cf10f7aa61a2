"""What calls used: recording it, importing it, summing it up."""

from __future__ import annotations

from engine.usage.facade import UsageFacade, get_usage_facade
from engine.usage.records import Recorded, Refusal, UsageRecord

__all__ = ["Recorded", "Refusal", "UsageFacade", "UsageRecord", "get_usage_facade"]
