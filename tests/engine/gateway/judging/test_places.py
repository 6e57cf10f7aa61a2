"""Each refusal points at its place, and all of them are told, the first place first."""

from __future__ import annotations

import pytest

from engine.gateway.judging import judge
from engine.gateway.model import ParameterSpec, ParameterType
from engine.gateway.results import DIALECTS

_TEXT = ParameterType.STRING


def _places(sql: str, dialect: str = "postgres") -> list[tuple[str, int | None, int | None, int]]:
    verdict = judge(sql, dialect, None)
    return [(one.code, one.line, one.column, one.length) for one in verdict.refusals]


def test_all_of_them_the_first_place_first() -> None:
    sql = "SELECT id,\n\tpg_sleep(1),\n  'é', dblink('x')\nFROM pg_authid\nFOR UPDATE"
    assert _places(sql) == [
        ("function_not_allowed", 2, 2, 8),
        ("function_not_allowed", 3, 8, 6),
        ("table_not_allowed", 4, 6, 9),
        ("locks_rows", 5, 1, 3),
    ]


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("DELETE FROM t", ("not_a_query", 1, 1, 6)),
        ("SELECT 1;\r\nSELECT 2", ("more_than_one_statement", 2, 1, 6)),
        ("SELECT a\nINTO b\nFROM c", ("writes", 2, 1, 4)),
        ("SELECT 1 FROM t WHERE (a = 1", ("unfinished", 1, 23, 1)),
        ("SELECT\n'a", ("unfinished", 2, 1, 1)),
        ("SELECT 1\n/*! 2 */", ("executed_comment", 2, 1, 3)),
        ("SELECT 1 FROM WHERE a = 1", ("syntax", 1, 15, 5)),
        ("SELECT ('/x'::text).\n  pg_read_file", ("field_not_allowed", 2, 3, 12)),
        ("SELECT :a,\n $1", ("mixed_placeholders", 2, 2, 2)),
        ("WITH x AS (SELECT 1)\n  DELETE FROM t", ("writes", 2, 3, 6)),
        ("SELECT repeat('x',\n 99999999)", ("too_large", 2, 2, 8)),
        ('SELECT "Evil" (1)', ("function_not_allowed", 1, 8, 6)),
    ],
)
def test_the_first_place(sql: str, place: tuple[str, int, int, int]) -> None:
    assert _places(sql)[0] == place


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("sql", "line", "column"),
    [
        ("SELECT", 1, 1),
        ("SELECT\nFROM orders", 1, 1),
        ("SELECT id FROM orders\nUNION  SELECT DISTINCT FROM orders", 2, 8),
        ("WITH q AS (\n SELECT ALL WHERE true)\nSELECT 1 FROM q", 2, 2),
    ],
)
def test_a_select_without_columns(dialect: str, sql: str, line: int, column: int) -> None:
    assert _places(sql, dialect) == [("no_columns", line, column, 6)]


def test_what_only_looks_like_a_select_without_columns() -> None:
    assert judge('SELECT "select", t.id FROM t', "postgres", None).accepted
    assert judge("SELECT id FROM t WHERE EXISTS (SELECT FROM u)", "postgres", None).accepted
    assert judge("SELECT `from` FROM t", "mysql", None).accepted
    assert judge("FROM t", "duckdb", None).accepted


def test_no_statement_at_all() -> None:
    assert _places("  -- nothing\n") == [("empty", None, None, 1)]
    assert _places(" ; ;")[0][0] == "empty"


def test_an_unknown_dialect_is_refused() -> None:
    assert _places("SELECT 1", "tsql") == [("dialect_without_rules", None, None, 1)]


def test_one_semicolon_may_end_it() -> None:
    assert judge("SELECT 1 ; -- done", "postgres", None).accepted
    assert not judge("SELECT 1;;", "postgres", None).accepted


def test_placeholders_and_declarations_are_held_against_each_other() -> None:
    specs = [ParameterSpec(name="a", param_type=_TEXT), ParameterSpec(name="c", param_type=_TEXT)]
    verdict = judge("SELECT :a,\n :b, ':c'", "sqlite", specs)
    assert [(one.code, one.line, one.column) for one in verdict.refusals] == [
        ("placeholder_not_declared", 2, 2),
        ("parameter_not_used", None, None),
    ]
    assert "`c`" in verdict.refusals[1].message
    assert verdict.placeholders == ("a", "b")
    assert judge("SELECT :a, :c, :a", "sqlite", specs).accepted


def test_placeholders_by_position() -> None:
    specs = [ParameterSpec(name="a", param_type=_TEXT), ParameterSpec(name="b", param_type=_TEXT)]
    assert judge("SELECT $2, $1, $2", "postgres", specs).accepted
    codes = [one.code for one in judge("SELECT $1, $3, $0", "postgres", specs).refusals]
    assert codes == ["placeholder_not_declared"] * 2 + ["parameter_not_used"]
    assert not judge(f"SELECT ${'9' * 5000}", "postgres", specs).accepted


def test_what_is_accepted_tells_what_it_reads() -> None:
    verdict = judge('WITH q AS (SELECT * FROM a.B) SELECT :x FROM q, "C d", a.B', "postgres", ())
    assert verdict.tables == ("a.B", '"C d"')
    assert [one.code for one in verdict.refusals] == ["placeholder_not_declared"]
