from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.integrations.results import IntegrationSummaryResult
from tests.tui.gauge_samples import gauge
from tui import text
from tui.integrations.rows import COLUMNS, gauge_cell, integration_row, limits_cell
from tui.theme import UNICODE
from tui.widgets.cells import cell_text
from tui.widgets.columns import place

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)


def item(**changes: object) -> IntegrationSummaryResult:
    known: dict[str, object] = {
        "id": "i1",
        "name": "gpt-prod",
        "provider_type": "azure_openai",
        "status": "enabled",
        "health_state": "failing",
        "default_model": None,
        "created_at": NOW,
        "error": "auth_failed",
        "latency_ms": 3120.4,
        "checked_at": NOW - timedelta(minutes=11),
    }
    return IntegrationSummaryResult(**(known | changes))  # type: ignore[arg-type]


def test_a_row_says_all_in_words() -> None:
    row = integration_row(item(), ("k",), NOW, UNICODE)
    assert [cell_text(value) for value in row.cells] == [
        "✖", "gpt-prod", "azure", "enabled", "login refused", "3,120ms", "-", "11 min",
    ]  # fmt: skip
    assert row.anchor == ("k",)


def test_all_columns_fit_into_80_and_beside_the_pane() -> None:
    assert len(place(COLUMNS, 76)) == len(COLUMNS)


def test_hostile_names_are_cleaned_in_the_row() -> None:
    row = integration_row(item(name="a\x1b[31mb\u202ec", error="\x07x"), None, NOW, UNICODE)
    assert cell_text(row.cells[1]) == "abc"
    assert all(cell_text(value).isprintable() for value in row.cells)


def test_what_is_disabled_stands_back() -> None:
    assert integration_row(item(status="disabled"), None, NOW, UNICODE).muted


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (0.5, "<1"), (999, "999"), (1000, "1k"), (1200, "1.2k"), (30_000_000, "30M")],
)
def test_numbers_are_short(value: float, said: str) -> None:
    assert text.short(value) == said


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, "-"),
        ({"budget_limit_cents": 50_000, "rate_limit_rpm": 60}, "$500 60/m"),
        ({"token_limit_month": 2_000_000}, "2M tok"),
    ],
)
def test_limits_are_told_in_a_few_cells(limits: dict[str, int], said: str) -> None:
    assert cell_text(limits_cell(item(**limits))) == said


def test_the_gauge_that_runs_out_first_stands_for_all() -> None:
    tokens = gauge(measure="tokens", limit=100, used=1, percent=1.0, state="ok", urgency=2)
    free = gauge(measure="rate", state="unlimited", limit=0, percent=None, urgency=0)
    assert cell_text(gauge_cell((tokens, free, gauge()), UNICODE)).endswith("  82%")
    over = cell_text(gauge_cell((gauge(state="over", percent=118.0),), UNICODE))
    assert over.endswith(" 118%")
    assert len(over) == 9


def test_without_a_measurement_the_limits_are_shown_instead() -> None:
    unknown = gauge(state="unmeasured", used=None, percent=None, forecast=None)
    limited = item(budget_limit_cents=50_000, rate_limit_rpm=60)
    place_of = [column.name for column in COLUMNS].index("limits")
    row = integration_row(limited, (1,), NOW, UNICODE, (unknown,))
    assert cell_text(row.cells[place_of]) == "$500 60/m"
    assert "82%" in cell_text(
        integration_row(limited, (1,), NOW, UNICODE, (gauge(),)).cells[place_of]
    )
