from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.filters import MAX_TERMS, Term, parse_filter


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", ()),
        ("   ", ()),
        ("openai", (Term(value="openai"),)),
        ("!openai", (Term(value="openai", negated=True),)),
        ("health:failing", (Term(value="failing", field="health"),)),
        ("!Status:enabled", (Term(value="enabled", field="status", negated=True),)),
        ('name:"two words" x', (Term(value="two words", field="name"), Term(value="x"))),
        ('"still typing', (Term(value="still typing"),)),
        ("health:", ()),
        ("!", ()),
        ("a  b", (Term(value="a"), Term(value="b"))),
        ("http://x:1/y", (Term(value="//x:1/y", field="http"),)),
    ],
)
def test_filters_read_as_people_type_them(typed: str, terms: tuple[Term, ...]) -> None:
    assert parse_filter(typed) == terms


@given(st.text(max_size=400))
def test_nothing_typed_is_an_error(typed: str) -> None:
    terms = parse_filter(typed)
    assert len(terms) <= MAX_TERMS
    assert all(term.value.strip() for term in terms)
