from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.timing import within
from tui import text

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 4, 14, 2, 11, tzinfo=UTC)


def is_safe(value: str) -> bool:
    """No control, format, surrogate, private or unassigned character, and one line."""
    return all(unicodedata.category(one)[0] != "C" and one.isprintable() for one in value)


def test_hostile_text_is_cleaned(corpora: Path) -> None:
    for line in (corpora / "hostile_text.jsonl").read_text().splitlines():
        record = json.loads(line)
        cleaned = text.clean(record["value"])
        assert is_safe(cleaned), record["why"]
        assert cleaned.encode("utf-8", "strict") is not None


def test_every_single_character_is_safe_or_gone() -> None:
    everything = (chr(point) for point in range(0x110000))
    assert is_safe("".join(text.clean(f"a{one}") for one in everything))


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("plain", "plain"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("a\nb\tc", "a b c"),
        ("\u202eevil", "evil"),
        ("zero\u200bwidth", "zerowidth"),
        ("lone\ud800", "lone\ufffd"),
        ("Ho\u0302pital \u00e9t\u00e9", "Ho\u0302pital \u00e9t\u00e9"),
        ("[bold red]markup[/]", "[bold red]markup[/]"),
        ("a" + "\u0301" * 50, "a" + "\u0301" * 2),
    ],
)
def test_clean_keeps_words_and_drops_what_steers(value: str, cleaned: str) -> None:
    assert text.clean(value) == cleaned


def test_an_unfinished_sequence_does_not_swallow_the_rest() -> None:
    assert text.clean("\x1b]0;no end in sight") == "0;no end in sight"


def test_clean_takes_time_in_proportion_to_its_limit() -> None:
    # Milliseconds, or hours where each of them is looked for to the end.
    with within(20.0):
        text.clean("\x1b]" * 300_000 + "\u0301" * 300_000)


@pytest.mark.parametrize(
    ("ago", "words"),
    [(0, "0 s"), (-5, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_age(ago: int, words: str) -> None:
    assert text.age(NOW - timedelta(seconds=ago), NOW) == words


def test_moments_are_as_brief_as_they_stay_clear() -> None:
    assert text.moment(NOW, NOW) == "14:02"
    assert text.moment(NOW - timedelta(days=2), NOW) == "Mar 2 14:02"
    assert text.moment(NOW - timedelta(days=400), NOW) == "2025-01-28"
    assert text.moment(None, NOW) == "-"


def test_numbers() -> None:
    assert text.latency(None) == "-"
    assert text.latency(3120.4) == "3,120ms"
    assert text.money(120450) == "$1,204.50"
    assert text.percent(118) == "118%"
    assert text.percent(99.96, digits=1) == "99.9%"
    assert text.percent(99.9) == "99%"
    assert text.percent(100.0, digits=1) == "100.0%"
    assert text.plural(1, "lamp") == "1 lamp"
    assert text.plural(3, "lamp") == "3 lamps"


def test_ellipsis_measures_cells_not_characters() -> None:
    assert text.ellipsis("abcdef", 4) == "abc…"
    assert text.width(text.ellipsis("漢字漢字", 5)) <= 5
    assert text.ellipsis("ab", 0) == ""


@pytest.mark.parametrize(
    ("nanos", "said"),
    [
        (None, "-"),
        (0, "$0.00"),
        (1, "<$0.0001"),
        (4_200_000, "$0.0042"),
        (50_000_000, "$0.05"),
        (1_204_505_000_000, "$1,204.51"),
        (-5_000_000, "-$0.005"),
        (2**60, "$1,152,921,504.61"),
    ],
)
def test_cost_says_small_amounts_and_is_exact_with_large_ones(nanos: int | None, said: str) -> None:
    assert text.cost(nanos) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (999, "999"), (1234, "1.2k"), (999_600, "1M"), (1.25e9, "1.2B"), (-4000, "-4k")],
)
def test_short_numbers(value: float, said: str) -> None:
    assert text.short(value) == said


def test_short_costs() -> None:
    assert text.short_cost(1_204_505_000_000) == "$1.2k"
    assert text.short_cost(42_100_000_000) == "$42.10"
