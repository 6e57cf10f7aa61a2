from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.sources.config import DataSourceConfig
from engine.sources.model import CustomerDataSource, DataSourceType
from engine.sources.results import DataSourceStats, SourceSummary, TestConnectionResult
from tui.inventory.labels import Edit
from tui.inventory.statistics import statistics_lines
from tui.inventory.story import Known
from tui.sources.rows import COLUMNS, lamp_of, source_row, statistics_of
from tui.sources.screen import hides
from tui.sources.story import answer_of, config_facts, fact_lines
from tui.theme import UNICODE
from tui.widgets.cells import cell_text
from tui.widgets.columns import place

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)


def item(**changes: object) -> SourceSummary:
    known: dict[str, object] = {
        "id": "s1",
        "name": "orders-db",
        "source_type": "database",
        "technology": "postgresql",
        "status": "error",
        "health_state": "failing",
        "health_error": "auth_failed",
        "latency_ms": 31,
        "last_connected": NOW - timedelta(minutes=11),
        "tags": ("prod", "pii"),
        "owner_id": "ann",
        "where": "db:5432/orders",
    }
    return SourceSummary(**(known | changes))  # type: ignore[arg-type]


def test_a_row_says_all_in_words() -> None:
    row = source_row(item(), ("k",), NOW, UNICODE)
    assert [cell_text(value) for value in row.cells] == [
        "✖", "orders-db", "database", "postgresql", "error", "login refused", "31ms", "11 min",
        "prod pii", "ann",
    ]  # fmt: skip


def test_all_columns_fit_into_120_and_the_most_needed_into_80() -> None:
    assert len(place(COLUMNS, 116)) == len(COLUMNS)
    kept = {placed.column.name for placed in place(COLUMNS, 76)}
    assert {"lamp", "name", "technology", "status", "health", "latency", "connected"} == kept


def test_hostile_words_are_cleaned_in_the_row() -> None:
    row = source_row(item(name="a\x1b[31mb", tags=("x\x07",)), None, NOW, UNICODE)
    assert all(cell_text(value).isprintable() for value in row.cells)


def test_what_is_at_rest_stands_back() -> None:
    assert source_row(item(status="deprecated"), None, NOW, UNICODE).muted
    assert not source_row(item(), None, NOW, UNICODE).muted


def test_statistics_count_by_status_and_type() -> None:
    stats = statistics_of(
        DataSourceStats(
            total_sources=3,
            active_sources=2,
            error_sources=1,
            sources_by_type={"vector": 1, "database": 2},
            total_connections=1200,
            total_errors=1,
        )
    )
    first, second = (cell_text(line) for line in statistics_lines(stats, 78, UNICODE))
    assert "3 sources  2 active  1 error" in first
    assert "1,200 connections  1 error" in first
    assert second.split() == ["2", "database", "1", "vector"]


def known(**config: object) -> CustomerDataSource:
    return CustomerDataSource(
        source_id="s1",
        tenant_id="acme",
        name="orders-db",
        source_type=DataSourceType.DATABASE,
        config=DataSourceConfig(**config),  # type: ignore[arg-type]
        last_error="No\x1b[2J entry",
    )


def test_the_facts_tell_the_config_without_what_is_as_always() -> None:
    facts = dict(config_facts(known(host="db", password="***", options={"region": "eu"})))
    assert facts == {"host": "db", "password": "*** stored", "region": "eu"}


def test_the_facts_are_clean_and_fit() -> None:
    lines = fact_lines(
        Known(item=item(), lamp=lamp_of(item(), "acme"), detail=known(host="db")), 50, NOW
    )
    said = [cell_text(line) for line in lines]
    assert all(line.isprintable() and len(line) <= 50 for line in said)
    assert any("No entry" in line for line in said)


def test_an_answer_carries_its_code_and_what_the_server_said() -> None:
    answer = answer_of(
        TestConnectionResult(
            success=False,
            message="Refused.",
            state="failing",
            error="auth_failed",
            details={"server": "PostgreSQL 16"},
        )
    )
    assert (answer.code, answer.facts) == ("auth_failed", (("server", "PostgreSQL 16"),))


def test_an_edit_of_roles_that_hides_is_told() -> None:
    assert "will not see it" in hides(Edit(added=("dba",)), (), ())
    assert hides(Edit(added=("dba",)), ("ops",), ("ops",)) == ""
    assert "you have no role" in hides(Edit(removed=("a",)), ("a", "b"), ())
    assert hides(Edit(removed=("a",)), ("a",), ()) == ""
