"""Runs on a real PostgreSQL: over a connector, as a role of the gateway's own."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import LampboardError
from engine.gateway import ParameterSpec, ParameterType
from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.gateway.facade import GatewayFacade
    from engine.workspace import Workspace

POSTGRES = os.environ.get("LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[str, str, str]]:
    """A database with orders, its URL, and a role that may only look; skips without a server."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    name = f"gateway_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True)
    except psycopg.OperationalError as error:
        missing("postgresql", f"PostgreSQL does not answer ({type(error).__name__})")
    with admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'role-secret'".encode())
        with psycopg.connect(make_conninfo(POSTGRES, dbname=name), autocommit=True) as there:
            there.execute("CREATE TABLE orders (id int, who text)")
            there.execute("INSERT INTO orders SELECT n, 'who-' || n FROM generate_series(1, 9) n")
            there.execute(f"GRANT SELECT ON orders TO {name}".encode())
            info = there.info
            url = f"postgresql://{info.user}@{info.host}:{info.port}/{name}"
    yield url, name, "role-secret"
    with psycopg.connect(POSTGRES, autocommit=True) as again:
        again.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        again.execute(f"DROP ROLE {name}".encode())


@pytest.fixture
async def on_postgres(
    workspace: Workspace, gateway: GatewayFacade, postgres: tuple[str, str, str]
) -> Callable[..., Any]:
    """Registers a template on a connector to it."""
    made = await workspace.connectors.register_connector("acme", "orders", "sql", postgres[0])

    async def do(sql: str, *parameters: ParameterSpec) -> str:
        await gateway.register_template(
            "acme", kind="connector", thing_id=made.id, name="t", sql=sql, parameters=parameters
        )
        return made.id

    return do


@pytest.mark.postgres
async def test_a_connector_is_a_place_to_run_too(
    gateway: GatewayFacade, on_postgres: Callable[..., Any]
) -> None:
    ids = ParameterSpec("ids", ParameterType.INTEGER_LIST)
    await on_postgres("SELECT id, who FROM orders WHERE id IN (:ids) ORDER BY id", ids)
    result = await gateway.run("acme", "t", {"ids": [2, 4]})
    assert result.rows == ((2, "who-2"), (4, "who-4"))


@pytest.mark.postgres
async def test_a_role_of_the_gateways_own_logs_in(
    gateway: GatewayFacade, on_postgres: Callable[..., Any], postgres: tuple[str, str, str]
) -> None:
    _, role, password = postgres
    thing = await on_postgres("SELECT current_user::text AS who, count(*) AS n FROM orders")
    before = await gateway.run("acme", "t", {})
    assert before.rows[0][0] != role
    await gateway.set_gateway("acme", "connector", thing, username=role, password=password)
    after = await gateway.run("acme", "t", {})
    assert after.rows == ((role, 9),)
    await gateway.set_gateway("acme", "connector", thing, username=None, credential_ref=None)
    assert (await gateway.run("acme", "t", {})).rows == before.rows


@pytest.mark.postgres
async def test_a_secret_that_cannot_be_read_is_told_and_recorded(
    gateway: GatewayFacade, on_postgres: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    thing = await on_postgres("SELECT 1 AS one")
    await gateway.set_gateway("acme", "connector", thing, credential_ref="env://NO_SUCH_SECRET")
    with pytest.raises(LampboardError) as caught:
        await gateway.run("acme", "t", {})
    assert caught.value.code == "credential_unreadable"
    (run, *_) = await gateway.runs("acme", (await gateway.get_template("acme", "t")).template.id)
    assert (run.outcome, run.message) == ("failed", caught.value.message)
