from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.connectors.inputs import technologies_of
from engine.demo.world import TENANTS
from engine.probes.registry import get_technology

if TYPE_CHECKING:
    from engine.demo.things import Connector, Source

ACCOUNTS = [account for tenant in TENANTS for account in tenant.accounts]
SOURCES = [source for tenant in TENANTS for source in tenant.sources]
CONNECTORS = [connector for tenant in TENANTS for connector in tenant.connectors]


def test_the_world_is_a_company() -> None:
    assert len(TENANTS) == 3
    assert 40 <= len(ACCOUNTS) <= 50
    assert 20 <= len(SOURCES) <= 32
    assert 10 <= len(CONNECTORS) <= 16
    assert {account.provider for account in ACCOUNTS} == {
        "openai",
        "anthropic",
        "azure_openai",
        "bedrock",
        "google",
        "custom",
    }
    for tenant in TENANTS:
        for things in (tenant.accounts, tenant.sources, tenant.connectors):
            names = [thing.name for thing in things]
            assert names
            assert len(names) == len(set(names))


def test_what_closes_or_asks_for_no_key_has_a_door_of_its_own() -> None:
    assert all(account.own_door for account in ACCOUNTS if account.script.ever_refuses)
    assert all(account.own_door for account in ACCOUNTS if account.keyless)


def test_every_type_is_there_and_every_status_of_an_operator() -> None:
    types = {get_technology(source.technology).type for source in SOURCES}
    assert types == {"database", "document", "file", "vector", "api", "stream"}
    assert {source.status for source in SOURCES} == {"active", "pending", "inactive", "deprecated"}
    assert {connector.type for connector in CONNECTORS} == {
        *("http", "sql", "mcp", "vector", "file", "serverless", "stream")
    }
    assert {connector.status for connector in CONNECTORS} == {"registered", "disconnected"}


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.name)
def test_a_connector_speaks_what_its_type_speaks(connector: Connector) -> None:
    assert get_technology(connector.technology) in technologies_of(connector.type)


@pytest.mark.parametrize("thing", [*SOURCES, *CONNECTORS], ids=lambda thing: thing.name)
def test_everything_has_an_owner_tags_and_a_line_about_it(thing: Source | Connector) -> None:
    assert thing.owner
    assert thing.tags
    assert thing.description


def test_one_source_is_for_administrators_of_databases_alone() -> None:
    assert [(source.name, source.roles) for source in SOURCES if source.roles] == [
        ("payroll", ("dba",))
    ]


def test_some_technologies_need_a_driver_that_the_demo_does_not_install() -> None:
    installed = {"postgres", "duckdb", "redis", "files", "mcp"}
    extras = {get_technology(thing.technology).extra for thing in (*SOURCES, *CONNECTORS)}
    missing = extras - installed - {None}
    assert missing == {"mysql", "oracle", "mongodb", "mqtt", "sftp"}
