"""Tenants: the customers whose things these are."""

from __future__ import annotations

from engine.tenants.facade import IsolatedRole, TenantsFacade, TenantSummary, get_tenants_facade

__all__ = ["IsolatedRole", "TenantSummary", "TenantsFacade", "get_tenants_facade"]
