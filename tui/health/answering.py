"""Telling what a test came to, wherever one tests from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.health.story import answer_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from engine.probes.result import Checked

SEVERITY: Mapping[str, SeverityLevel] = {"healthy": "information", "failing": "error"}


def tell_answer(screen: Screen[None], name: str, checked: Checked) -> None:
    """Say below the screen what a test of a thing of this name found."""
    screen.notify(
        answer_words(checked),
        title=text.clean(name),
        severity=SEVERITY.get(checked.result.state, "warning"),
        markup=False,
    )
