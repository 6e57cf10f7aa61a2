"""Pure formatting for people: clean text, ages, latencies, money, percentages.

Everything that shows text (screens and the command line's tables) formats it here, so that a
latency looks the same everywhere. Nothing in this module knows Textual.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

NOTHING = "-"
"""What stands where there is no value; never an empty cell, never a zero."""

ELLIPSIS = "…"
"""What stands where something was cut; one cell wide."""

MAX_CHARACTERS = 2000
"""Longer text is cut before it is cleaned: no terminal shows more of one value."""

MAX_LINE = 1_000_000
"""Characters of a line of text that is typed or read as a whole."""

TAB = " " * 4

NANOS_PER_DOLLAR = 1_000_000_000
_NO_DECIMAL = 10  # from two digits on, a decimal says nothing more
_SHORT_FROM = 1000  # dollars
_FINE_BELOW = NANOS_PER_DOLLAR // 10

MAX_COMBINING = 2
"""Marks kept on one letter: enough for Vietnamese and Hebrew, too few to paint on other rows."""

# Whole terminal sequences go, so that no "[31m" litter stays behind: CSI, then the string kinds
# (OSC, DCS, SOS, PM, APC) up to their end, then two-character escapes. ECMA-48, 5.4 and 8.3.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
# Printable by name, yet blank or invisible: fillers, joiners and variation selectors, which also
# make terminals disagree about a text's width.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


def clean(value: str, *, limit: int = MAX_CHARACTERS) -> str:
    """Return text from outside without anything that steers a terminal.

    Escape sequences, control, bidi and zero-width characters go; line breaks and tabs become one
    space; lone surrogates become U+FFFD. The result is one line, safe to print and to measure.
    """
    if value.isascii() and value.isprintable() and len(value) <= limit:
        return value
    plain = _INVISIBLE.sub("", _SEQUENCE.sub("", value[:limit]))
    return "".join(_printable(plain))


def lines(value: str) -> list[str]:
    """Return a text's lines, each cleaned; tabs become blanks."""
    found = value.replace("\r\n", "\n").split("\n")
    return [clean(line.replace("\t", TAB), limit=MAX_LINE) for line in found]


def _printable(value: str) -> Iterator[str]:
    marks = 0
    for character in value:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MAX_COMBINING:
            continue
        if character.isprintable():
            yield character
        elif character.isspace():
            yield " "
        elif unicodedata.category(character) == "Cs":
            yield "\ufffd"


def width(value: str) -> int:
    """Return how many terminal cells the text takes."""
    return cell_len(value)


def ellipsis(value: str, cells: int) -> str:
    """Return the text cut to so many cells, with a mark where something was cut."""
    if cell_len(value) <= cells:
        return value
    if cells <= 1:
        return ELLIPSIS[:cells]
    return set_cell_size(value, cells - 1).rstrip() + ELLIPSIS


def seconds(value: float) -> str:
    """Return a span of seconds in its largest sensible unit: `8 s`, `11 min`, `3 h`, `2 d`."""
    whole = max(0, int(value))
    for unit, size, until in (("s", 1, 60), ("min", 60, 3600), ("h", 3600, 86400)):
        if whole < until:
            return f"{whole // size} {unit}"
    return f"{whole // 86400} d"


def age(then: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was; a clock that ran ahead gives `0 s`, never less."""
    return NOTHING if then is None else seconds((now - then).total_seconds())


def moment(then: datetime | None, now: datetime) -> str:
    """Return a moment in UTC as briefly as it stays clear: `13:51` today, else `Nov 20 13:51`."""
    if then is None:
        return NOTHING
    if then.date() == now.date():
        return f"{then:%H:%M}"
    if then.year == now.year:
        return f"{then:%b} {then.day} {then:%H:%M}"
    return f"{then:%Y-%m-%d}"


def exact(then: datetime, now: datetime) -> str:
    """Return a moment in UTC to the second: `13:51:07 UTC` today, else `Nov 20 13:51:07 UTC`."""
    if then.date() == now.date():
        return clock(then)
    year = "" if then.year == now.year else f" {then.year}"
    return f"{then:%b} {then.day}{year} {clock(then)}"


def day(then: datetime, now: datetime) -> str:
    """Return a moment in at most six cells: `13:51` today, else `Nov 20`."""
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%b} {then.day}"


def clock(now: datetime) -> str:
    """Return the time of the day for the header: `14:02:11 UTC`."""
    return f"{now:%H:%M:%S} UTC"


def latency(milliseconds: float | None) -> str:
    """Return a latency in whole milliseconds: `182ms`, `3,120ms`, `<1ms`."""
    if milliseconds is None:
        return NOTHING
    # What took some time never reads as what took none.
    return "<1ms" if 0 < milliseconds < 1 else f"{round(milliseconds):,}ms"


def money(cents: int | None) -> str:
    """Return dollars from cents: `$1,204.50`."""
    return NOTHING if cents is None else f"${cents / 100:,.2f}"


def cost(nanos: int | None) -> str:
    """Return dollars from billionths of one: `$1,204.50`, `$0.0042`, `<$0.0001`.

    Below ten cents it goes to the hundredth of a cent, because calls cost so little; what cost
    something never reads as nothing. Halves are rounded up.
    """
    if nanos is None:
        return NOTHING
    sign, size = "-" if nanos < 0 else "", abs(nanos)
    if 0 < size < _FINE_BELOW:
        fine = (size + 50_000) // 100_000
        said = f"${fine / 10_000:.4f}".removesuffix("0").removesuffix("0")
        return sign + (said if fine else "<$0.0001")
    cents = (size + 5_000_000) // 10_000_000
    return f"{sign}${cents // 100:,}.{cents % 100:02d}"


def percent(share: float | None, *, digits: int = 0) -> str:
    """Return a percentage of a value in 0..100 and beyond (limits can be passed): `71%`.

    What is below 100 never rounds up to it: 99.96 stays `99.9%`, for 100 % means no failure.
    """
    if share is None:
        return NOTHING
    scale = 10**digits
    if share < 100:  # noqa: PLR2004 - the hundred of per cent
        share = min(round(share, digits), (100 * scale - 1) / scale)
    return f"{share:,.{digits}f}%"


def number(value: int | None) -> str:
    """Return a count with thousands marked: `12,345`."""
    return NOTHING if value is None else f"{value:,}"


def short(value: float | None) -> str:
    """Return a number in at most four characters and a unit: `500`, `1.2k`, `30M`."""
    if value is None:
        return NOTHING
    if value < 0:
        return f"-{short(-value)}"
    for unit, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3)):
        # 999.96 thousand rounds to a million, so it is one.
        if round(value / size, 1) >= 1 and value >= size * 0.9995:
            scaled = value / size
            return f"{scaled:.{0 if scaled >= _NO_DECIMAL else 1}f}".removesuffix(".0") + unit
    return f"{value:.0f}" if value >= 1 or not value else "<1"


def short_cost(nanos: float | None) -> str:
    """Return dollars from billionths of one in a few cells: `$1.2k`, `$42.10`, `$0.0042`."""
    if nanos is None:
        return NOTHING
    dollars = nanos / NANOS_PER_DOLLAR
    return cost(round(nanos)) if abs(dollars) < _SHORT_FROM else f"${short(dollars)}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 lamp`, `3 lamps`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
