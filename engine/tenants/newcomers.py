"""Making a tenant in the unit of work that first needs it, for what tenants are built on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.tenants.slug import require_slug

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Run


def make_tenant(connection: Connection, run: Run, tenant_id: str) -> None:
    """Make the tenant unless it is there; making it is an activity.

    Raises:
        InvalidInput: It can be no tenant's id.
    """
    from engine.tenants.core import ensure

    ensure(connection, run, require_slug(tenant_id))
