"""Runs of stored templates: what comes back, what is kept open, what the activity says of each."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import LifecycleRefused, NotFound, WorkspaceError
from engine.gateway import (
    ParameterSpec,
    ParameterType,
    SqlGatewayError,
    SqlInjectionAttemptError,
    SqlQueryResult,
    TemplateRefused,
)
from engine.gateway.results import TemplatesHeadline
from engine.gateway.runs import MAX_TOLD, Runner
from tests.engine.credentials.elsewhere import SECRET, Elsewhere, keep_elsewhere
from tests.engine.gateway.conftest import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.clock import FixedClock
    from engine.gateway.executing import Plan
    from engine.gateway.facade import GatewayFacade
    from engine.gateway.results import TemplateDetail, TemplateRun
    from engine.probes.place import Place
    from engine.workspace import Workspace

ATTACK = "canary-' OR '1'='1' --"
BY_WHO = "SELECT id FROM orders WHERE who = :who"
WHO = ParameterSpec("who", ParameterType.STRING)


async def last(gateway: GatewayFacade, template: TemplateDetail) -> TemplateRun:
    (found, *_) = await gateway.runs("acme", template.template.id)
    return found


async def test_rows_come_back_and_the_run_is_recorded(
    gateway: GatewayFacade, register: Callable[..., Any], clock: FixedClock
) -> None:
    made = await register()
    result = await gateway.run("acme", "BY-ID", {"least": 8})
    assert result.rows == ((8, "who-8", 4.0), (9, "who-9", 4.5))
    assert [column.name for column in result.columns] == ["id", "who", "total"]
    assert (result.template_id, result.version) == (made.template.id, 1)
    run = await last(gateway, made)
    assert (run.outcome, run.version, run.actor, run.at) == ("ok", 1, "olga", clock.now())
    assert (run.rows, run.result_bytes) == (2, result.result_bytes)
    assert run.parameters == {"least": "***"}
    now = (await gateway.get_template("acme", "by-id")).template
    assert (now.runs, now.last_outcome, now.last_run_at) == (1, "ok", clock.now())


async def test_values_are_told_only_where_the_declaration_says_so(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    kinds = (
        ("day", ParameterType.DATE, "2026-11-01", "2026-11-01"),
        ("ids", ParameterType.INTEGER_LIST, list(range(50)), list(range(20))),
        ("text", ParameterType.STRING, "a" * 500, "a" * MAX_TOLD),
        ("id", ParameterType.UUID, "1b4e28ba-2fa1-11d2-883f-0016d3cca427", None),
        ("yes", ParameterType.BOOLEAN, True, True),
    )
    specs = tuple(ParameterSpec(name, kind, logged=True) for name, kind, _, _ in kinds)
    sql = "SELECT 1 WHERE :day IS NULL AND 1 IN (:ids) AND :text = 'x' AND :id = 'x' AND :yes"
    made = await register(sql=f"{sql} AND 1 = :silent", parameters=(
        *specs, ParameterSpec("silent", ParameterType.STRING, required=False),
    ))  # fmt: skip
    given = {name: value for name, _, value, _ in kinds} | {"silent": "canary"}
    await gateway.run("acme", "by-id", given)
    told = {name: value if said is None else said for name, _, value, said in kinds}
    assert (await last(gateway, made)).parameters == {**told, "silent": "***"}


async def test_an_alarm_is_recorded_and_the_value_is_not(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    logged = ParameterSpec("who", ParameterType.STRING, logged=True)
    made = await register(sql=BY_WHO, parameters=(logged,))
    with pytest.raises(SqlInjectionAttemptError):
        await gateway.run("acme", "by-id", {"who": ATTACK})
    run = await last(gateway, made)
    assert (run.outcome, run.parameters, run.rows) == ("alarm", {"who": "***"}, None)
    page = await workspace.activity.page("acme")
    assert "canary" not in str(page)
    assert page.items[0].detail["field"] == "who"
    assert (await gateway.get_template("acme", "by-id")).template.last_outcome == "alarm"
    await gateway.retire_template("acme", made.template.id)
    assert await gateway.headline("acme") == TemplatesHeadline(
        templates=1, retired=1, outcomes={"alarm": 1}
    )
    assert (await gateway.headline("globex")).outcomes == {}


async def test_with_the_tripwire_out_an_attack_is_only_a_value(
    gateway: GatewayFacade, register: Callable[..., Any], source_id: str, orders: Path
) -> None:
    await gateway.set_gateway("acme", "source", source_id, tripwire=False)
    await register(sql="SELECT :who AS said", parameters=(WHO,))
    result = await gateway.run("acme", "by-id", {"who": ATTACK})
    assert result.rows == ((ATTACK,),)
    with sqlite3.connect(orders) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (10,)
    connection.close()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "missing_parameter"),
        ({"least": "1"}, "invalid_parameter"),
        ({"least": -1}, "invalid_parameter"),
        ({"least": 1, "canary": 2}, "unknown_parameter"),
        ({"least": 1, "a'; --canary": 2}, "unknown_parameter"),
        ("canary", "invalid_parameter"),
    ],
)
async def test_refused_values_are_recorded_by_name_alone(
    workspace: Workspace,
    gateway: GatewayFacade,
    register: Callable[..., Any],
    given: Any,
    code: str,
) -> None:
    made = await register()
    with pytest.raises(SqlGatewayError) as caught:
        await gateway.run("acme", "by-id", given)
    assert caught.value.code == code
    run = await last(gateway, made)
    assert run.outcome == "refused"
    assert run.message == caught.value.message
    assert set(run.parameters) <= {"least"}
    page = await workspace.activity.page("acme")
    assert page.items[0].detail["code"] == code
    assert "--" not in str(page)


async def test_a_run_that_the_database_refuses_is_recorded_as_failed(
    gateway: GatewayFacade, register: Callable[..., Any], orders: Path
) -> None:
    made = await register()
    with sqlite3.connect(orders) as connection:
        connection.execute("DROP TABLE orders")
    connection.close()
    with pytest.raises(SqlGatewayError) as caught:
        await gateway.run("acme", "by-id", {"least": 1})
    run = await last(gateway, made)
    assert (run.outcome, run.message) == ("failed", caught.value.message)


async def test_a_run_may_name_its_version(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    await gateway.edit_template("acme", made.template.id, sql="SELECT 'new' AS word", parameters=())
    assert (await gateway.run("acme", "by-id", {})).rows == (("new",),)
    old = await gateway.run("acme", "by-id", {"least": 9}, version=1)
    assert (old.version, old.row_count) == (1, 1)
    assert (await last(gateway, made)).version == 1
    with pytest.raises(NotFound):
        await gateway.run("acme", "by-id", {}, version=3)


async def test_truncation_is_told_and_recorded(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register(max_rows=4)
    result = await gateway.run("acme", "by-id", {"least": 0})
    assert (result.row_count, result.truncated, result.truncated_by) == (4, True, "rows")
    run = await last(gateway, made)
    assert (run.outcome, run.rows) == ("truncated", 4)


async def test_what_was_registered_before_the_rules_changed_is_judged_again(
    gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    await gateway.run("acme", "by-id", {"least": 9})
    await gateway.set_gateway("acme", "source", source_id, tables=("customers",))
    with pytest.raises(TemplateRefused):
        await gateway.run("acme", "by-id", {"least": 9})
    assert (await last(gateway, made)).outcome == "refused"


async def test_what_was_put_into_the_table_past_registration_is_not_run(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any], orders: Path
) -> None:
    await register()
    with workspace.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE template_versions SET sql = 'DELETE FROM orders WHERE id >= :least'"
        )
    with pytest.raises(TemplateRefused):
        await gateway.run("acme", "by-id", {"least": 0})
    with sqlite3.connect(orders) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (10,)
    connection.close()


async def test_templates_of_a_deleted_source_say_why_they_cannot_run(
    workspace: Workspace, gateway: GatewayFacade, register: Callable[..., Any], source_id: str
) -> None:
    made = await register()
    await workspace.sources.deactivate_source("acme", source_id)
    with pytest.raises(LifecycleRefused, match="inactive"):
        await gateway.run("acme", "by-id", {"least": 9})
    await workspace.sources.delete_source("acme", source_id)
    with pytest.raises(LifecycleRefused) as caught:
        await gateway.run("acme", "by-id", {"least": 9})
    assert caught.value.message == "The source orders was deleted, so nothing can run on it."
    ((found,), _) = await gateway.page_templates("acme")
    assert found.problem == caught.value.message
    (over,) = await gateway.list_gateways("acme")
    assert over.problem == caught.value.message
    assert await gateway.offers("acme") == ()
    assert [run.outcome for run in await gateway.runs("acme", made.template.id)] == ["refused"] * 2


async def test_a_source_that_leads_elsewhere_is_reached_there(
    workspace: Workspace,
    gateway: GatewayFacade,
    register: Callable[..., Any],
    source_id: str,
    tmp_path: Path,
) -> None:
    await register()
    await gateway.run("acme", "by-id", {"least": 9})
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, who TEXT, total REAL)")
        connection.execute("INSERT INTO orders VALUES (77, 'x', 0)")
    connection.close()
    await workspace.sources.update_source("acme", source_id, config={"database": str(other)})
    result = await gateway.run("acme", "by-id", {"least": 9})
    assert [row[0] for row in result.rows] == [77]


async def test_many_runs_at_once_are_all_counted(
    gateway: GatewayFacade, register: Callable[..., Any]
) -> None:
    made = await register()
    runs = (gateway.run("acme", "by-id", {"least": n % 10}) for n in range(20))
    found = await asyncio.gather(*runs)
    assert [result.row_count for result in found] == [10 - n % 10 for n in range(20)]
    assert (await gateway.get_template("acme", "by-id")).template.runs == 20
    assert len(await gateway.runs("acme", made.template.id, limit=50)) == 20


async def test_a_result_that_could_not_be_recorded_is_not_handed_out(
    gateway: GatewayFacade, register: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await register()

    async def away(*_: object) -> None:
        raise WorkspaceError("The database is locked.", temporary=True)

    monkeypatch.setattr(Runner, "_ended", away)
    with pytest.raises(WorkspaceError):
        await gateway.run("acme", "by-id", {"least": 9})


async def test_a_run_that_was_given_up_is_on_record(
    gateway: GatewayFacade, register: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await register()
    driver = Waiting()
    monkeypatch.setattr("engine.gateway.executing.driver_for", lambda *_: driver)
    task = asyncio.create_task(gateway.run("acme", "by-id", {"least": 9}))
    await driver.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    run = await last(gateway, made)
    assert (run.outcome, run.message) == ("failed", "It was given up before it ended.")


async def test_an_unforeseen_error_is_on_record_without_its_text(
    gateway: GatewayFacade, register: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await register()

    class Broken(Waiting):
        async def run(self, _plan: Plan) -> SqlQueryResult:
            raise RuntimeError("canary")

    monkeypatch.setattr("engine.gateway.executing.driver_for", lambda *_: Broken())
    with pytest.raises(RuntimeError):
        await gateway.run("acme", "by-id", {"least": 9})
    run = await last(gateway, made)
    assert (run.outcome, run.message) == ("failed", "Something went wrong inside (RuntimeError).")


async def test_all_secrets_of_a_run_are_asked_for_together(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2, timeout=60)  # nobody is answered before both are asked for
    elsewhere = Elsewhere()
    keep_elsewhere(workspace, elsewhere)
    gateway = workspace.gateway
    config = {"host": "127.0.0.1", "port": 9, "database": "x", "username": "app"}
    made = await workspace.sources.register_source(
        "acme", "far", "database", config | {"password": "vault://secret/app#thing"},
        technology="postgresql", activate=True,
    )  # fmt: skip
    await gateway.set_gateway(
        "acme", "source", made.source_id, username="reader", credential_ref="vault://secret/app#own"
    )
    await gateway.register_template(
        "acme", kind="source", thing_id=made.source_id, name="t", sql="SELECT 1 AS one"
    )
    reached: list[Place] = []

    def meet() -> None:
        both.wait()

    driver = Waiting()
    driver.go.set()

    def made_for(place: Place, *_: object) -> Waiting:
        reached.append(place)
        return driver

    monkeypatch.setattr("engine.gateway.executing.driver_for", made_for)
    elsewhere.look = meet
    await gateway.run("acme", "t", {})
    assert elsewhere.most_at_once == 2
    (place,) = reached
    assert (place.username, place.password) == ("reader", SECRET)
