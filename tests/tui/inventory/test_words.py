from __future__ import annotations

from tui.inventory import words


def test_a_question_names_its_thing() -> None:
    title, *said = words.delete_question("integration", ["gpt\x1b[2J-prod"])
    assert title == "Delete gpt-prod?"
    assert len(said) == 1


def test_a_question_about_many_lists_some_and_counts_the_rest() -> None:
    title, listed, _ = words.delete_question("integration", [f"n{number}" for number in range(9)])
    assert title == "Delete 9 integrations?"
    assert listed == "n0, n1, n2, n3, n4, n5 and 3 more"


def test_an_empty_place_says_what_to_do_next() -> None:
    assert "Press n" in words.empty("integration", "acme", read_only=False).text
    assert "Press n" not in words.empty("integration", "acme", read_only=True).text


def test_the_title_tells_filter_order_and_marks() -> None:
    title = words.list_title("Integrations", 1234, 2, query="a\x1b[31mb", sort="name", arrow="▴")
    assert title == "Integrations 1,234  /ab  name ▴  2 marked"
