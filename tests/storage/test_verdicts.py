"""What the last checks come to, as bits; against the same told in lists."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from storage.health.verdicts import (
    BAD,
    FLAPPING,
    GOOD,
    REMEMBERED,
    changes,
    in_a_row,
    judged,
    remembered,
)


def bits(word: str) -> int:
    recent = 1
    for letter in word:
        recent = remembered(recent, int(letter))
    return recent


WORDS = [
    *("".join(letters) for size in range(1, 9) for letters in product("01", repeat=size)),
    *("01" * 15, "0" * 30, "1" * 30, "1" * 19 + "0", "0" * 21 + "1" * 20, "1" * 21 + "0" * 19),
]


def test_bits_tell_what_a_list_tells() -> None:
    for word in WORDS:
        last = word[-REMEMBERED:]
        rest = last.rstrip(last[-1])
        assert in_a_row(bits(word)) == len(last) - len(rest), word
        assert changes(bits(word)) == sum(one != other for one, other in pairwise(last)), word


def judge(word: str, failures: int = 3, passes: int = 2) -> str:
    """Give the verdict after each check, as a letter."""
    recent, verdict, told = 1, GOOD, ""
    for letter in word:
        recent = remembered(recent, int(letter))
        verdict = judged(recent, verdict, failures, passes)
        told += {GOOD: "g", BAD: "b", FLAPPING: "f"}[verdict]
    return told


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("0110110", "ggggggg"),
        ("01110100", "gggbbbbg"),
        # The sixth change is flapping, and so is what has more than three in the last twenty.
        ("0101010", "ggggggf"),
        ("0101010" + "0" * 13, "ggggggf" + "f" * 13),
        ("0101010" + "0" * 16, "ggggggf" + "f" * 15 + "g"),
        ("0101010" + "1" * 18, "ggggggf" + "f" * 16 + "bb"),
        # Calm is three changes at the most: four are what there was before, whichever that was.
        ("01010" + "0" * 9, "ggggg" + "g" * 9),
    ],
)
def test_verdicts(word: str, told: str) -> None:
    assert judge(word) == told


def test_thresholds_of_one_turn_at_once_until_it_flaps() -> None:
    assert judge("10", 1, 1) == "bg"
    assert judge("1010101", 1, 1) == "bgbgbgf"


def test_more_than_is_remembered_is_reached_by_all_that_is() -> None:
    assert judge("1" * 20, failures=50)[-2:] == "gb"
