"""What a pattern may be made of: as much of Python's syntax as an automaton can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

MAX_SOURCE = 500
MAX_PLACES = 1_000
"""Characters of a pattern, once its counted repeats are written out."""

_DEEPEST = 20
_COUNT = re.compile(r"\{([0-9]{0,4})(,?)([0-9]{0,4})\}")
_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|U0010[0-9a-fA-F]{4}"
    r"|[dDsSwWnrtfv]|[^0-9a-zA-Z])",
    re.DOTALL,
)
_CLASS = re.compile(r"\[\^?\]?(?:[^\]\\]|\\.)*\]", re.DOTALL)
# Python means to give these a meaning of their own inside a class, and warns of them.
_RESERVED = re.compile(r"(?<!\\)\[|--|&&|~~|\|\|")
_NAMED = re.compile(r"P<[A-Za-z_][A-Za-z0-9_]*>")


class PatternRefused(ValueError):  # noqa: N818 - the domain's word
    """A pattern that is none, or that has something that is not offered; said as a sentence."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a pattern: a character, parts in turn, one of several, or one repeated."""

    kind: Literal["atom", "turn", "either", "repeat"]
    children: tuple[Node, ...] = ()
    atom: str = ""
    least: int = 0
    most: int | None = None

    @property
    def places(self) -> int:
        """How many characters it is once its repeats are written out; a part of none counts one."""
        within = max(1, sum(child.places for child in self.children))
        times = 1 if self.kind != "repeat" else max(self.least, 1, self.most or 0)
        return within * times


def parsed(source: str) -> tuple[Node, re.RegexFlag]:
    """Return a pattern's tree, and the flags its characters are judged with.

    Raises:
        PatternRefused: It is no pattern, too large, or looks around or back.
    """
    if len(source) > MAX_SOURCE:
        raise PatternRefused(f"It is longer than {MAX_SOURCE} characters.")
    loose = source.startswith("(?i)")
    reader = _Reader(source.removeprefix("(?i)"))
    tree = reader.whole()
    if tree.places > MAX_PLACES:
        raise PatternRefused(f"Written out, it has more than {MAX_PLACES:,} characters.")
    return tree, re.IGNORECASE if loose else re.NOFLAG


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        tree = self._either()
        if self._at < len(self._source):
            raise PatternRefused("It has a ) too many.")
        return tree

    def _peek(self) -> str:
        return self._source[self._at : self._at + 1]

    def _took(self, text: str) -> bool:
        found = self._source.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _either(self) -> Node:
        branches = [self._turn()]
        while self._took("|"):
            branches.append(self._turn())
        return branches[0] if len(branches) == 1 else Node("either", tuple(branches))

    def _turn(self) -> Node:
        """Read what follows one another; the whole text is matched, so ends go without saying."""
        outermost = not self._depth
        if outermost:
            self._took("^")
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            if outermost and self._took("$"):
                if self._peek() not in {"", "|"}:
                    raise PatternRefused("A $ may only stand at its end.")
                break
            parts.append(self._repeated(self._one()))
        return Node("turn", tuple(parts))

    def _one(self) -> Node:
        sign = self._peek()
        if sign == "(":
            return self._group()
        if sign in {"*", "+", "?"}:
            raise PatternRefused(f"It has nothing before a {sign} to repeat.")
        if sign in {"^", "$"}:
            raise PatternRefused(
                f"A {sign} may only stand at its {'start' if sign == '^' else 'end'}."
            )
        if sign in {"{", "}"}:
            raise PatternRefused(f"It has a {sign} alone: write \\{sign} for the character itself.")
        return self._atom(sign)

    def _atom(self, sign: str) -> Node:
        if sign == "\\":
            found = _ESCAPE.match(self._source, self._at)
            if found is None:
                raise PatternRefused(
                    "It has an escape that is not offered: a back reference, an edge of a word."
                )
            text = found.group()
        elif sign == "[":
            text = self._class()
        else:
            text = sign if sign == "." else re.escape(sign)
            self._at += 1
            return Node("atom", atom=text)
        self._at += len(text)
        return Node("atom", atom=text)

    def _class(self) -> str:
        found = _CLASS.match(self._source, self._at)
        if found is None:
            raise PatternRefused("It has a [ without its ].")
        text = found.group()
        if _RESERVED.search(text[1:]):
            raise PatternRefused(
                "A [, or two of - & ~ |, inside [] must be written with a \\ before it."
            )
        try:
            re.compile(text)
        except (re.error, OverflowError):
            raise PatternRefused("It has a range or an escape inside [] that is none.") from None
        return text

    def _group(self) -> Node:
        self._at += 1
        if self._took("?"):
            named = _NAMED.match(self._source, self._at)
            if named is not None:
                self._at = named.end()
            elif not self._took(":"):
                raise PatternRefused(
                    "It looks around, or sets flags, which is not offered; (?i) may begin it."
                )
        self._depth += 1
        if self._depth > _DEEPEST:
            raise PatternRefused(f"Its groups are more than {_DEEPEST} deep.")
        inner = self._either()
        self._depth -= 1
        if not self._took(")"):
            raise PatternRefused("It has a ( without its ).")
        return inner

    def _repeated(self, node: Node) -> Node:
        least, most = self._times()
        if (least, most) == (1, 1):
            return node
        self._took("?")  # how much is tried first makes no difference to whether it matches
        if self._peek() in {"*", "+", "?"} or _COUNT.match(self._source, self._at):
            raise PatternRefused("It repeats a repeat: put the inner one into a group.")
        return Node("repeat", (node,), least=least, most=most)

    def _times(self) -> tuple[int, int | None]:
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._took(sign):
                return times
        found = _COUNT.match(self._source, self._at)
        if found is None or found.group() in {"{}", "{,}"}:
            return 1, 1
        self._at = found.end()
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else None if found[2] else least
        if most is not None and most < least:
            raise PatternRefused("It repeats something at most less often than at least.")
        return least, most
