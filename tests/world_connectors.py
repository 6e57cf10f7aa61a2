"""The connectors of the worlds of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.world_things import HTTP_STAGES, REFUSED, REJECTED, Answer, healthy, slow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.workspace import Workspace

SQL_STAGES = (("resolve", 0.06), ("connect", 0.14), ("authenticate", 0.45), ("query", 0.35))
MCP_STAGES = (*HTTP_STAGES[:3], ("initialize", 0.4), ("list", 0.24))
STREAM_STAGES = (("resolve", 0.1), ("connect", 0.3), ("authenticate", 0.2), ("list", 0.4))
KEY = "env://PICTURE_KEY"
TOKEN_REFUSED = replace(
    REJECTED,
    minutes=26,
    message="The server refuses the token.",
    remedy="Replace the token: press e and paste the new one.",
)


def silent(*story: Answer) -> tuple[Answer, ...]:
    """Answers of what speaks no HTTP, and so has no status."""
    return tuple(replace(answer, status=None) for answer in story)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """One connector of a world and the story of its checks."""

    name: str
    type: str
    technology: str
    config: Mapping[str, Any]
    story: tuple[Answer, ...] = ()
    stages: tuple[tuple[str, float], ...] = HTTP_STAGES
    discovered: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    owner: str | None = None
    about: str | None = None
    end: str = ""

    async def register(self, workspace: Workspace, tenant: str) -> tuple[str, str]:
        """Registers it, with what it offers, and takes it out of use where that is its end."""
        facade = workspace.connectors
        made = await facade.register_connector(
            tenant,
            self.name,
            self.type,
            config=dict(self.config),
            technology=self.technology,
            tags=self.tags,
            owner_id=self.owner,
            description=self.about,
        )
        if self.discovered:
            await workspace.write(lambda connection: self._discover(workspace, connection, made.id))
        if self.end == "disconnected":
            await facade.disconnect_connector(tenant, made.id)
        elif self.end == "deprecated":
            await facade.deprecate_connector(tenant, made.id)
        return "connector", made.id

    def _discover(self, workspace: Workspace, connection: Connection, connector_id: str) -> None:
        from engine.connectors.base import Discovery
        from engine.connectors.engine import ConnectorEngine
        from engine.connectors.model import capabilities_of

        engine = ConnectorEngine(connection, workspace, workspace.credentials.core)
        row = engine.get(None, connector_id)
        discovery = Discovery(
            found=self.discovered, capabilities=frozenset(capabilities_of(self.type))
        )
        engine.keep_discovery(row.tenant_id, connector_id, discovery)


def _tool(name: str, about: str, **arguments: tuple[str, str]) -> dict[str, Any]:
    """A tool as an MCP server tells of it; an argument whose help ends in `!` must be given."""
    return {
        "name": name,
        "description": about,
        "input_schema": {
            "type": "object",
            "properties": {
                key: {"type": kind, "description": help_.removesuffix("!")}
                for key, (kind, help_) in arguments.items()
            },
            "required": [key for key, (_, help_) in arguments.items() if help_.endswith("!")],
        },
    }


def _table(name: str, **columns: str) -> dict[str, Any]:
    told = [{"name": key, "type": kind} for key, kind in columns.items()]
    return {"name": name, "columns": told}


TOOLS = (
    _tool(
        "search_orders",
        "Finds a customer's orders, the latest first.",
        customer=("string", "The customer's number or e-mail address.!"),
        since=("string", "The first day, as 2026-03-01."),
        limit=("integer", "The most orders to return."),
    ),
    _tool("order_status", "Says where an order is.", order=("string", "The order's number.!")),
    _tool("refund", "Begins a refund.", order=("string", "The order's number.!")),
    _tool("stores_open", "Lists the stores that are open now."),
)
TABLES = (
    _table("customers", id="BIGINT", email="TEXT", created_at="TIMESTAMP"),
    _table("orders", id="BIGINT", customer_id="BIGINT", total="NUMERIC(12, 2)", placed_at="DATE"),
    _table("order_items", order_id="BIGINT", sku="TEXT", quantity="INTEGER"),
)

CONNECTORS = (
    Reach(
        name="orders-db",
        type="sql",
        technology="postgresql",
        config={
            "host": "db-1.acme.example",
            "database": "orders",
            "username": "lampboard",
            "password": KEY,
            "ssl_enabled": True,
            "timeout_seconds": 10,
        },
        story=silent(healthy(2880, 9)),
        stages=SQL_STAGES,
        discovered={"tables": list(TABLES)},
        tags=("prod", "orders"),
        owner="team-shop",
        about="What was ordered, by whom; read by the assistant and the reports.",
    ),
    Reach(
        name="assistant-tools",
        type="mcp",
        technology="mcp_http",
        config={
            "connection_string": "https://tools.acme.example/mcp",
            "api_key": KEY,
            "options": {"allow_tools": "search_orders, order_status"},
        },
        story=(healthy(2880, 96),),
        stages=MCP_STAGES,
        discovered={"tools": list(TOOLS)},
        tags=("prod",),
        owner="team-ai",
    ),
    Reach(
        name="billing-api",
        type="http",
        technology="rest",
        config={
            "connection_string": "https://billing.acme.example/v2",
            "auth_type": "bearer",
            "api_key": KEY,
            "options": {"allow": "GET /v2/invoices/** POST /v2/invoices"},
        },
        story=(healthy(2880, 140), TOKEN_REFUSED),
        tags=("prod", "pii"),
        owner="team-billing",
    ),
    Reach(
        name="docs-search",
        type="vector",
        technology="qdrant",
        config={"connection_string": "https://vectors.acme.example", "api_key": KEY},
        story=(healthy(2880, 210), slow(14, 2640)),
        tags=("prod",),
        owner="team-ai",
    ),
    Reach(
        name="events",
        type="stream",
        technology="redis",
        config={"host": "10.2.0.31", "port": 6379},
        story=silent(healthy(2880, 3), replace(REFUSED, minutes=52)),
        stages=STREAM_STAGES,
        tags=("prod",),
    ),
    Reach(
        name="thumbnails",
        type="serverless",
        technology="aws_lambda",
        config={"api_key": KEY, "options": {"region": "eu-central-1", "function": "thumbnail"}},
        story=(healthy(2880, 88),),
        discovered={"functions": [{"name": "thumbnail", "runtime": "python3.13"}]},
        owner="team-shop",
    ),
    Reach(
        name="crm-export",
        type="http",
        technology="openapi",
        config={"connection_string": "https://crm.acme.example/openapi.json"},
        tags=("staging",),
        end="disconnected",
    ),
    Reach(
        name="reports-new",
        type="sql",
        technology="mysql",
        config={"host": "reports.acme.example", "username": "lampboard", "password": KEY},
    ),
    Reach(
        name="legacy-erp",
        type="http",
        technology="rest",
        config={"connection_string": "https://erp.acme.example"},
        end="deprecated",
    ),
)
