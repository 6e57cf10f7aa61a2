"""Hostile texts: each gets a sentence, none an exception, and none takes the parser far."""

from __future__ import annotations

import random
import sqlite3
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.judging import judge, parsing
from engine.gateway.results import DIALECTS
from tests.engine.gateway.judging.samples import own

_DEEP = 5_000
_HOSTILE = {
    "brackets": "SELECT " + "(" * _DEEP + "1" + ")" * _DEEP,
    "not": "SELECT " + "NOT " * _DEEP + "1",
    "minus": "SELECT " + "- " * _DEEP + "1",
    "case": "SELECT " + "CASE WHEN 1 = 1 THEN " * 1_000 + "1" + " END" * 1_000,
    "indexes": "SELECT a" + "[1]" * 2_000,
    "interval": "SELECT " + "INTERVAL " * 2_000 + "1",
    "open": "SELECT " + "f(" * _DEEP,
    "types": "SELECT CAST(1 AS " + "ARRAY<" * 1_000 + "INT" + ">" * 1_000 + ")",
    "zones": "SELECT a" + " AT TIME ZONE 'x'" * 1_500,
    "comments": "SELECT 1 " + "/*" * 40_000,
    "long": "SELECT '" + "x" * 1_000_000 + "'",
    "many": "SELECT " + "1," * 40_000 + "1",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", _HOSTILE)
def test_what_is_too_deep_or_too_long_is_refused(name: str, dialect: str) -> None:
    verdict = judge(_HOSTILE[name], dialect, None)
    assert not verdict.accepted
    assert verdict.refusals[0].message.endswith(".")


def test_the_depth_that_is_promised_can_be_used_from_deep_down() -> None:
    """Where a judgement is asked for must not decide what it says."""
    sql = "SELECT " + "lower(" * 24 + "a" + ")" * 24 + " FROM t"

    def below(depth: int) -> bool:
        return below(depth - 1) if depth else judge(sql, "postgres", None).accepted

    assert below(0)
    assert below(250)
    assert not judge(f"SELECT (({sql[7:-7]}))", "postgres", None).accepted


def test_a_parser_that_tries_again_and_again_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge("SELECT a, b FROM t", "generic", None).accepted
    monkeypatch.setattr(parsing, "_STEPS", 5)
    monkeypatch.setattr(parsing, "_STEPS_PER_TOKEN", 0)
    assert [one.code for one in judge("SELECT a, b FROM t", "generic", None).refusals] == [
        "too_deep"
    ]


def test_a_list_of_a_thousand_is_no_trouble() -> None:
    values = ", ".join("1" * 1_000)
    sql = "SELECT a FROM t WHERE b IN (1)".replace("1", values)
    assert judge(sql, "postgres", None).accepted
    joined = " UNION ALL ".join(["SELECT a FROM t"] * 200)
    assert judge(joined, "duckdb", None).accepted


_PIECES = st.sampled_from(
    [
        *(
            "SELECT ",
            "FROM ",
            "WHERE ",
            "WITH ",
            "AS ",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ";",
            ".",
        ),
        *("'", '"', "`", "\\", "--", "/*", "*/", "\n", "\r", "\t", " ", "$$", "$a$", "E'", "U&'"),
        *(":a", "$1", "::", ":", ":=", "?", "@", "#", "1", "0x", "1e", "a", "é", "\x00", "\u00a0"),
        *(
            "CASE ",
            "END ",
            "UNION ",
            "VALUES ",
            "lower(",
            "INTO ",
            "FOR UPDATE",
            "\ud800",
            "*",
            "=",
        ),
    ]
)


@settings(max_examples=250)
@given(
    dialect=st.sampled_from(DIALECTS),
    sql=st.one_of(st.lists(_PIECES, max_size=25).map("".join), st.text(max_size=40)),
)
def test_it_never_raises(dialect: str, sql: str) -> None:
    for text in (sql, f"SELECT {sql}"):
        verdict = judge(text, dialect, ())
        assert verdict.accepted is not bool(verdict.refusals)


@settings(max_examples=120)
@given(data=st.data())
def test_half_a_statement_never_raises(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(own("allowed")))
    cut = data.draw(st.integers(0, len(one.sql)))
    extra = data.draw(_PIECES)
    judge(one.sql[:cut], one.dialect, None)
    judge(one.sql[:cut] + extra + one.sql[cut:], one.dialect, None)


def test_what_was_read_as_text_is_text_to_the_server_too() -> None:
    """Calls hidden between quotes, comments and escapes: SQLite runs none that was accepted."""
    calls: list[int] = []
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x, a, b)")
    connection.create_function("evil", -1, lambda *_: calls.append(1))
    fragments = [
        *("'", "'", "''", '"', "\\", "--", "/*", "*/", "\n", "\r", "`", "[", "]", "$$", "x'", "E'"),
        *(
            "evil()",
            "evil()",
            ",",
            "1",
            "a",
            "||",
            ";",
            "AS b",
            "#",
            "FROM t",
            " ",
            " ",
            "{",
            "/**/",
        ),
    ]
    maker, ran = random.Random(20_261), 0  # noqa: S311 - the same texts each time
    for _ in range(4_000):
        sql = "SELECT " + "".join(maker.choices(fragments, k=maker.randint(2, 10)))
        if judge(sql, "sqlite", None).accepted:
            try:
                ran += len(connection.execute(sql).fetchall()) >= 0
            except sqlite3.Error:
                continue
            assert not calls, sql
    connection.close()
    assert ran > 20


@pytest.mark.parametrize(
    ("sql", "fine"),
    [
        ("SELECT repeat('x', 10)", True),
        ("SELECT repeat('#', n) FROM t", True),
        ("SELECT lpad(a, :width, '0') FROM t", True),
        ("SELECT repeat('x', 10001)", False),
        ("SELECT repeat('x', 1e9)", False),
        ("SELECT repeat('x', 100 * 1000 * 1000)", False),
        ("SELECT pg_catalog.repeat('x', 100000000)", False),
        ("SELECT array_fill(0, ARRAY[1000000000])", False),
        ("SELECT generate_series(1, 1000)", True),
        ("SELECT generate_series(-5000000000, 5000000000)", False),
        ("SELECT generate_series(1, :n)", True),
        ("SELECT format('%99999s', a) FROM t", False),
        ("SELECT format('%10s', a) FROM t", True),
    ],
)
def test_sizes_in_plain_sight(sql: str, fine: bool) -> None:
    assert judge(sql, "postgres", None).accepted is fine


@pytest.mark.parametrize(
    ("end", "fine"),
    [("", False), (" WHERE true", False), (" WHERE n < 9", True), (" LIMIT 9", True)],
)
def test_recursion_that_never_ends(end: str, fine: bool) -> None:
    sql = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r{}) SELECT * FROM r"
    assert judge(sql.format(end), "sqlite", None).accepted is fine


def test_lists_of_functions_name_nothing_that_does_more() -> None:
    from engine.gateway.judging.functions import allowed

    doing = {
        *("pg_sleep", "pg_read_file", "lo_export", "dblink", "set_config", "nextval", "setval"),
        *("query_to_xml", "ts_stat", "ts_rewrite", "crosstab", "pg_notify", "setseed", "sleep"),
        *("benchmark", "get_lock", "load_file", "load_extension", "readfile", "writefile", "edit"),
        *("read_csv", "read_text", "read_parquet", "query", "query_table", "getenv", "write_log"),
        *("current_setting", "last_insert_id", "fts3_tokenizer", "optimize", "eval", "sleep_ms"),
    }
    for dialect in DIALECTS:
        names = allowed(dialect)
        assert not doing & names
        assert all(name == name.lower() and name.isidentifier() for name in names)
    assert "glob" not in allowed("duckdb") | allowed("generic")
    assert not [
        n for n in chain(*map(allowed, DIALECTS)) if n.startswith(("lo_", "pg_ls", "read_"))
    ]
