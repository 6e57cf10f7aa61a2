"""Which parts of a long value are looked at.

Each place of a statement costs time for every token, and a hostile value is nothing but tokens. So
of a value longer than `WHOLE` characters only parts are read: its beginning and its end, where an
attack must close what it was put into and hide what follows, and the surroundings of words that
attacks need. That bounds the time, whatever is sent.
"""

from __future__ import annotations

WHOLE = 4096
"""Up to so many characters a value is read as a whole."""

EDGE = 1024
"""Characters of the beginning and of the end of a longer one."""

BEFORE, AFTER = 96, 256
"""Characters before and after a word that attacks need."""

MOST = 3
"""How many such places are read, the surest words first."""

_WORDS = (
    "union", "information_schema", "waitfor", "sleep(", "outfile", "extractvalue", "updatexml",
    "xp_cmdshell", "(select", "' or", '" or', "'or", "' and", "';", "; drop", "'||", "or 1=1",
    "and 1=1", "/*!", "insert into", "delete from", "declare @", "order by", "%27", "') ", "'--",
)  # fmt: skip


def pieces(value: str) -> tuple[str, ...]:
    """Return the parts of a value to read, the whole of it if it is short."""
    if len(value) <= WHOLE:
        return (value,)
    middle = value[EDGE:-EDGE].lower()
    places: list[int] = []
    for word in _WORDS:
        at = middle.find(word)
        if at >= 0 and all(abs(at - other) > BEFORE for other in places):
            places.append(at)
            if len(places) == MOST:
                break
    around = (middle[max(0, at - BEFORE) : at + AFTER] for at in sorted(places))
    return (value[:EDGE], *around, value[-EDGE:])
