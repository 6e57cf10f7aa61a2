from __future__ import annotations

from tui.inventory.answer import Answer, answer_lines
from tui.theme import UNICODE
from tui.widgets.cells import cell_text


def test_an_answer_says_state_stage_and_remedy() -> None:
    answer = Answer(
        state="failing", message="No\x1b[2J entry", latency_ms=12,
        stage="response", code="HTTP 403", remedy="Ask for access.",
    )  # fmt: skip
    said = "\n".join(cell_text(line) for line in answer_lines(answer, 60, UNICODE))
    assert "✖ failing  HTTP 403  12ms  at response" in said
    assert "No entry" in said
    assert "→ Ask for access." in said


def test_the_facts_stand_in_one_column_however_long_their_names_are() -> None:
    answer = Answer(state="healthy", facts=(("server", "Qdrant"), ("collection", "catalog")))
    lines = [cell_text(line).rstrip() for line in answer_lines(answer, 60, UNICODE)]
    assert lines[-2:] == ["server     Qdrant", "collection catalog"]
