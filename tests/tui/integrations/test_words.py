from __future__ import annotations

from tui.integrations import words


def test_a_question_names_its_thing() -> None:
    title, *said = words.delete_question(["gpt\x1b[2J-prod"])
    assert title == "Delete gpt-prod?"
    assert len(said) == 1


def test_a_question_about_many_lists_some_and_counts_the_rest() -> None:
    title, listed, _ = words.delete_question([f"n{number}" for number in range(9)])
    assert title == "Delete 9 integrations?"
    assert listed == "n0, n1, n2, n3, n4, n5 and 3 more"


def test_an_empty_place_says_what_to_do_next() -> None:
    assert "Press n" in words.empty("acme", read_only=False).text
    assert "Press n" not in words.empty("acme", read_only=True).text
