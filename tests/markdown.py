"""Reading the documentation as a machine does: commands, links, tables, blocks of code."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^>]*?) -->\n+)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_SPAN = re.compile(r"`(lampboard [^`]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_SHELL = frozenset({"|", ">", "&&", ";", "<"})
# What stands for something that the reader fills in is no command to try.
_PLACEHOLDER = re.compile(r"[…<>]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block; `mark` is the HTML comment right before it, or empty."""

    mark: str
    language: str
    text: str


def blocks(text: str) -> list[Block]:
    """Every fenced block of a page."""
    return [
        Block(mark=found["mark"] or "", language=found["language"], text=found["text"])
        for found in _BLOCK.finditer(text)
    ]


def marked(text: str, mark: str) -> Block:
    """The one block after the HTML comment `mark`."""
    (found,) = [block for block in blocks(text) if block.mark == mark]
    return found


def commands(text: str) -> Iterator[list[str]]:
    """The words after `lampboard` of each command line that a page shows."""
    for block in blocks(text):
        if block.language in {"sh", ""}:
            for line in block.text.replace("\\\n", " ").splitlines():
                yield from _of_line(line)
    for span in _SPAN.findall(_BLOCK.sub("", text)):
        if not _PLACEHOLDER.search(span):
            yield shlex.split(span)[1:]


def _of_line(line: str) -> Iterator[list[str]]:
    if "lampboard" not in line or _PLACEHOLDER.search(line.split(">", maxsplit=1)[0]):
        return
    try:
        words = shlex.split(line)
    except ValueError:  # a drawing, not a command line
        return
    for part in _parts(words):
        if part and part[0].rpartition("/")[2] == "lampboard":
            yield part[1:]


def _parts(words: list[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word in _SHELL:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def links(text: str) -> list[str]:
    """The targets of links and pictures that lead into this repository."""
    found = _LINK.findall(_BLOCK.sub("", text))
    return [target for target in found if "://" not in target]


def anchors(text: str) -> set[str]:
    """What a link's part after `#` may name on this page."""
    plain = (re.sub(r"[`*]", "", heading).lower() for heading in _HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def table(text: str, mark: str) -> list[list[str]]:
    """The cells of the rows, without the header, of the table after the comment `mark`."""
    lines = text.partition(f"<!-- {mark} -->")[2].strip().splitlines()
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = line.replace(r"\|", "\0").strip("|").split("|")
        rows.append([cell.replace("\0", "|").strip() for cell in cells])
    return rows[2:]


def code(cell: str) -> list[str]:
    """What a cell shows as code."""
    return re.findall(r"`([^`]+)`", cell)


def require_command(words: list[str]) -> None:
    """Parses a command line with the real commands, running nothing.

    Raises:
        click.ClickException: There is no such command, option or choice.
    """
    from tui.cli.root import root

    command: click.Command = root
    name, rest, context = "lampboard", list(words), None
    while True:
        context = command.make_context(name, rest, parent=context)
        if not isinstance(command, click.Group):
            return
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        _, found, rest = command.resolve_command(context, rest)
        assert found is not None, words
        name, command = found.name or "", found
