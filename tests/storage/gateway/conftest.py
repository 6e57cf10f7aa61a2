"""Gateways and templates, put in as rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storage.gateway.gateways import GatewaysDriver
from storage.gateway.rows import GatewayRow, TemplateRow, VersionRow
from storage.gateway.templates import TemplatesDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def gateway_row(thing_id: str, *, tenant: str = "acme", **more: object) -> GatewayRow:
    """A gateway of a source, whose id is the source's with a `g-` before it."""
    values: dict[str, object] = {
        "id": f"g-{thing_id}",
        "tenant_id": tenant,
        "kind": "source",
        "thing_id": thing_id,
        "max_rows": 1000,
        "max_result_bytes": 5_242_880,
        "timeout_seconds": 30.0,
        "tripwire": True,
        "created_at": NOW,
        **more,
    }
    return GatewayRow(**values)  # type: ignore[arg-type]


@pytest.fixture
def template(database: Database, add_source: Callable[..., int]) -> Callable[..., None]:
    """Adds a template by name on a source, which is made as needed; its id is its name."""
    made: set[str] = set()

    def add(name: str, /, *, on: str = "orders", tenant: str = "acme", **more: object) -> None:
        source = f"{on}" if tenant == "acme" else f"{tenant}-{on}"
        if source not in made:
            roles = more.pop("roles", ())
            add_source(source, tenant=tenant, active=False, access_roles=roles)
            made.add(source)
        values: dict[str, object] = {
            "id": name,
            "tenant_id": tenant,
            "name": name,
            "description": "",
            "status": "active",
            "created_at": NOW,
            **more,
        }
        version = VersionRow(template_id=name, version=1, sql="SELECT 1", written_at=NOW)
        with database.write() as connection:
            over = GatewaysDriver(connection).ensure(gateway_row(source, tenant=tenant))
            row = TemplateRow(gateway_id=over.id, **values)  # type: ignore[arg-type]
            TemplatesDriver(connection).insert(row, version)

    return add
