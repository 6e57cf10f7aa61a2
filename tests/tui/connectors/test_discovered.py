from __future__ import annotations

from tui.connectors.discovered import counted, names_line, nested_lines, offer_lines, offers
from tui.widgets.cells import cell_text, cell_width

TOOL = {
    "name": "search",
    "description": "Finds things.",
    "input_schema": {
        "properties": {
            "query": {"type": "string", "description": "What to find."},
            "kinds": {"type": "array", "items": {"type": "string"}},
            "order": {"enum": ["new", "old"]},
        },
        "required": ["query"],
    },
}


def said(found: object) -> str:
    return "\n".join(cell_text(line) for line in found)  # type: ignore[attr-defined]


def test_offers_are_counted_by_what_they_are() -> None:
    found = offers({"queries": ["a", "b", "c"], "mutations": ["d"], "entries": [{"path": "x"}]})
    assert counted(found) == "3 queries, 1 mutation, 1 entry"
    assert [one.name for one in found] == ["a", "b", "c", "d", "x"]
    assert counted(offers({})) == ""


def test_a_tool_tells_its_arguments_and_which_must_be_given() -> None:
    words = said(offer_lines(offers({"tools": [TOOL]})[0], 60))
    assert "search  tool" in words
    assert "* query" in words
    assert "list of string" in words
    assert "new | old" in words
    assert "What to find." in words


def test_a_table_tells_its_columns() -> None:
    table = {"name": "orders", "columns": [{"name": "id", "type": "BIGINT"}, {"name": "total"}]}
    words = said(offer_lines(offers({"tables": [table]})[0], 60))
    assert "2 columns" in words
    assert "BIGINT" in words


def test_names_that_do_not_fit_are_counted() -> None:
    found = offers({"tables": [f"table_{number}" for number in range(40)]})
    line = names_line(found, 30)
    assert line == "table_0, table_1, table_2 +37"
    assert names_line(found[:2], 30) == "table_0, table_1"


def test_a_schema_without_end_ends() -> None:
    deep: dict[str, object] = {}
    for _ in range(900):
        deep = {"inner": deep, "more": "x"}
    lines = nested_lines(deep, 40)
    assert len(lines) <= 41
    assert all(cell_width(line) <= 40 for line in lines)


def test_what_is_no_list_is_no_offer() -> None:
    assert offers({"tools": "abc", "server": {"name": "x"}}) == ()
