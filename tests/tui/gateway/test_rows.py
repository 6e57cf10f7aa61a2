"""Templates as rows, as a story, and as words; SQL in its colours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.model import ParameterSpec, ParameterType
from engine.gateway.results import TemplatesHeadline
from tests.tui.gateway.made import NOW, detail, gateway, run, summary
from tui.gateway import words
from tui.gateway.headline import headline_cell
from tui.gateway.highlight import folded, numbered, sql_lines
from tui.gateway.rows import COLUMNS, last_cell, state_cell, template_row
from tui.gateway.story import told_lines
from tui.gateway.told import Told
from tui.text import lines as plain_lines
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import Cell, Span, cell_text, cell_width
from tui.widgets.columns import place

P = ParameterType


def text(lines: tuple[Cell, ...]) -> str:
    return "\n".join(cell_text(line) for line in lines)


def test_a_row_tells_where_it_runs_and_what_came_of_it() -> None:
    row = template_row(summary(), "key", NOW, UNICODE)
    shown = [cell_text(cell) for cell in row.cells]
    assert shown == [
        *("●", "by-day", "orders", "sqlite", "1", "v3", "1.2k"),
        " 12 min ● ok",
        "active",
    ]
    assert len(row.cells) == len(COLUMNS)
    assert not row.muted


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        ("ok", "12 min ● ok"),
        ("truncated", "12 min ▲ cut"),
        ("refused", "12 min ▲ refused"),
        ("alarm", "12 min ✖ alarm"),
        ("failed", "12 min ✖ failed"),
    ],
)
def test_an_outcome_is_glyph_and_word(outcome: str, shown: str) -> None:
    assert cell_text(last_cell(outcome, NOW - timedelta(minutes=12), NOW, UNICODE)) == shown


def test_what_never_ran_and_what_cannot_run_say_so() -> None:
    never = summary(last_run_at=None, last_outcome=None, runs=0)
    assert "○ never run" in cell_text(template_row(never, 0, NOW, UNICODE).cells[7])
    assert cell_text(last_cell(None, None, NOW, ASCII)) == "o never run"
    blocked = summary(problem="The source orders is gone.")
    assert cell_text(state_cell(blocked, UNICODE)) == "✖"
    assert cell_text(template_row(blocked, 0, NOW, UNICODE).cells[-1]) == "blocked"
    retired = template_row(summary(status="retired", problem="It is retired."), 0, NOW, UNICODE)
    assert retired.muted
    assert cell_text(retired.cells[-1]) == "retired"


@pytest.mark.parametrize("width", [76, 78, 116])
def test_the_columns_fit(width: int) -> None:
    placed = place(COLUMNS, width)
    assert placed[-1].x + placed[-1].width <= width
    assert {"name", "where", "last", "status"} <= {one.column.name for one in placed}


def test_the_headline_counts_alarms_first() -> None:
    found = TemplatesHeadline(templates=7, retired=1, outcomes={"failed": 2, "alarm": 2})
    assert text((headline_cell(found, 80, UNICODE),)).split("   ")[-3:-1] == [
        "✖ 2 alarms",
        "✖ 2 failed",
    ]
    quiet = TemplatesHeadline(templates=7, retired=1, outcomes={})
    assert "last runs" not in text((headline_cell(quiet, 80, UNICODE),))
    assert cell_width(headline_cell(found, 30, UNICODE)) == 30


# The story


def story(width: int = 110, **changes: object) -> str:
    told = Told(item=summary(), now=NOW, glyphs=UNICODE, detail=detail(), runs=(run(),))
    return text(told_lines(replace(told, **changes), width))  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 78, 110])
def test_a_story_tells_sql_rules_caps_and_runs(width: int) -> None:
    shown = story(width)
    for said in ("select id, total", ":day", "*day", "at least 2026-01-01", "5 MiB", "204 rows"):
        assert said in shown, said
    assert all(cell_width((Span(line),)) <= width for line in shown.splitlines())


def test_an_older_version_is_said_to_be_one() -> None:
    assert "▲ v2 of 3" in story(detail=detail(version=2))
    assert "SQL v3" in story()


def test_a_run_that_went_wrong_says_why() -> None:
    shown = story(runs=(run(outcome="alarm", message="The value of day looks odd.", rows=None),))
    assert "✖ alarm" in shown
    assert "The value of day looks odd." in shown


def test_only_what_can_be_run_is_said_to_be() -> None:
    assert "It was never run. r runs it." in story(runs=())
    for cannot in (summary(status="retired"), summary(problem="Its source is gone.")):
        shown = story(item=cannot, runs=())
        assert "It was never run." in shown
        assert "r runs it" not in shown


def test_a_template_is_told_before_its_text_is_read() -> None:
    shown = story(detail=None, runs=None)
    assert "Orders of a day" in shown
    assert "orders" in shown


def test_hostile_words_reach_no_terminal() -> None:
    evil = "\x1b]0;x\x07\u202eevil\x9b31m"
    shown = story(
        item=summary(name=evil, description=evil, gateway=evil, problem=evil),
        detail=detail(
            sql=f"select '{evil}'\r\n, 2", written_by=evil, gateway=gateway(tables=(evil,))
        ),
        runs=(run(outcome="failed", message=evil, actor=evil),),
    )
    assert shown.replace("\n", "").isprintable()


# Words


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (ParameterSpec("a", P.INTEGER, min_value=1, max_value=9), ["at least 1", "at most 9"]),
        (
            ParameterSpec("a", P.STRING, False, max_length=1),
            ["default NULL", "at most 1 character"],
        ),
        (ParameterSpec("a", P.BOOLEAN, False, default=False), ["default false"]),
        (ParameterSpec("a", P.STRING, pattern="[a-z]+"), ["all of it like [a-z]+"]),
        (
            ParameterSpec("a", P.INTEGER_LIST, allowed_values=tuple(range(9)), max_items=3),
            ["each one of 0, 1, 2, 3, 4, 5 and 3 more", "at most 3 values"],
        ),
        (ParameterSpec("a", P.TIMESTAMP), ["with its zone"]),
        (
            ParameterSpec("a", P.TIMESTAMP, zone="Europe/Berlin", logged=True),
            ["in Europe/Berlin unless it says a zone", "told in the activity"],
        ),
    ],
)
def test_rules_are_said_in_words(spec: ParameterSpec, said: list[str]) -> None:
    assert words.rules(spec) == said


def test_caps_say_what_is_less_than_the_gateway_allows() -> None:
    assert words.caps(detail()) == ["1,000 rows", "5 MiB", "30 s"]
    own = words.caps(detail(max_rows=20, timeout_seconds=1.5))
    assert own == [
        "20 rows (of the gateway's 1,000 rows)",
        "5 MiB",
        "1.5 s (of the gateway's 30 s)",
    ]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (5 * 2**20, "5 MiB"), (2**40, "1,024 GiB")],
)
def test_sizes_have_units(count: int, said: str) -> None:
    assert words.size(count) == said


# SQL


def tones(sql: str, dialect: str | None = None) -> dict[str, str]:
    spans = [span for line in sql_lines(sql, dialect) for span in line]
    return {span.text.strip(): span.tone for span in spans}


def test_sql_has_its_colours() -> None:
    found = tones("select o.id, 'a :b' from t o where day = :day -- not :this", "postgres")
    assert found["select"] == "accent"
    assert found["'a :b'"] == "healthy"
    assert found[":day"] == "strong"
    assert found["-- not :this"] == "muted"
    assert tones("select a::int, $1", "postgres")["$1"] == "strong"


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
    | st.text("select ':$\"-/*\\\n\t1a", max_size=60),
    st.sampled_from([None, "postgres", "mysql", "sqlite", "duckdb"]),
)
def test_no_character_is_lost_or_moved_by_colour(sql: str, dialect: str | None) -> None:
    lines = plain_lines(sql)
    assert [cell_text(line) for line in sql_lines(sql, dialect)] == lines
    assert all(line.isprintable() for line in lines)
    assert len(lines) == sql.replace("\r\n", "\n").count("\n") + 1
    for line, plain in zip(sql_lines(sql, dialect), lines, strict=True):
        parts = folded(line, 7)
        assert "".join(map(cell_text, parts)) == plain
        assert all(cell_width(part) <= 7 for part in parts)


def test_long_lines_are_folded_behind_their_number() -> None:
    shown = [cell_text(line) for line in numbered(sql_lines("select one, two, three"), 16)]
    assert shown == ["1  select one, ", "   two, three"]


def test_a_very_long_statement_is_shown_without_colours() -> None:
    sql = "select 1 /* " + "x" * 40_000 + " */"
    assert {span.tone for line in sql_lines(sql) for span in line} == {"plain"}
