"""The work is bounded: counted in characters read and tokens made, not in time."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from engine.gateway.tripwire import look, looking, tokens, windows

if TYPE_CHECKING:
    from collections.abc import Callable

HARMLESS = ("The quick brown fox jumps over the lazy dog and rests. " * 20)[:1000]
SIGNS = (
    "' \" ` ( ) /* */ /*! -- # %25 %2525 %27 \\ \\' ; , = < @ :: &#39; \\u0027 ( ( ' \"' (' ' or "
    "1+ (1 f( sleep( (select union 1=1 a. 1e 0x \0 \u200b \uff07 \u201c - ! ~ . , not"
)


def _counted(value: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Characters and tokens that were read of a value, in all places together."""
    read = [0, 0]
    scan: Callable[[str], tokens.Scan] = tokens.scan

    def counting(text: str) -> tokens.Scan:
        seen = scan(text)
        read[0] += len(text)
        read[1] += len(seen.tokens)
        return seen

    with monkeypatch.context() as patch:
        patch.setattr(looking, "scan", counting)
        look(value)
    return read[0], read[1]


def _hostile() -> list[str]:
    rnd = random.Random(7)  # noqa: S311 - the same text in every run
    mixed = "".join(rnd.choice("'\"`()/*-#%;=,1aor ") for _ in range(60_000))
    repeated = [(sign * 60_000)[:60_000] for sign in dict.fromkeys(SIGNS.split(" ")) if sign]
    return [*repeated, " " * 60_000, mixed, "(" * 30_000 + ")" * 30_000]


def test_what_is_sent_cannot_make_it_work_long(monkeypatch: pytest.MonkeyPatch) -> None:
    _, harmless = _counted(HARMLESS, monkeypatch)
    assert harmless > 100
    for value in _hostile():
        characters, found = _counted(value, monkeypatch)
        assert characters <= 80 * len(HARMLESS), value[:20]
        assert found <= 80 * harmless, value[:20]


@pytest.mark.parametrize("sign", ["'", "(", "' or ", "1,", "%27"])
def test_more_of_the_same_is_not_more_work(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    some = _counted(sign * 20_000, monkeypatch)
    many = _counted(sign * 80_000, monkeypatch)
    assert many <= tuple(2 * count for count in some)


def test_each_character_is_read_once() -> None:
    for value in _hostile():
        text = value[: windows.WHOLE].lower()
        assert sum(map(len, re.findall(tokens.TOKEN, text))) <= len(text)
        assert len(tokens.scan(text).tokens) <= tokens.MOST


def test_a_long_value_is_read_at_both_ends_and_around_words_of_attacks() -> None:
    filler = "lorem ipsum dolor sit amet " * 2000
    attack = "1' UNION SELECT name, secret FROM vault-- "
    assert look(filler) is None
    for value in (attack + filler, filler + attack, filler + attack + filler):
        assert look(value) is not None
