from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from engine.errors import LampboardError
from engine.sources import (
    CustomerDataSource,
    DataSourceConfig,
    DataSourceError,
    DataSourceStats,
    DataSourceStatus,
    DataSourceType,
    TestConnectionResult,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def made(**more: object) -> CustomerDataSource:
    told: dict[str, object] = {"config": DataSourceConfig(host="db", password="planted")}
    return CustomerDataSource("s-1", "acme", "orders", DataSourceType.DATABASE, **(told | more))  # type: ignore[arg-type]


def test_types_and_statuses_are_those_that_callers_know() -> None:
    assert [str(one) for one in DataSourceType] == [
        *("database", "document", "file", "vector", "api", "stream", "custom"),
    ]
    assert [str(one) for one in DataSourceStatus] == [
        *("pending", "configuring", "active", "inactive", "error", "deprecated"),
    ]
    assert isinstance(DataSourceType.API, str)


def test_a_new_one_is_pending_and_knows_nothing() -> None:
    source = made()
    assert source.status is DataSourceStatus.PENDING
    assert (source.tags, source.metadata, source.access_roles) == ([], {}, [])
    assert (source.connection_count, source.error_count, source.last_connected) == (0, 0, None)
    assert source.created_at.tzinfo is UTC


def test_connections_and_errors_are_counted() -> None:
    source = made()
    source.record_connection(NOON)
    source.record_connection(NOON)
    assert (source.connection_count, source.last_connected) == (2, NOON)
    source.record_error("refused", NOON)
    assert (source.status, source.error_count, source.last_error) == ("error", 1, "refused")
    source.activate(NOON)
    assert (source.status, source.error_count, source.last_error) == ("active", 1, None)
    assert source.updated_at == NOON


def test_steps_set_the_status() -> None:
    source = made()
    source.deactivate()
    assert source.status == "inactive"
    source.deprecate()
    assert source.status == "deprecated"
    source.update_config(DataSourceConfig(host="other"))
    assert (source.status, source.config.host) == ("configuring", "other")


def test_tags_and_roles_do_not_repeat() -> None:
    source = made()
    for _ in range(2):
        source.add_tag("pii")
        source.grant_access("dba")
    assert (source.tags, source.access_roles) == (["pii"], ["dba"])
    for _ in range(2):
        source.remove_tag("pii")
        source.revoke_access("dba")
    assert (source.tags, source.access_roles) == ([], [])


@pytest.mark.parametrize(
    ("roles", "asked", "may"),
    [
        ([], "anyone", True),
        ([], [], True),
        (["dba"], "dba", True),
        (["dba"], "db", False),
        (["dba"], ["on-call", "dba"], True),
        (["dba"], [], False),
    ],
)
def test_a_source_without_roles_is_open_to_all(
    roles: list[str], asked: str | list[str], may: bool
) -> None:
    assert made(access_roles=roles).has_access(asked) is may


def test_a_source_is_told_as_json_without_its_secrets() -> None:
    told = made().to_dict()
    assert json.loads(json.dumps(told)) == told
    assert list(told)[:17] == [
        *("source_id", "tenant_id", "name", "source_type", "config", "status", "description"),
        *("tags", "metadata", "access_roles", "owner_id", "last_connected", "last_error"),
        *("connection_count", "error_count", "created_at", "updated_at"),
    ]
    assert "planted" not in str(told) + repr(made())
    assert made().to_dict(include_secrets=True)["config"]["password"] == "planted"


def test_statistics_and_test_results_are_told_as_json() -> None:
    assert DataSourceStats().to_dict() == {
        "total_sources": 0,
        "active_sources": 0,
        "inactive_sources": 0,
        "error_sources": 0,
        "pending_sources": 0,
        "sources_by_type": {},
        "total_connections": 0,
        "total_errors": 0,
    }
    told = TestConnectionResult(True, "Healthy.", 3, {"server": "x"}).to_dict()
    assert list(told)[:4] == ["success", "message", "latency_ms", "details"]


def test_an_error_names_its_source() -> None:
    error = DataSourceError("It is gone.", "s-1", hint="Look again.", field="name")
    assert isinstance(error, LampboardError)
    assert error.to_dict() == {
        "code": "data_source_error",
        "title": "Data source error",
        "message": "It is gone.",
        "hint": "Look again.",
        "field": "name",
        "source_id": "s-1",
    }
