"""Health: what the lamps show, how a check becomes a state, and checks on demand."""

from __future__ import annotations

from engine.health.facade import HealthFacade, get_health_facade
from engine.health.service import CusHealthService, get_health_service
from engine.probes.states import CusHealthState

__all__ = [
    "CusHealthService",
    "CusHealthState",
    "HealthFacade",
    "get_health_facade",
    "get_health_service",
]
