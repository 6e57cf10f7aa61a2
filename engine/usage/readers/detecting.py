"""Finds out what a log is from its beginning: its container and its format."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.usage.readers.helicone import HELICONE
from engine.usage.readers.langfuse import LANGFUSE
from engine.usage.readers.litellm import LITELLM
from engine.usage.readers.otlp import OTLP
from engine.usage.readers.rows import read_header

if TYPE_CHECKING:
    from engine.usage.readers.base import Format

LOOK = 1 << 16
"""Bytes of the beginning that are looked at."""

LINES, DOCUMENT, CSV = "lines", "document", "csv"
FOREIGN: dict[str, Format] = {one.name: one for one in (LITELLM, OTLP, LANGFUSE, HELICONE)}
"""The formats of other programs, by name; most telling first."""

FORMATS = ("auto", "jsonl", "csv", *FOREIGN)

_KEY = re.compile(r'"([\w.-]{1,64})"\s*:')
_NOT_TEXT = {
    b"\x1f\x8b": "compressed (gzip); unpack it, as in: gunzip -c FILE | lampboard usage import -",
    b"\x28\xb5\x2f\xfd": "compressed (zstd); unpack it first",
    b"PK\x03\x04": "an archive or a spreadsheet; save it as CSV (UTF-8) first",
    b"PAR1": "Parquet; export it as JSON lines or CSV instead",
    b"SQLite format 3": "a database",
    b"\xff\xfe": "UTF-16; save it as UTF-8 first",
    b"\xfe\xff": "UTF-16; save it as UTF-8 first",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a log is: its container, and whose format it has; None for one's own."""

    container: str
    format: Format | None

    @property
    def origin(self) -> str:
        """Where its records come from."""
        if self.format is not None:
            return self.format.name
        return "csv" if self.container == CSV else "jsonl"


def detect(head: bytes, wanted: str = "auto", *, mapped: bool = False) -> Kind:
    """Return what a log is.

    Args:
        head: Its first `LOOK` bytes.
        wanted: The format that was asked for.
        mapped: Whether columns were mapped by hand: then it is a log of one's own.

    Raises:
        InvalidInput: It is nothing that can be read, or not what was asked for.
    """
    for mark, what in _NOT_TEXT.items():
        if head.startswith(mark):
            raise InvalidInput(f"The log is {what}.", field="file")
    if b"\0" in head:  # also what never ends, such as /dev/zero
        raise InvalidInput("The log is no text in UTF-8: there are bytes of 0 in it.", field="file")
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
    if not text:
        raise InvalidInput("The log is empty: there is nothing to read.", field="file")
    if wanted == "csv" or (text[0] not in "[{" and wanted != "jsonl"):
        container, names = CSV, _header(head)
    else:
        container = _container(text, surely_lines=wanted == "jsonl")
        names = frozenset(_KEY.findall(text))
    return Kind(container=container, format=_format(names, wanted, mapped=mapped))


def _container(text: str, *, surely_lines: bool) -> str:
    """Tell lines from a document: the first line of lines is JSON by itself."""
    if text[0] == "[":
        return DOCUMENT
    if surely_lines:
        return LINES
    line, _, rest = text.partition("\n")
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        # Objects that are written over several lines go on with a name that is indented.
        goes_on = line.strip() == "{" or rest[:1] in {" ", "\t"}
        return DOCUMENT if goes_on or not rest else LINES
    return LINES


def _header(head: bytes) -> frozenset[str]:
    try:
        return frozenset(read_header(head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0])[0])
    except UnicodeDecodeError:
        raise InvalidInput("The log is no text in UTF-8.", field="file") from None
    except ValueError as error:
        raise InvalidInput(
            f"The log cannot be read as CSV: {error}.",
            hint="JSON lines begin with {, a JSON document with [.",
            field="file",
        ) from None


def _format(names: frozenset[str], wanted: str, *, mapped: bool) -> Format | None:
    if wanted in {"jsonl", "csv"} or (wanted == "auto" and mapped):
        return None
    if wanted != "auto":
        return FOREIGN[wanted]
    return next((one for one in FOREIGN.values() if one.is_told_by(names)), None)
