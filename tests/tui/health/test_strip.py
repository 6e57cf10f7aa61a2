from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.health.model import DaySlot, DayStrip
from tui.health.strip import end_of, parts_for, place_of, strip_lines, strip_words
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text

DAY = datetime(2026, 3, 14, tzinfo=UTC)


def strip(parts: int = 24, **states: str) -> DayStrip:
    """A day that was well but for the parts that are named, such as `p3="failing"`."""
    slots = [DaySlot(state=states.get(f"p{place}", "healthy")) for place in range(parts)]
    slots = [
        DaySlot(state=None if slot.state == "none" else slot.state, failing=slot.state == "failing")
        for slot in slots
    ]
    return DayStrip(day=DAY, slot_s=86_400 // parts, slots=tuple(slots))


def test_each_part_has_its_lamp_and_a_mark_stands_at_the_time() -> None:
    day = strip(p3="failing", p4="degraded", p5="unknown", p23="none")
    lamps, hours = strip_lines(day, DAY + timedelta(hours=3.5), UNICODE)
    assert cell_text(lamps) == " ●●●✖▲○" + "●" * 17 + "·"
    assert cell_text(hours) == " 00 ▴  06    12    18    "
    assert [span.tone for span in lamps[2:5]] == ["failing", "degraded", "unknown"]


def test_plain_letters_tell_the_same() -> None:
    day = strip(p3="failing", p4="degraded", p5="unknown")
    lamps, hours = strip_lines(day, DAY + timedelta(hours=3.5), ASCII)
    assert cell_text(lamps) == " ***x!o" + "*" * 18
    assert cell_text(hours) == " 00 ^  06    12    18    "


@pytest.mark.parametrize("width", [26, 50, 78, 80, 118, 200])
def test_a_day_fits_its_line(width: int) -> None:
    parts = parts_for(width)
    assert 86_400 % parts == 0
    lamps, hours = strip_lines(strip(parts), DAY + timedelta(hours=23.99), UNICODE)
    assert len(cell_text(lamps)) == len(cell_text(hours)) == parts + 1 <= width
    assert cell_text(hours).endswith("▴")


def test_a_part_is_told_in_words_and_ends_where_the_next_begins() -> None:
    day = strip(p3="failing", p23="none")
    assert strip_words(day, DAY + timedelta(hours=3), UNICODE) == "03:00-04:00  ✖ 1 failing"
    assert strip_words(day, DAY, UNICODE) == "00:00-01:00  ● healthy"
    assert strip_words(day, DAY + timedelta(hours=23), UNICODE) == "23:00-00:00  nothing was there"
    assert [place_of(day, end_of(day, place)) for place in range(24)] == list(range(24))
