"""Regular expressions whose time is linear in the text, whatever the text.

Python's own matcher goes back and tries again, so that a hostile text can hold it for years
against a pattern such as `(a+)+b`. Here a pattern becomes an automaton of positions (Glushkov
1961) that reads each character once; a set of positions is one number, a bit for each. What a
single character may be is still judged by Python's `re`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from engine.gateway.parameters.pattern_syntax import Node, PatternRefused, parsed

_MOST_KEPT = 4_096


class Pattern:
    """A pattern that the whole of a text must match.

    Args:
        source: A regular expression of Python's, without what looks around or back.

    Raises:
        PatternRefused: It is none, or has something that is not offered.
    """

    def __init__(self, source: str) -> None:
        tree, flags = parsed(source)
        places = _Places()
        whole = places.of(tree)
        self._empty = whole.empty
        self._first, self._last = whole.first, whole.last
        self._follow = places.follow
        self._atoms = [re.compile(atom, flags) for atom in places.atoms]
        self._fits: dict[str, int] = {}
        self._after: dict[int, int] = {}

    def matches(self, text: str) -> bool:
        """Tell whether the whole text matches; each character is read once."""
        if not text:
            return self._empty
        reachable = now = self._first
        for character in text:
            now = reachable & self._fit(character)
            if not now:
                return False
            reachable = self._next(now)
        return bool(now & self._last)

    def _fit(self, character: str) -> int:
        """Return the positions that take a character."""
        known = self._fits.get(character)
        if known is None:
            fits = (atom.fullmatch(character) is not None for atom in self._atoms)
            known = sum(1 << place for place, fit in enumerate(fits) if fit)
            _keep(self._fits, character, known)
        return known

    def _next(self, places: int) -> int:
        """Return the positions that may follow any of these."""
        known = self._after.get(places)
        if known is None:
            known, left = 0, places
            while left:
                lowest = left & -left
                known |= self._follow[lowest.bit_length() - 1]
                left ^= lowest
            _keep(self._after, places, known)
        return known


@lru_cache(maxsize=256)
def pattern_of(source: str) -> Pattern:
    """Return a pattern, made once.

    Raises:
        PatternRefused: See `Pattern`.
    """
    return Pattern(source)


class _Part:
    """A part of a pattern: whether it matches nothing, and the positions it begins and ends at."""

    __slots__ = ("empty", "first", "last")

    def __init__(self, *, empty: bool, first: int = 0, last: int = 0) -> None:
        self.empty, self.first, self.last = empty, first, last


class _Places:
    """Gives each character of a pattern a position, and notes which may follow which."""

    def __init__(self) -> None:
        self.atoms: list[str] = []
        self.follow: list[int] = []

    def of(self, node: Node) -> _Part:
        if node.kind == "atom":
            return self._atom(node)
        if node.kind == "repeat":
            return self._repeated(node)
        parts = [self.of(child) for child in node.children]
        return self._either(parts) if node.kind == "either" else self._in_turn(parts)

    def _atom(self, node: Node) -> _Part:
        bit = 1 << len(self.atoms)
        self.atoms.append(node.atom)
        self.follow.append(0)
        return _Part(empty=False, first=bit, last=bit)

    def _either(self, parts: list[_Part]) -> _Part:
        whole = _Part(empty=any(part.empty for part in parts))
        for part in parts:
            whole.first |= part.first
            whole.last |= part.last
        return whole

    def _in_turn(self, parts: list[_Part]) -> _Part:
        whole = _Part(empty=True)
        for part in parts:
            self._join(whole.last, part.first)
            whole.first |= part.first if whole.empty else 0
            whole.last = part.last | (whole.last if part.empty else 0)
            whole.empty = whole.empty and part.empty
        return whole

    def _repeated(self, node: Node) -> _Part:
        """Write a part out as often as it may come; one without an end leads back to itself."""
        least, most = node.least, node.most
        copies = [self.of(node.children[0]) for _ in range(max(least, 1) if most is None else most)]
        for index, copy in enumerate(copies):
            copy.empty = copy.empty or index >= least
        if most is None:
            self._join(copies[-1].last, copies[-1].first)
        return self._in_turn(copies)

    def _join(self, last: int, first: int) -> None:
        while last:
            lowest = last & -last
            self.follow[lowest.bit_length() - 1] |= first
            last ^= lowest


def _keep(cache: dict[object, int] | dict[str, int] | dict[int, int], key: object, it: int) -> None:
    """Remember a little; hostile text would have any number of things remembered."""
    if len(cache) >= _MOST_KEPT:
        cache.clear()
    cache[key] = it  # type: ignore[index]  # each cache has its own kind of key


__all__ = ["Pattern", "PatternRefused", "pattern_of"]
