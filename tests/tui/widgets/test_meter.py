from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width
from tui.widgets.meter import bar

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = (50.0, 80.0, 95.0, 100.0)


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (0, "─────────┴─────┴──┴─"),
        (40, "━━━━━━━━─┴─────┴──┴─"),
        (50, "━━━━━━━━━┻─────┴──┴─"),
        (82, "━━━━━━━━━┻━━━━━┻──┴─"),
        (118, "━━━━━━━━━┻━━━━━┻━━┻━"),
    ],
)
def test_levels_are_marked_and_passed_ones_differ(percent: float, shown: str) -> None:
    assert cell_text(bar(percent, 20, "accent", UNICODE, levels=LEVELS)) == shown


def test_what_is_held_stands_between_used_and_left() -> None:
    assert cell_text(bar(40, 10, "accent", UNICODE, held=20)) == "━━━━╍╍────"
    assert cell_text(bar(40, 10, "accent", ASCII, held=20, levels=(80,))) == "####==.|.."


@pytest.mark.parametrize("percent", [0.01, 99.6])
def test_a_little_fills_a_cell_and_almost_all_not_the_last(percent: float) -> None:
    shown = cell_text(bar(percent, 10, "accent", UNICODE))
    assert shown.startswith("━")
    assert shown.endswith("─")


@pytest.mark.parametrize("width", [0, 1, 2, 7])
@pytest.mark.parametrize("levels", [(), LEVELS, (0.001, 99.999, 250.0)])
def test_a_bar_is_as_wide_as_asked(width: int, levels: Sequence[float]) -> None:
    for percent in (-5, 0, 50, 100, 1e9):
        made = bar(percent, width, "accent", UNICODE, held=1e9, levels=levels)
        assert cell_width(made) == width
