"""Tenants: the customers whose things these are."""

from __future__ import annotations

from engine.tenants.facade import TenantSummary, TenantsFacade

__all__ = ["TenantSummary", "TenantsFacade"]
