from __future__ import annotations

from engine.text import MAX_NAME
from tui.inventory import draft


def test_a_clones_name_never_grows_too_long() -> None:
    assert len(draft.clone_name("x" * 400)) == MAX_NAME
    assert draft.clone_name("gpt") == "gpt-copy"
