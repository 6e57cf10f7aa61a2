"""The pieces that SQL is read into, and what is said of a text that cannot be read."""

from __future__ import annotations

from typing import Final, NamedTuple

WORD: Final = "word"
QUOTED: Final = "quoted"
STRING: Final = "string"
NUMBER: Final = "number"
PLACEHOLDER: Final = "placeholder"
PUNCTUATION: Final = "punctuation"


class Lexeme(NamedTuple):
    """One piece of SQL; white space and comments are none.

    Attributes:
        kind: WORD, QUOTED (an identifier), STRING, NUMBER, PLACEHOLDER or PUNCTUATION.
        text: As written; punctuation is one character each, but for `::` and `:=`.
        start: Where it begins, in characters from 0.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it has ended."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """A bare word in small letters; empty for anything else and for a word beyond ASCII."""
        return self.text.lower() if self.kind == WORD and self.text.isascii() else ""


class Unreadable(Exception):  # noqa: N818 - it says what the text is
    """The text cannot be read, or not in one way only.

    Args:
        code: Which rule.
        message: One sentence for people.
        start: Where, in characters from 0.
        length: How many characters are to blame.
        hint: What to do.
    """

    def __init__(
        self, code: str, message: str, *, start: int, length: int = 1, hint: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.length = length
        self.hint = hint


def words(*texts: str) -> frozenset[str]:
    """Return the words of some texts; long lists read best that way."""
    return frozenset(word for text in texts for word in text.split())


# Bare words after which a value begins: what ends before them is none.
NO_OPERANDS: Final = words(
    """
    and or not xor in is like ilike glob regexp rlike similar to between when then else case
    select distinct distinctrow all where having by on limit offset from as escape div mod any some
    using join lateral straight_join union except intersect values with recursive exists interval
    both leading trailing binary qualify sql_no_cache passing fetch overlaps placing of at zone
    sounds member match only for
    """
)
