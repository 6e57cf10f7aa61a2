from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.limits.made import (
    DOLLAR,
    LASTS,
    NOW,
    RUNS_OUT,
    TOO_EARLY,
    gauge,
    rate,
    total,
    unlimited,
)
from tui.inventory.listing import View
from tui.limits import rows, totals
from tui.limits.entries import gauge_entry, total_entry
from tui.limits.listing import split
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width
from tui.widgets.columns import place


def texts(found: rows.GaugeResult, glyphs: object = UNICODE) -> list[str]:
    row = rows.gauge_row(gauge_entry(found), found, None, NOW, glyphs)  # type: ignore[arg-type]
    return [cell_text(value).strip() for value in row.cells]


def test_a_gauge_says_all_in_a_row() -> None:
    assert texts(gauge()) == [
        "▲", "gpt-prod", "openai", "budget", "━━━━━┻━━━┻┴─", "82% warned",
        "$410.22", "$500.00", "$23.10/d", "Mar 27 (26 to 29)",
    ]  # fmt: skip


def test_a_gauge_is_drawn_in_plain_letters_too() -> None:
    shown = texts(gauge(), ASCII)
    assert shown[0] == "!"
    assert shown[4] == "#####|###||."
    assert all(value.isascii() for value in shown)


def test_unlimited_and_not_measured_are_said_and_are_no_zero() -> None:
    shown = texts(unlimited())
    assert shown[4:] == ["············", "unlimited", "48M", "-", "-", "-"]
    unmeasured = gauge(state="unmeasured", used=None, percent=None, forecast=None)
    assert texts(unmeasured)[5:8] == ["not measured", "-", "$500.00"]


def test_a_rate_is_of_a_minute() -> None:
    assert texts(rate())[5:] == ["5% ok", "3", "60/min", "-", "-"]


def test_unpriced_calls_are_marked_at_the_sum() -> None:
    assert texts(gauge(unpriced=12))[6] == "$410.22+"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"forecast": RUNS_OUT}, "Mar 27 (26 to 29)"),
        ({"forecast": LASTS, "state": "ok"}, "lasts, 62%"),
        ({"forecast": replace(LASTS, earliest=RUNS_OUT.latest)}, "lasts, or Mar 29"),
        ({"forecast": TOO_EARLY}, "no forecast yet"),
        ({"state": "over", "percent": 118.0}, "over until Apr 1"),
    ],
)
def test_when_it_runs_out_is_told_in_a_few_words(changes: dict[str, object], said: str) -> None:
    assert texts(gauge(**changes))[-1] == said


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        ("budget", 2_000 * DOLLAR, "$2,000.00"),
        ("budget", 20_000 * DOLLAR, "$20k"),
        ("tokens", 9_999, "9,999"),
        ("tokens", 2_480_707, "2.5M"),
        ("tokens", 2**60, "1152922T"),
    ],
)
def test_amounts_fit_their_column(measure: str, value: int, said: str) -> None:
    assert rows.fitted(measure, value, rows.AMOUNT) == said
    assert len(said) <= rows.AMOUNT


def test_all_columns_fit_into_120_and_the_needed_ones_into_80() -> None:
    assert len(place(rows.COLUMNS, 115)) == len(rows.COLUMNS)
    kept = [one.column.name for one in place(rows.COLUMNS, 75)]
    assert kept == ["state", "name", "measure", "bar", "percent", "out"]
    assert len(place(rows.TOTAL_COLUMNS, 115)) == len(rows.TOTAL_COLUMNS)
    kept = [one.column.name for one in place(rows.TOTAL_COLUMNS, 75)]
    assert kept == ["state", "name", "calls", "tokens", "cost", "share"]


def test_every_cell_fits_its_column() -> None:
    widths = {column.name: column.width for column in rows.COLUMNS}
    for found in (gauge(), gauge(state="over", percent=1180.0), rate(limit=9_000), unlimited()):
        row = rows.gauge_row(gauge_entry(found), found, None, NOW, UNICODE)
        for column, value in zip(rows.COLUMNS, row.cells, strict=True):
            if not column.grow:
                assert cell_width(value) <= widths[column.name], column.name


def test_hostile_names_are_cleaned() -> None:
    row = rows.gauge_row(
        gauge_entry(gauge()), gauge(name="a\x1b[31mb\u202ec", provider="\x07x"), None, NOW, UNICODE
    )
    assert cell_text(row.cells[1]) == "abc"
    assert all(cell_text(value).isprintable() for value in row.cells)


# Sums of usage


VIEW = View(tenant_id="acme-prod", sort="cost", descending=True)
TOTALS = (total("gpt-5", 30.0), total("claude", 60.0), total("free", 0.0, unpriced=1), total("o4"))


def names(view: View) -> list[str]:
    return [entry.name for entry in totals.entries(TOTALS, "model", view)]


def test_sums_are_ordered_and_filtered() -> None:
    assert names(VIEW) == ["claude", "gpt-5", "o4", "free"]
    assert names(replace(VIEW, sort="name", descending=False)) == ["claude", "free", "gpt-5", "o4"]
    assert names(replace(VIEW, query="!gpt !free")) == ["claude", "o4"]
    assert names(replace(VIEW, query="name:GPT")) == ["gpt-5"]


def test_shares_are_of_the_cost_and_of_tokens_where_nothing_has_a_price() -> None:
    found = {one.name: one.share for one in totals.entries(TOTALS, "model", VIEW)}
    assert found["claude"] == pytest.approx(60 / 91)
    free = [total(key, 2.0, cost_nanos=0, unpriced=24) for key in ("a", "b")]
    assert [one.share for one in totals.entries(free, "model", VIEW)] == [0.5, 0.5]


def test_a_sum_without_any_price_says_so() -> None:
    free = total("local", 2.0, cost_nanos=0, unpriced=24)
    row = rows.total_row(total_entry(free, "model", "acme"), free, None, UNICODE)
    assert cell_text(row.cells[9]) == "unpriced"
    assert cell_text(row.cells[8]) == "24"


def test_an_entry_is_known_by_scope_subject_and_measure() -> None:
    entry = gauge_entry(gauge(scope="model", subject="ft:gpt:acme", measure="rate"))
    assert entry.id == "model:ft:gpt:acme:rate"
    assert split(entry.id) == ("model", "ft:gpt:acme")
    assert split("provider:openai") == ("provider", "openai")
