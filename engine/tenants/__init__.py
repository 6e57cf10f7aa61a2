"""Tenants: the customers whose things these are."""

from __future__ import annotations

from engine.tenants.facade import TenantsFacade, TenantSummary

__all__ = ["TenantSummary", "TenantsFacade"]
