from __future__ import annotations

from tui.inventory.labels import Edit, edit, words


def test_a_word_counts_once_whatever_its_case() -> None:
    assert words(" pii, ,PII,prod ") == ("PII", "prod")


def test_what_one_carries_is_compared_with_what_is_typed() -> None:
    assert edit("prod, new", ("PROD", "old")) == Edit(added=("new",), removed=("old",))
    assert edit("prod", ("prod",)).said == ""


def test_for_several_a_minus_takes_away() -> None:
    assert edit("new, -old", None) == Edit(added=("new",), removed=("old",))
    assert edit("-", None) == Edit()


def test_an_edit_is_told_in_clean_words() -> None:
    assert Edit(added=("a\x1b[31mb",), removed=("c",)).said == "adds ab; removes c"


def test_an_edit_holds_on_top_of_what_a_thing_carries() -> None:
    made = Edit(added=("new", "KEPT"), removed=("OLD",))
    assert made.of(("old", "kept")) == ("kept", "new")
