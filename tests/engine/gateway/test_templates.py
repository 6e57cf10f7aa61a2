"""Registering, editing, retiring templates; what a gateway is set to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import (
    CredentialUnreadable,
    EditConflict,
    InvalidInput,
    LifecycleRefused,
    NameTaken,
    NotFound,
    ReadOnlyRefused,
)
from engine.gateway import ParameterSpec, ParameterType, SqlGatewayError, TemplateRefused
from tests.engine.gateway.conftest import BY_ID, LEAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.gateway.facade import GatewayFacade
    from engine.workspace import Workspace


async def test_a_template_is_stored_as_it_was_given(
    gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    every = tuple(
        ParameterSpec(name, kind, description=f"the {name}", **more)
        for name, kind, more in (
            ("a", ParameterType.STRING, {"max_length": 9, "pattern": "[a-z]+", "logged": True}),
            ("b", ParameterType.INTEGER, {"min_value": 1, "max_value": 5, "default": 2}),
            ("c", ParameterType.FLOAT, {"required": False}),
            ("d", ParameterType.DATE, {"min_value": "2026-01-01"}),
            ("e", ParameterType.TIMESTAMP, {"zone": "Europe/Berlin"}),
            ("f", ParameterType.STRING_LIST, {"allowed_values": ("x", "y"), "max_items": 2}),
            ("g", ParameterType.BOOLEAN, {"default": False, "required": False}),
        )
    )
    sql = (
        "SELECT id FROM orders WHERE who = :a AND id = :b AND total > :c AND who IN (:f)\n"
        " AND :d IS NOT NULL AND :e IS NOT NULL AND :g IS NOT NULL"
    )
    told = {"description": " Per  day ", "max_rows": 10, "timeout_seconds": 1.5}
    made = await register("Totals", sql=sql, parameters=every, **told)
    assert made.parameters == every
    assert made.sql == sql
    assert (made.version, made.versions) == (1, (1,))
    assert (made.max_rows, made.timeout_seconds) == (10, 1.5)
    assert made.template.description == "Per day"
    assert (made.written_by, made.template.parameters) == ("olga", 7)
    assert (made.gateway.name, made.gateway.dialect) == ("orders", "sqlite")
    assert (made.gateway.max_rows, made.gateway.timeout_seconds) == (1000, 30.0)
    assert await gateway.get_template("acme", "totals") == made
    (over,) = await gateway.list_gateways("acme")
    assert (over.thing_id, over.templates) == (source_id, 1)
    assert await gateway.get_gateway("acme", over.id) == over


async def test_a_refused_statement_is_not_stored_and_says_where(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    with pytest.raises(TemplateRefused) as caught:
        await register(sql="SELECT id FROM orders WHERE id = :least;\nDROP TABLE orders")
    assert {one.line for one in caught.value.verdict.refusals} == {2}
    assert await gateway.count_templates("acme") == 0
    assert await gateway.list_gateways("acme") == ()


async def test_checking_is_what_registering_says(gateway: GatewayFacade, source_id: str) -> None:
    ask = gateway.check_template
    assert (await ask("acme", "source", source_id, BY_ID, (LEAST,))).accepted
    assert (await ask("acme", "source", source_id, BY_ID, None)).accepted
    assert not (await ask("acme", "source", source_id, BY_ID, ())).accepted
    twice = (LEAST, LEAST)
    said = await ask("acme", "source", source_id, BY_ID, twice)
    assert "invalid_declaration" in {one.code for one in said.refusals}
    for unfit in ("", " \n", "SELECT '\0'", "SELECT '\ud800'", "SELECT 1" + " " * 100_000):
        assert not (await ask("acme", "source", source_id, unfit, ())).accepted
    with pytest.raises(NotFound):
        await ask("other", "source", source_id, BY_ID, (LEAST,))
    with pytest.raises(InvalidInput):
        await ask("acme", "integration", source_id, BY_ID, (LEAST,))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x1b[2J"}, "name"),
        ({"sql": ""}, "sql"),
        ({"sql": "SELECT '\0'"}, "sql"),
        ({"sql": "SELECT '\ud800'"}, "sql"),
        ({"sql": "SELECT 1" + " " * 100_000}, "sql"),
        ({"max_rows": 0}, "max_rows"),
        ({"max_rows": True}, "max_rows"),
        ({"max_rows": 1001}, "max_rows"),
        ({"timeout_seconds": -1}, "timeout_seconds"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds"),
        ({"timeout_seconds": 31}, "timeout_seconds"),
        ({"parameters": ("least",)}, "parameters"),
        ({"description": "a\0b"}, "description"),
    ],
)
async def test_values_that_cannot_be_stored(
    gateway: GatewayFacade, register: Callable[..., Any], more: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await register(**more)
    assert caught.value.field == field
    assert await gateway.count_templates("acme") == 0


async def test_names_are_unique_in_a_tenant_in_any_case(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    first = await register("Totals")
    with pytest.raises(NameTaken):
        await register("TOTALS")
    other = await register("other")
    with pytest.raises(NameTaken):
        await gateway.edit_template("acme", other.template.id, name="totals")
    await gateway.edit_template("acme", first.template.id, name="TOTALS")
    await gateway.delete_template("acme", first.template.id)
    await register("totals")


async def test_an_edit_of_what_runs_is_a_new_version(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    edited = await gateway.edit_template("acme", made.template.id, sql=BY_ID + " DESC")
    assert (edited.version, edited.versions) == (2, (2, 1))
    capped = await gateway.edit_template("acme", made.template.id, max_rows=3)
    assert (capped.version, capped.sql, capped.max_rows) == (3, BY_ID + " DESC", 3)
    named = await gateway.edit_template("acme", made.template.id, name="renamed", description="x")
    assert (named.version, named.template.name) == (3, "renamed")
    same = await gateway.edit_template("acme", made.template.id, sql=BY_ID + " DESC", max_rows=3)
    assert same.version == 3
    old = await gateway.get_template("acme", "renamed", version=1)
    assert (old.version, old.sql, old.max_rows) == (1, BY_ID, None)
    every = await gateway.versions("acme", made.template.id)
    assert [one.version for one in every] == [3, 2, 1]
    with pytest.raises(NotFound):
        await gateway.get_template("acme", "renamed", version=4)


async def test_a_refused_edit_changes_nothing(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    with pytest.raises(TemplateRefused):
        await gateway.edit_template("acme", made.template.id, sql="DELETE FROM orders", name="x")
    with pytest.raises(InvalidInput):
        await gateway.edit_template("acme", made.template.id, thing_id="x")
    assert await gateway.get_template("acme", made.template.id) == made


async def test_an_edit_of_what_somebody_else_changed_is_refused(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    await gateway.edit_template("acme", made.template.id, max_rows=3, expected_version=1)
    with pytest.raises(EditConflict):
        await gateway.edit_template("acme", made.template.id, max_rows=4, expected_version=1)
    assert (await gateway.get_template("acme", made.template.id)).max_rows == 3


async def test_anothers_templates_are_as_if_they_were_missing(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    for deed in (
        gateway.get_template("other", made.template.id),
        gateway.edit_template("other", made.template.id, name="x"),
        gateway.retire_template("other", made.template.id),
        gateway.restore_template("other", made.template.id),
        gateway.delete_template("other", made.template.id),
        gateway.versions("other", made.template.id),
        gateway.runs("other", made.template.id),
        gateway.run("other", made.template.id, {"least": 1}),
        gateway.get_gateway("other", made.gateway.id),
    ):
        with pytest.raises(NotFound):
            await deed
    assert await gateway.page_templates("other") == ((), ())
    assert await gateway.list_gateways("other") == ()


async def test_retired_is_not_run_until_it_is_restored(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    gone = await gateway.retire_template("acme", made.template.id)
    assert gone.status == "retired"
    assert gone.problem == "The template by-id is retired."
    with pytest.raises(LifecycleRefused):
        await gateway.run("acme", "by-id", {"least": 1})
    back = await gateway.restore_template("acme", made.template.id)
    assert (back.status, back.problem) == ("active", None)


async def test_changes_are_in_the_activity(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    await gateway.edit_template("acme", made.template.id, name="new", max_rows=3)
    await gateway.retire_template("acme", made.template.id)
    await gateway.restore_template("acme", made.template.id)
    await gateway.delete_template("acme", made.template.id)
    await gateway.set_gateway("acme", "source", source_id, max_rows=7, tables=("orders",))
    await gateway.set_gateway("acme", "source", source_id, max_rows=7)
    page = await workspace.activity.page("acme", concept="gateway")
    told = [(one.action, one.thing_name, dict(one.detail)) for one in reversed(page.items)]
    assert told == [
        ("template.registered", "by-id", {"version": 1, "gateway": "orders"}),
        ("template.edited", "new", {"changed": {"name": ["by-id", "new"]}, "version": 2}),
        ("template.retired", "new", {}),
        ("template.restored", "new", {}),
        ("template.deleted", "new", {"version": 2}),
        ("gateway.set", "orders", {"changed": {"max_rows": [1000, 7], "tables": [[], ["orders"]]}}),
    ]


async def test_a_gateway_is_set_field_by_field(gateway: GatewayFacade, source_id: str) -> None:
    made = await gateway.set_gateway(
        "acme", "source", source_id, max_rows=5, max_result_bytes=100, timeout_seconds=2
    )
    assert (made.max_rows, made.max_result_bytes, made.timeout_seconds) == (5, 100, 2.0)
    assert (made.version, made.tripwire, made.templates) == (2, True, 0)
    now = await gateway.set_gateway(
        "acme", "source", source_id, tripwire=False, tables=["a", "a", "b"], expected_version=2
    )
    assert (now.max_rows, now.tripwire, now.tables) == (5, False, ("a", "b"))
    with pytest.raises(EditConflict):
        await gateway.set_gateway("acme", "source", source_id, max_rows=9, expected_version=2)
    with pytest.raises(NotFound):
        await gateway.set_gateway("acme", "source", "no-such", max_rows=9)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_rows", 0),
        ("max_rows", "5"),
        ("max_rows", 10**9),
        ("max_result_bytes", 0),
        ("max_result_bytes", 2**40),
        ("timeout_seconds", 0),
        ("timeout_seconds", float("inf")),
        ("timeout_seconds", 4000),
        ("tripwire", 1),
        ("tables", "orders"),
        ("tables", [""]),
        ("tables", ["a\0"]),
        ("colour", "red"),
        ("username", "reader"),
        ("password", "s3cret-canary"),
    ],
)
async def test_what_a_gateway_cannot_be_set_to(
    gateway: GatewayFacade, source_id: str, field: str, value: Any
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await gateway.set_gateway("acme", "source", source_id, **{field: value})
    assert caught.value.field in {field, "username"}
    assert "canary" not in str(caught.value.to_dict())
    assert await gateway.list_gateways("acme") == ()


async def test_the_roles_password_is_encrypted_used_and_goes_with_its_last_use(
    workspace: Workspace, gateway: GatewayFacade
) -> None:
    made = await workspace.sources.register_source(
        "acme", "pg", "database", {"host": "db.example", "database": "x"}, technology="postgresql"
    )
    over = await gateway.set_gateway(
        "acme", "source", made.source_id, username="reader", password="s3cret-canary"
    )
    assert over.credential_ref is not None
    assert over.credential_ref.startswith("encrypted://")
    service = workspace.credentials.of_tenant("acme")
    assert (await service.get(over.credential_ref)).value == "s3cret-canary"
    page = await workspace.activity.page("acme", concept="gateway")
    assert "canary" not in str(page)
    assert page.items[0].detail["changed"]["credential_ref"] == "changed"
    again = await gateway.set_gateway(
        "acme", "source", made.source_id, username=None, credential_ref=None
    )
    assert (again.username, again.credential_ref) == (None, None)
    with pytest.raises(CredentialUnreadable, match="gone"):
        await service.get(over.credential_ref)
    with pytest.raises(NotFound) as missing:
        await gateway.set_gateway(
            "acme", "source", made.source_id, credential_ref="encrypted://no-such"
        )
    assert missing.value.field == "credential_ref"


async def test_lowered_caps_hold_for_templates_that_asked_for_more(
    gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    await register(max_rows=8)
    await gateway.set_gateway("acme", "source", source_id, max_rows=3)
    result = await gateway.run("acme", "by-id", {"least": 0})
    assert (result.row_count, result.truncated_by) == (3, "rows")


async def test_offers_tell_what_templates_may_be_registered_for(
    workspace: Workspace, gateway: GatewayFacade, source_id: str
) -> None:
    await workspace.sources.register_source(
        "acme", "snow", "database", {"host": "x.example"}, technology="snowflake"
    )
    await workspace.connectors.register_connector(
        "acme", "billing", "sql", "postgresql://reader@db.example/billing"
    )
    await workspace.connectors.register_connector("acme", "web", "http", "https://api.example")
    found = {one.name: one for one in await gateway.offers("acme")}
    assert {name: (one.kind, one.dialect) for name, one in found.items()} == {
        "billing": ("connector", "postgres"),
        "orders": ("source", "sqlite"),
        "snow": ("source", None),
    }
    assert found["snow"].problem == (
        "The gateway has no rules for snowflake, so nothing can be registered or run there."
    )
    with pytest.raises(SqlGatewayError) as caught:
        await gateway.register_template(
            "acme", kind="source", thing_id=found["snow"].thing_id, name="x", sql="SELECT 1"
        )
    assert caught.value.code == "no_rules"
    made = await gateway.register_template(
        "acme", kind="connector", thing_id=found["billing"].thing_id, name="x", sql="SELECT 1"
    )
    assert (made.gateway.kind, made.gateway.dialect) == ("connector", "postgres")
    assert [one.name for one in await gateway.offers("acme", query="bill")] == ["billing"]


async def test_nothing_is_changed_in_read_only_mode(
    opened: Callable[..., Workspace], register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    facade = opened(read_only=True).gateway
    for deed in (
        facade.register_template(
            "acme", kind="source", thing_id=source_id, name="x", sql="SELECT 1"
        ),
        facade.edit_template("acme", made.template.id, name="x"),
        facade.retire_template("acme", made.template.id),
        facade.delete_template("acme", made.template.id),
        facade.set_gateway("acme", "source", source_id, max_rows=1),
        facade.run("acme", "by-id", {"least": 1}),
    ):
        with pytest.raises(ReadOnlyRefused):
            await deed
    said = await facade.check_template("acme", "source", source_id, "SELECT 1", ())
    assert said.accepted
    assert (await facade.get_template("acme", "by-id")).template.runs == 0


async def test_what_is_over_a_source_with_roles_is_there_for_who_has_one(
    workspace: Workspace,
    opened: Callable[..., Workspace],
    register: Callable[..., Any],
    source_id: str,
) -> None:
    made = await register()
    await workspace.sources.grant_access("acme", source_id, "hr")
    stranger, member = opened(roles=("it",)).gateway, opened(roles=("hr",)).gateway
    for deed in (
        stranger.get_template("acme", "by-id"),
        stranger.run("acme", "by-id", {"least": 1}),
        stranger.edit_template("acme", made.template.id, name="x"),
        stranger.check_template("acme", "source", source_id, "SELECT 1", ()),
        stranger.set_gateway("acme", "source", source_id, max_rows=1),
        stranger.get_gateway("acme", made.gateway.id),
    ):
        with pytest.raises(NotFound):
            await deed
    assert await stranger.count_templates("acme") == 0
    assert await stranger.offers("acme") == ()
    assert (await member.get_template("acme", "by-id")).template.id == made.template.id
    assert (await member.run("acme", "by-id", {"least": 8})).row_count == 2
