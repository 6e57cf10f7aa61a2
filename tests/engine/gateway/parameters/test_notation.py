"""A parameter's declaration on one line: read, written, and refused where it cannot be meant."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec, ParameterType
from engine.gateway.parameters.notation import declaration, parse_declaration

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

P = ParameterType

TOLD = [
    ("day date", ParameterSpec("day", P.DATE)),
    ("day:date", ParameterSpec("day", P.DATE)),
    ("  day : DATE  required ", ParameterSpec("day", P.DATE)),
    ("day date required min=2026-01-01", ParameterSpec("day", P.DATE, min_value="2026-01-01")),
    ("n int default=5 max=10", ParameterSpec("n", P.INTEGER, False, 5, max_value=10)),
    ("n int required default=-5", ParameterSpec("n", P.INTEGER, True, -5)),
    (
        "x float optional min=.5 max=1e3",
        ParameterSpec("x", P.FLOAT, False, min_value=0.5, max_value=1000.0),
    ),
    ("on bool default=FALSE logged", ParameterSpec("on", P.BOOLEAN, False, False, logged=True)),
    (
        "status str allowed=open,'in work',o'brien max_length=9",
        ParameterSpec(
            "status", P.STRING, allowed_values=("open", "in work", "o'brien"), max_length=9
        ),
    ),
    (r"code str pattern=[a-z]{1,3}\d+", ParameterSpec("code", P.STRING, pattern=r"[a-z]{1,3}\d+")),
    ("name str default='it''s'", ParameterSpec("name", P.STRING, False, "it's")),
    (r'note str default="a\nb" optional', ParameterSpec("note", P.STRING, False, "a\nb")),
    (
        "ids list[int] default=1,2 max_items=7",
        ParameterSpec("ids", P.INTEGER_LIST, False, [1, 2], max_items=7),
    ),
    ("tags list[str] default=", ParameterSpec("tags", P.STRING_LIST, False, [])),
    ("at timestamp zone=Europe/Berlin", ParameterSpec("at", P.TIMESTAMP, zone="Europe/Berlin")),
    (
        "who str description='Whose, and why'",
        ParameterSpec("who", P.STRING, description="Whose, and why"),
    ),
]


@pytest.mark.parametrize(("line", "spec"), TOLD)
def test_a_line_is_read(line: str, spec: ParameterSpec) -> None:
    assert parse_declaration(line) == spec


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "begins with a name and a type"),
        ("day", "begins with a name and a type"),
        ("day day", "type is none of those"),
        ("day date soon", "neither flag nor rule"),
        ("day date before=2026-01-01", "neither flag nor rule"),
        ("day date min", "min is said without a value"),
        ("day date required optional", "said already"),
        ("day date min=a min=b", "said already"),
        ("n int min=1.5", "not a value of type int"),
        ("n int default=", "not a value of type int"),
        ("n int max=nan", "not a value of type int"),
        ("x float max=inf", "not a value of type float"),
        ("x float max=1_0", "not a value of type float"),
        ("on bool default=yes", "not a value of type bool"),
        ("s str max_length=many", "not a value of type int"),
        ("s str default='open", "not closed"),
        ("s str default='a'b", "not parted"),
        (r's str default="\d"', "not a JSON string"),
        ("s str 'x'", "flags and rules"),
        ("s str default=" + "x" * 20_000, "at most 16,384 characters"),
    ],
)
def test_what_cannot_be_meant_is_refused(line: str, words: str) -> None:
    with pytest.raises(SqlGatewayError, match=words) as refused:
        parse_declaration(line)
    assert refused.value.code == "invalid_declaration"


def texts() -> SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def values(kind: ParameterType) -> SearchStrategy[object]:
    match kind:
        case P.INTEGER | P.INTEGER_LIST:
            return st.integers(-(10**18), 10**18)
        case P.FLOAT:
            return st.floats(allow_nan=False, allow_infinity=False)
        case P.BOOLEAN:
            return st.booleans()
    return texts()


@st.composite
def specs(draw: st.DrawFn) -> ParameterSpec:
    kind = draw(st.sampled_from(P))
    value = values(kind)
    maybe = st.none() | value
    listed = kind in {P.STRING_LIST, P.INTEGER_LIST}
    default = draw(st.none() | st.lists(value, max_size=3) if listed else maybe)
    return ParameterSpec(
        name=draw(st.from_regex(r"[a-z_][a-z0-9_]{0,9}", fullmatch=True)),
        param_type=kind,
        required=draw(st.booleans()),
        default=default,
        description=draw(texts()),
        max_length=draw(st.none() | st.integers(0, 9999)),
        min_value=draw(maybe),
        max_value=draw(maybe),
        allowed_values=tuple(draw(st.lists(value, max_size=3))),
        pattern=draw(st.none() | texts()),
        max_items=draw(st.integers(1, 9999)),
        zone=draw(st.none() | texts()),
        logged=draw(st.booleans()),
    )


@settings(max_examples=300)
@given(specs())
def test_what_is_written_is_read_as_the_same(spec: ParameterSpec) -> None:
    line = declaration(spec)
    assert "\n" not in line
    assert line.isprintable()
    assert parse_declaration(line) == spec


@settings(max_examples=300)
@given(
    st.text(max_size=60) | st.text("ab =,'\"\\:1", max_size=30).map(lambda rest: f"n int {rest}")
)
def test_any_line_is_read_or_refused(line: str) -> None:
    # Whatever else it raises fails the test.
    with suppress(SqlGatewayError):
        assert parse_declaration(line).name
