from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import revisions
from storage.connectors import ConnectorRow, ConnectorsDriver
from storage.filters import Term
from storage.references import ReferencesDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WHOLE = ConnectorRow(
    id="1",
    tenant_id="acme",
    name="Tools",
    type="mcp",
    technology="mcp_http",
    status="registered",
    created_at=NOW,
    endpoint="http://127.0.0.1:9/mcp",
    capabilities=("read", "query"),
    discovered={"tools": [{"name": "add", "schema": {"type": "object"}}]},
    secrets={"api_key": "encrypted://k"},
    tags=("ai",),
    owner_id="ann",
    last_used_at=NOW,
)


def test_what_is_stored_comes_back(database: Database) -> None:
    with database.write() as connection:
        driver = ConnectorsDriver(connection)
        driver.insert(WHOLE, active=True, interval_s=60, due_at=NOW)
        assert driver.get_many(["1"]) == {"1": WHOLE}
        (row,) = driver.page("acme", type="mcp", tag="AI", sort="owner").rows
        assert (row.capabilities, row.discovered, row.last_used_at) == (
            WHOLE.capabilities,
            WHOLE.discovered,
            NOW,
        )
        assert driver.count("acme", terms=[Term(field="technology", value="mcp_h")]) == 1
        assert driver.statistics("acme").by_type == {"mcp": 1}


def test_what_was_discovered_is_changed_without_touching_the_schedule(database: Database) -> None:
    with database.write() as connection:
        ConnectorsDriver(connection).insert(WHOLE, active=True, interval_s=60, due_at=NOW)
    with database.read() as connection:
        before = revisions.read(connection)
    with database.write() as connection:
        changed = {"discovered": {"tools": []}, "capabilities": ("read",)}
        row = ConnectorsDriver(connection).update("acme", "1", changed)
        assert row is not None
        assert (row.discovered, row.capabilities, row.due_at) == ({"tools": []}, ("read",), NOW)
    with database.read() as connection:
        after = revisions.read(connection)
    assert {name for name in after if after[name] != before[name]} == {"connectors"}


def test_a_secret_is_used_by_things_of_every_kind(
    database: Database, add: Callable[..., int], add_source: Callable[..., int]
) -> None:
    add("An account", credential_ref="encrypted://k")
    add_source("a source", secrets={"password": "encrypted://k"})
    with database.write() as connection:
        ConnectorsDriver(connection).insert(WHOLE, active=True, interval_s=60, due_at=NOW)
        users = ReferencesDriver(connection).used_by("acme", "encrypted://k")
        assert [(user.kind, user.name) for user in users] == [
            ("source", "a source"),
            ("integration", "An account"),
            ("connector", "Tools"),
        ]
