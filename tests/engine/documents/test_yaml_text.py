from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.documents.yaml_text import load_all
from engine.errors import InvalidInput


def load(text: str) -> Any:
    [value] = load_all(text)
    return value


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        list(load_all(text))
    return caught.value.message


def test_plain_values_are_those_of_yaml() -> None:
    text = (
        "a: [1, 0x10, -2.5, true, null, ~, 'no', \"\\u2028\"]\nb: {c: |\n    two\n    lines\n  }\n"
    )
    text = text.replace("{c: |", "\n  c: |").replace("\n  }", "")
    assert load(text) == yaml.safe_load(text)


def test_dates_stay_the_text_that_they_are() -> None:
    assert load("v: 2024-06-01\nw: =") == {"v": "2024-06-01", "w": "="}
    assert load("v: !!str 12") == {"v": "12"}


def test_numbers_without_a_value_are_numbers_and_no_text() -> None:
    assert math.isnan(load("v: .nan")["v"])


def test_what_is_repeated_may_be_written_once() -> None:
    text = "- &base {a: 1, b: 2}\n- <<: *base\n  b: 3\n- <<: [{a: 4}, *base]\n"
    assert load(text) == [{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 4, "b": 2}]


def test_a_list_knows_the_lines_of_its_items() -> None:
    assert load("a:\n- x\n\n-\n  y: 1\n")["a"].lines == [2, 5]


LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 10)
)
MANY = ", ".join(f"k{number}: 1" for number in range(20_000))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (LAUGHS, "aliases stand for too many"),
        ("a: &a {" + MANY + "}\nb:\n" + "  <<: *a\n" * 1000, "aliases stand for too many"),
        ("&a [*a]", "no anchor"),
        ("a: *nowhere", "no anchor"),
        ("a: &a 1\n---\nb: *a", "no anchor"),
        ("[" * 1_000_000, "20 levels"),
        ("- " * 1_000_000, "20 levels"),
        ("? " * 1_000_000, "20 levels"),
        ("{a: " * 500_000, "20 levels"),
        ("!!python/object/apply:os.system ['true']", "tag"),
        ("a: !!python/name:os.system", "tag"),
        ("a: !!binary aGk=", "tag"),
        ("!!set {a, b}", "tag"),
        ("a: !mine x", "tag"),
        ("a: !!int many", "tag"),
        ("a: !!bool maybe", "tag"),
        ("a: !!int " + "9" * 5000, "too long"),
        ("a: 1\nb: 2\na: 3", "Line 3 has a key for the second time: 'a'"),
        ("sk-Canary: 1\nsk-Canary: 2", "second time"),
        ("yes: 1", "key that is not text"),
        ("2024: 1", "key that is not text"),
        ("[a]: 1", "key that is not text"),
        ("? {a: 1}\n: 2", "key that is not text"),
        ("<<: 1", "takes in a mapping"),
        ("a: 'sk-Canary", "Line 1"),
        ("a: sk-Canary: b", "Line 1, column 13"),
        ("a:\n\t- b", "Line 2"),
        ("a: \x1b[2J", "character"),
        ("a: \x00", "character"),
        ('a: "\\ud800"', "Line 1"),
    ],
    ids=lambda text: text[:24],
)
def test_hostile_yaml_is_refused_with_its_line_and_without_its_values(text: str, word: str) -> None:
    message = refusal(text)
    assert word in message
    assert "Canary" not in message
    assert len(message) < 120


def test_a_number_of_a_million_parts_is_text() -> None:
    text = "1" + ":59" * 1_000_000
    assert load(f"a: {text}") == {"a": text}


PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text()
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(VALUES)
def test_whatever_is_written_out_is_read_back(value: object) -> None:
    assert load(yaml.safe_dump(value, allow_unicode=False)) == value


@given(st.text())
def test_whatever_is_given_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        list(load_all(text))
