"""The fields of a log of one's own are told as they are."""

from __future__ import annotations

import re
from pathlib import Path

from engine.usage.readers.detecting import FOREIGN
from engine.usage.readers.plain import ALIASES

PAGE = Path(__file__).parents[4] / "docs" / "usage.md"


def rows(text: str) -> dict[str, list[str]]:
    found = {}
    for line in text.splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:3]]
        if len(cells) == 2 and cells[0]:
            found[cells[0][0]] = cells[1]
    return found


def test_the_page_names_every_field_with_all_its_names() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("<!-- usage-fields -->")[2]
    told = rows(table.partition("\n## ")[0])
    assert told == {field: list(names) for field, names in ALIASES.items()}


def test_the_page_names_every_format() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("## Formats")[2]
    assert rows(table.partition("\n## ")[0]).keys() >= FOREIGN.keys()
