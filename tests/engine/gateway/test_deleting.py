"""A gateway is deleted with its templates; what ran there stays on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import EditConflict, NotFound, ReadOnlyRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.gateway.facade import GatewayFacade
    from engine.workspace import Workspace


async def test_its_templates_go_with_it_and_the_activity_stays(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    await gateway.run("acme", "by-id", {"least": 9})
    other = await register("other")
    await gateway.retire_template("acme", other.template.id)
    gone = await gateway.delete_gateway("acme", made.gateway.id)
    assert (gone.id, gone.name, gone.templates) == (made.gateway.id, "orders", 1)
    assert await gateway.list_gateways("acme") == ()
    assert await gateway.page_templates("acme") == ((), ())
    for deed in (
        gateway.run("acme", "by-id", {"least": 9}),
        gateway.get_template("acme", other.template.id),
        gateway.get_gateway("acme", gone.id),
        gateway.delete_gateway("acme", gone.id),
    ):
        with pytest.raises(NotFound):
            await deed
    page = await workspace.activity.page("acme", concept="gateway")
    told = [(one.action, one.thing_name, dict(one.detail)) for one in page.items[:3]]
    detail = {"version": 1, "gateway": "orders"}
    assert told == [
        ("gateway.deleted", "orders", {"templates": 2}),
        ("template.deleted", "other", detail),
        ("template.deleted", "by-id", detail),
    ]
    assert "gateway.run" in {one.action for one in page.items}


async def test_the_source_may_have_another_with_the_defaults(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    await gateway.set_gateway("acme", "source", source_id, max_rows=7, tables=("orders",))
    await gateway.delete_gateway("acme", made.gateway.id, expected_version=2)
    (offer,) = await gateway.offers("acme")
    assert offer.gateway_id is None
    assert (await workspace.sources.get_source("acme", source_id)).name == "orders"
    again = await register()
    assert again.gateway.id != made.gateway.id
    assert (again.gateway.max_rows, again.gateway.tables) == (1000, ())
    assert (await gateway.run("acme", "by-id", {"least": 9})).row_count == 1
    assert await gateway.runs("acme", again.template.id) != ()


async def test_the_secret_of_its_role_is_removed(
    workspace: Workspace, gateway: GatewayFacade
) -> None:
    config = {"host": "127.0.0.1", "port": 9, "database": "x", "username": "app"}
    made = await workspace.sources.register_source(
        "acme", "far", "database", config, technology="postgresql", activate=True
    )
    over = await gateway.set_gateway(
        "acme", "source", made.source_id, username="reader", password="canary-role"
    )
    assert await workspace.credentials.count_references("acme") == 1
    await gateway.delete_gateway("acme", over.id)
    assert await workspace.credentials.count_references("acme") == 0


async def test_one_that_was_changed_meanwhile_is_not_deleted(
    gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    await gateway.set_gateway("acme", "source", source_id, max_rows=7)
    with pytest.raises(EditConflict):
        await gateway.delete_gateway("acme", made.gateway.id, expected_version=made.gateway.version)
    assert (await gateway.get_template("acme", "by-id")).gateway.max_rows == 7


async def test_who_may_not_change_or_see_it_does_not_delete_it(
    workspace: Workspace,
    gateway: GatewayFacade,
    register: Callable[..., Any],
    opened: Callable[..., Workspace],
    source_id: str,
) -> None:
    made = await register()
    with pytest.raises(ReadOnlyRefused):
        await opened(read_only=True).gateway.delete_gateway("acme", made.gateway.id)
    with pytest.raises(NotFound):
        await gateway.delete_gateway("other", made.gateway.id)
    await workspace.sources.grant_access("acme", source_id, "hr")
    with pytest.raises(NotFound):
        await opened(roles=("it",)).gateway.delete_gateway("acme", made.gateway.id)
    await opened(roles=("hr",)).gateway.delete_gateway("acme", made.gateway.id)
    told = await opened(roles=("it",)).activity.page("acme", concept="gateway")
    assert told.items == ()


async def test_what_a_deleted_source_left_behind_can_be_deleted(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    await workspace.sources.delete_source("acme", source_id)
    gone = await gateway.delete_gateway("acme", made.gateway.id)
    assert gone.problem == "The source orders was deleted, so nothing can run on it."
    assert await gateway.list_gateways("acme") == ()
