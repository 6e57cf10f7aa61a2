"""Text from outside inside Markdown: it is read as it was written, and never as Markdown.

For CommonMark 0.31 (https://spec.commonmark.org/0.31.2/) with the tables and strikethrough of
GitHub. Whoever writes a page puts this text behind words of their own: what only counts at the
beginning of a line (a heading, a list, a rule) is therefore left as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 1_000
"""Characters of one value; a provider's message may be a whole page."""
NOTHING = "-"

# An underscore inside a word is no emphasis (6.2, rules 2 and 6), and reads better bare.
_MEANT = re.compile(r"[\\`*\[\]<>|~$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)|(?<!\S)#")


def line(value: str, most: int = MOST) -> str:
    """Return text as one line that no terminal and no reader of Markdown takes for anything else.

    Control and bidi characters go; line breaks and tabs become one blank. Of more than `most`
    characters the rest is left out.
    """
    shown = (letter for letter in value[: 2 * most] if letter.isprintable() or letter.isspace())
    plain = " ".join("".join(shown).split())
    cut = plain if len(plain) <= most else plain[: most - 1] + "…"
    return _MEANT.sub(lambda found: f"\\{found[0]}", cut)


def lines(value: str, most: int) -> str:
    """Return text of several lines likewise, as one that breaks where it did."""
    return "<br>".join(line(one, most) for one in value.splitlines())


def code(value: str) -> str:
    """Return a word of programs, such as `auth_failed`, in type; as `line` where that is unsafe."""
    return f"`{value}`" if re.fullmatch(r"[\w.:/-]{1,100}", value, re.ASCII) else line(value)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table whose cells are Markdown already."""
    return [
        _row(titles),
        _row(["---"] * len(titles)),
        *(_row([cell or NOTHING for cell in row]) for row in rows),
    ]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
