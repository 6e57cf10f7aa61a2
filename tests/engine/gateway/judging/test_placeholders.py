"""Where the placeholders are, and where something only looks like one."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.gateway.dialects import dialect_of
from engine.gateway.judging import Placeholder, split_placeholders
from engine.gateway.results import DIALECTS
from tests.engine.gateway.judging.samples import own


def _names(sql: str, dialect: str = "postgres") -> list[str]:
    parts = split_placeholders(sql, dialect)
    return [part.name for part in parts if isinstance(part, Placeholder)]


def _joined(sql: str, dialect: str) -> str:
    return "".join(
        part if isinstance(part, str) else part.name if part.name[0] == "$" else f":{part.name}"
        for part in split_placeholders(sql, dialect)
    )


def test_names_and_positions() -> None:
    assert split_placeholders("SELECT :a, b FROM t WHERE c=:c_2", "sqlite") == (
        "SELECT ",
        Placeholder("a", 7),
        ", b FROM t WHERE c=",
        Placeholder("c_2", 28),
    )
    assert _names("SELECT $1, $12 FROM t WHERE a IN ($1)") == ["$1", "$12", "$1"]
    assert split_placeholders(":x", "mysql") == (Placeholder("x", 0),)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        (
            "postgres",
            "SELECT a::int, ':b', \":c\", $$ :d $$, $q$ :e $q$ -- :f\n, /* :g /* :h */ */ 1",
        ),
        ("postgres", "SELECT a[1:n], a[b :n], a[(1):n], E'\\':x'"),
        ("postgres", "SELECT 'it''s :a', a$1, f(x := 1)"),
        ("mysql", "SELECT 'it\\'s :a', \"\\\":b\", `:c`, 1 # :d\n, 2 -- :e"),
        ("sqlite", "SELECT [:a], `:b`, \":c\", ':d' /* :e */"),
        ("duckdb", "SELECT {'a':b, c:d}, l[1:n], lambda x:x, struct_pack(a := 1)"),
        ("generic", "SELECT '12:30' || ':a'"),
    ],
)
def test_what_only_looks_like_one(dialect: str, sql: str) -> None:
    assert _names(sql, dialect) == []
    assert split_placeholders(sql, dialect) == (sql,)


@pytest.mark.parametrize(
    ("dialect", "sql", "names"),
    [
        ("postgres", "SELECT (a)[:n], b[1::n], c[1 + :m : :n]", ["n", "m", "n"]),
        ("postgres", "SELECT :a::int, -:b, (:c), ':d'||:e", ["a", "b", "c", "e"]),
        ("postgres", "SELECT x ? :k, y->>:l, z<:m", ["k", "l", "m"]),
        ("duckdb", "SELECT {'a': :v}, [:w, :x], l[:y]", ["v", "w", "x", "y"]),
        ("mysql", "SELECT 1 -- '\n, :a, '--', :b", ["a", "b"]),
    ],
)
def test_what_is_one_beside_what_is_none(dialect: str, sql: str, names: list[str]) -> None:
    assert _names(sql, dialect) == names
    assert _joined(sql, dialect) == sql


def test_the_pieces_are_the_whole_text() -> None:
    for one in own("allowed"):
        assert _joined(one.sql, one.dialect) == one.sql


def test_a_text_that_cannot_be_read_is_refused_in_a_sentence() -> None:
    with pytest.raises(InvalidInput, match="never closed") as caught:
        split_placeholders("SELECT 'a", "postgres")
    assert caught.value.field == "sql"
    assert caught.value.hint


def test_dialects_of_technologies() -> None:
    known = ("postgresql", "pgvector", "mysql", "mariadb", "sqlite", "duckdb")
    assert [dialect_of(one) for one in known] == [
        *("postgres", "postgres", "mysql", "mysql", "sqlite", "duckdb")
    ]
    assert {dialect_of(one) for one in known} <= set(DIALECTS)
    assert [dialect_of(one) for one in ("oracle", "mssql", "", None)] == [None] * 4
