from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.text import require_line

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name", ["gpt", " gpt ", "名前", "[bold]x[/]", "a\u202eb", "x" * 200, "=1+1"]
)
def test_names_are_kept_as_they_are(name: str) -> None:
    assert require_line(name, "The name", "name") == name.strip()


@pytest.mark.parametrize(
    "name",
    ["", "  ", "\u200b", "a\x00b", "a\x1b[31mb", "a\nb", "a\x9bb", "\ud800", "x" * 201, 5, None],
)
def test_what_cannot_be_a_name_is_refused_in_one_sentence(name: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        require_line(name, "The name", "name")
    assert caught.value.field == "name"
    assert caught.value.message.startswith("The name must")
    assert caught.value.message.isprintable()


def test_hostile_text_is_kept_or_refused_but_never_repeated(corpora: Path) -> None:
    for line in (corpora / "hostile_text.jsonl").read_text(encoding="utf-8").splitlines():
        value = json.loads(line)["value"]
        assert refused(value) or require_line(value, "The name", "name") == value.strip()


def refused(value: str) -> bool:
    try:
        require_line(value, "The name", "name")
    except InvalidInput as error:
        return error.message.isprintable()
    return False
