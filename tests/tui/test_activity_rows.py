"""What was done, in words that say what was done to what."""

from __future__ import annotations

import pytest

from tui.activity.rows import action_cell
from tui.widgets.cells import cell_text


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("integration.created", "created integration"),
        ("template.registered", "registered template"),
        ("gateway.run", "ran template"),
        ("gateway.set", "set gateway"),
        ("prevention.holds", "proved ledger"),
        ("prevention.broken", "found broken ledger"),
        ("prevention.resumed", "resumed ledger"),
        ("master_key.rotation_begun", "rotation begun master key"),
        ("noted", "noted"),
    ],
)
def test_an_action_is_told_in_words(action: str, said: str) -> None:
    assert cell_text(action_cell(action)) == said
