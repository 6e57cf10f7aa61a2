"""Patterns: they match what Python's would, each character read once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.gateway.parameters.pattern_syntax import PatternRefused
from engine.gateway.parameters.patterns import Pattern

ATOMS = ["a", "b", "c", ".", r"\d", r"\w", "[ab]", "[^a]", r"\.", "1", "[a-c]", r"[\d.]", "(?:)"]
TIMES = ["*", "+", "?", "{2}", "{1,3}", "{0}", "{,2}", "{1,}", "*?", "{0,1}"]
PATTERNS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(TIMES)).map(lambda two: f"({two[0]}){two[1]}"),
    ),
    max_leaves=6,
)
# For years, with Python's own matcher.
SLOW = [r"(a+)+b", r"(a|a)*b", r"(.*a){12}", r"(\w+\s?)*x", r"a*a*a*a*a*a*a*a*b"]


@settings(max_examples=150)
@given(pattern=PATTERNS, texts=st.lists(st.text(alphabet="abc1.\n", max_size=6), max_size=8))
def test_it_matches_what_python_matches(pattern: str, texts: list[str]) -> None:
    ours, theirs = Pattern(pattern), re.compile(pattern)
    anchored = Pattern(f"^{pattern}$") if "|" not in pattern else ours
    for text in texts:
        expected = theirs.fullmatch(text) is not None
        assert ours.matches(text) == anchored.matches(text) == expected


@pytest.mark.parametrize("pattern", SLOW)
def test_hostile_text_takes_steps_by_its_length_alone(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0
    step = Pattern._next

    def counted(self: Pattern, places: int) -> int:
        nonlocal steps
        steps += 1
        return step(self, places)

    monkeypatch.setattr(Pattern, "_next", counted)
    assert not Pattern(pattern).matches("a" * 10_000 + "!")
    assert steps <= 10_001


def test_case_may_be_left_open() -> None:
    assert Pattern("(?i)de-[a-z]+").matches("DE-Xy")
    assert not Pattern("de-[a-z]+").matches("DE-xy")


@pytest.mark.parametrize(
    "source",
    [
        *("(", ")", "a)", "*a", "a**", "a{2,1}", "[a", "[b-a]", "\\", "a{", "}", "a|*"),
        *(r"\bx", r"(a)\1", "(?=a)", "(?<!a)b", "(?m)a", "a(?i)b", "a$b", "x^", "[[a]", r"\pL"),
        *("a" * 501, "a{1001}", "((a{40}){40}){40}", "(" * 50 + ")" * 50, "(((){900}){900}){900}"),
    ],
)
def test_what_is_no_pattern_or_too_much_is_refused(source: str) -> None:
    with pytest.raises(PatternRefused):
        Pattern(source)
