"""Tenants: the customers whose things these are."""

from __future__ import annotations

from engine.tenants.facade import TenantsFacade, TenantSummary, get_tenants_facade

__all__ = ["TenantSummary", "TenantsFacade", "get_tenants_facade"]
