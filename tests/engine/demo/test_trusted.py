"""Templates, policies and credentials of the demo: as they are told, on the run's real files."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.demo.agents.entrusting import entrust
from engine.demo.agents.ledger import Ledger
from engine.demo.agents.plan import Caller
from engine.demo.agents.preventing import of_call
from engine.demo.agents.querying import Querying
from engine.demo.files import write_files
from engine.demo.outside import Outside, reference_of
from engine.demo.placing import place
from engine.demo.registering import register
from engine.demo.things import Account, Agent
from engine.demo.trust import trust
from engine.demo.trusted import Trusted
from engine.demo.world import ACME, TENANTS
from engine.gateway import ParameterType, SqlGatewayError, SqlInjectionAttemptError
from engine.gateway.parameters.notation import parse_declaration
from engine.limits.results import Decision
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.demo.things import Tenant

GOVERNED = {tenant.id: tenant.trusted for tenant in TENANTS}
TEMPLATES = [one for trusted in GOVERNED.values() for one in trusted.templates]
POLICIES = ACME.trusted.policies
CALLER = Caller(
    tenant_id="acme-prod",
    agent=Agent(name="bot", integration="gpt-prod", per_minute=1),
    provider="openai",
    model="gpt-4.1",
    base_url="http://127.0.0.1:1",
    secret="sk-planted",
)


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    """One with every tenant's files, policies and templates in it, without credentials."""
    write_files(tmp_path)
    opened = Workspace.open(Settings(database=f"sqlite:///{tmp_path / 'x.db'}", monitor="off"))
    for tenant in TENANTS:
        await opened.tenants.ensure(tenant.id, tenant.name)
        await _places(opened, tenant, tmp_path)
        await entrust(opened, tenant.id, replace(tenant.trusted, notes=()))
    yield opened
    await opened.aclose()


async def _places(workspace: Workspace, tenant: Tenant, folder: Path) -> None:
    """Register what the tenant's templates run on."""
    named = {one.place for one in tenant.trusted.templates}
    sources = tuple(one for one in tenant.sources if one.name in named)
    connectors = tuple(one for one in tenant.connectors if one.name in named)
    here = replace(tenant, accounts=(), sources=sources, connectors=connectors)
    for placed in place(here):
        await register(workspace, placed, {}, folder)


def test_what_is_trusted_goes_through_a_pipe_whole() -> None:
    for trusted in GOVERNED.values():
        assert Trusted.from_dict(json.loads(json.dumps(trusted.to_dict()))) == trusted


def test_every_name_is_of_something_there_and_every_kind_is_shown() -> None:
    for tenant in TENANTS:
        accounts = {one.name for one in tenant.accounts}
        assert {note.integration for note in tenant.trusted.notes} <= accounts
        places = {("source", one.name) for one in tenant.sources}
        places |= {("connector", one.name) for one in tenant.connectors}
        assert {(one.kind, one.place) for one in tenant.trusted.templates} <= places
    specs = [parse_declaration(line) for one in TEMPLATES for line in one.parameters]
    assert {spec.param_type for spec in specs} == set(ParameterType)
    assert any(one.former for one in TEMPLATES)
    assert any(one.retired for one in TEMPLATES)


async def test_every_value_meets_what_it_is_told_to(workspace: Workspace) -> None:
    run, cut = workspace.gateway.run, []
    for tenant_id, trusted in GOVERNED.items():
        for template in trusted.templates:
            for values in () if template.retired else template.asked:
                if template.place == "imaging-index":
                    with pytest.raises(SqlGatewayError, match="no file"):
                        await run(tenant_id, template.name, values)
                    continue
                found = await run(tenant_id, template.name, values)
                assert found.row_count, (template.name, values)
                cut.append(found.truncated)
            for values in template.mistaken:
                with pytest.raises(SqlGatewayError) as refused:
                    await run(tenant_id, template.name, values)
                assert refused.value.code in {"invalid_parameter", "missing_parameter"}
            for values in template.attacks:
                with pytest.raises(SqlInjectionAttemptError):
                    await run(tenant_id, template.name, values)
    assert {True, False} == set(cut)


async def test_a_round_leaves_runs_alarms_and_drills_behind(workspace: Workspace) -> None:
    ledger, acme = Ledger(workspace), ACME.trusted
    querying = Querying(workspace, ledger, ACME.id, acme)
    await querying.round()
    search = next(one for one in acme.templates if one.attacks)
    await querying.ask(search, search.attacks[0])
    blocked = Decision(outcome="blocked", reason="x", measure="rate", scope="integration")
    candidate = of_call(POLICIES, CALLER, blocked)
    assert candidate is not None
    ledger.prevented(candidate)
    await ledger.write()
    await ledger.write()
    records, _ = await workspace.prevention.page_records(ACME.id, descending=False)
    assert [(one.policy_id, one.is_simulated) for one in records] == [
        ("injection-guard", True),
        ("injection-guard", False),
        ("call-rate-guard", False),
    ]
    assert records[0].pattern_id.startswith("tripwire/")
    assert records[0].pattern_id != "tripwire/"
    assert all(" OR " not in str(one.body) for one in records)
    told = await trust(workspace, [tenant.id for tenant in TENANTS])
    outcomes = told["gateway"]["outcomes"]
    assert outcomes["alarm"] == told["gateway"]["alarms"] == 2
    assert outcomes["truncated"] == 1
    assert outcomes["refused"] == sum(1 for one in acme.templates if one.mistaken)
    assert told["gateway"]["runs"] == sum(outcomes.values())
    assert told["prevention"] == {
        "records": 3,
        "simulated": 1,
        "verified": 3,
        "faults": 0,
        "policies": sum(len(one.policies) for one in GOVERNED.values()),
        "graduated": 0,
    }


async def test_enough_blocked_calls_graduate_a_policy(workspace: Workspace) -> None:
    ledger, policy = Ledger(workspace), POLICIES[0]
    blocked = Decision(outcome="blocked", reason="x", measure="rate", scope="integration")
    for _ in range(policy.needed):
        candidate = of_call(POLICIES, CALLER, blocked)
        assert candidate is not None
        ledger.prevented(candidate)
    await ledger.write()
    found, _ = await workspace.prevention.graduation_of(ACME.id, policy.id)
    assert (found.counting, found.graduated) == (policy.needed, True)


def test_a_block_that_no_active_policy_is_about_proves_nothing() -> None:
    blocked = Decision(outcome="blocked", reason="x", measure="rate", scope="integration")
    assert of_call([replace(POLICIES[0], mode="shadow")], CALLER, blocked) is None
    assert of_call([POLICIES[0]], CALLER, replace(blocked, measure="budget")) is None


async def test_credentials_have_names_and_ends(tmp_path: Path) -> None:
    opened = Workspace.open(Settings(database=f"sqlite:///{tmp_path / 'x.db'}", monitor="off"))
    try:
        await opened.tenants.ensure(ACME.id)
        for note in ACME.trusted.notes:
            await opened.integrations.create_integration(
                ACME.id, note.integration, "openai", secret="sk-planted"
            )
        await entrust(opened, ACME.id, replace(ACME.trusted, templates=(), policies=()))
        listed, _ = await opened.credentials.page_references(ACME.id)
        assert {one.label for one in listed} == {one.label for one in ACME.trusted.notes}
        told = (await trust(opened, [ACME.id]))["credentials"]
        assert told["expiring"] == 2
        assert told["counts"]["expired"] == 1
    finally:
        await opened.aclose()


def test_secrets_outside_are_there_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = place(ACME)
    there = {one.thing.name: one for one in placed}
    exported, mounted = there["azure-us"], there["llama-gpu-01"]
    assert isinstance(exported.thing, Account)
    assert isinstance(mounted.thing, Account)
    monkeypatch.setenv(exported.thing.variable, "the visitor's own")
    outside = Outside(placed, tmp_path)
    try:
        assert os.environ[exported.thing.variable] == exported.secret
        reference = reference_of(mounted.thing, tmp_path)
        assert reference is not None
        found = _read(reference)
        assert found == mounted.secret
    finally:
        outside.close()
    assert os.environ[exported.thing.variable] == "the visitor's own"
    outside.close()
    assert os.environ[exported.thing.variable] == "the visitor's own"


def _read(reference: str) -> str:
    from engine.credentials.backends.files import FileBackend

    return FileBackend().get(reference.removeprefix("file://")).value.strip()
