"""Health: what the lamps show, how a check becomes a state, and checks on demand."""

from __future__ import annotations

from engine.health.facade import HealthFacade
from engine.health.service import CusHealthService
from engine.probes.states import CusHealthState

__all__ = ["CusHealthService", "CusHealthState", "HealthFacade"]
