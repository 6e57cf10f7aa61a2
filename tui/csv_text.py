"""CSV that a spreadsheet can open without obeying it.

A text that a spreadsheet would take for a formula gets a quote in front
(https://owasp.org/www-community/attacks/CSV_Injection); numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Full-width forms too: spreadsheets of East Asian settings take them for the plain ones.
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
LONGEST = 32_767  # a spreadsheet's cell holds no more


def lines(records: Sequence[Mapping[str, Any]], *, header: bool = True) -> Iterator[str]:
    """Yield CSV lines: the keys of the first record, then each record's values."""
    if not records:
        return
    if header:
        yield head(list(records[0]))
    for record in records:
        yield _line([cell(record.get(key)) for key in records[0]])


def head(names: Sequence[str]) -> str:
    """Return the line above the values; names come from outside as well as values do."""
    return _line([_quiet(name) for name in names])


def cell(value: object) -> str:
    """Return one value as a cell: nothing for None, JSON for lists and records."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
        case str():
            return _quiet(value)
        case _:
            return _quiet(json.dumps(value, ensure_ascii=False, default=str))


def _quiet(text: str) -> str:
    # A space in front does not stop a spreadsheet from seeing the formula behind it.
    plain = clean(text, limit=LONGEST)
    active = plain.lstrip().startswith(ACTIVE) or text.startswith(ACTIVE)
    return "'" + plain if active else plain


def _line(values: list[str]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(values)
    return target.getvalue()
