"""The envelope of a file, `lampboard: 1` and `items`, and the items in it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.documents.limits import MAX_BYTES, MAX_ITEMS, quoted, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.errors import InvalidInput

VERSION = 1
MARK, ITEMS = "lampboard", "items"
_MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One item of a file, of which nothing is known yet.

    Attributes:
        index: Its place among the items, counted from 1.
        line: The line on which it starts, counted from 1; None where that is not known (JSON).
        value: What it says, as plain values. No `repr` shows it: it may be anything.
    """

    index: int
    line: int | None = None
    value: object = field(repr=False)


def envelope(items: Sequence[object]) -> dict[str, object]:
    """Return what a file with these items says, ready to be written as YAML or JSON."""
    return {MARK: VERSION, ITEMS: list(items)}


def read_documents(data: bytes, *, name: str = "") -> tuple[Document, ...]:
    """Return the items of a file. YAML may hold several documents, each with its envelope.

    Args:
        data: The file's content, UTF-8.
        name: The file's name: `.json` is JSON, `.yaml` and `.yml` are YAML; else the first
            character tells.

    Raises:
        InvalidInput: The file cannot be used at all; nothing in it was looked at further. The
            message repeats no value.
    """
    if len(data) > MAX_BYTES:
        raise unusable(
            f"The file is larger than {MAX_BYTES // _MIB} MiB.", hint="Apply it in several parts."
        )
    text = _decoded(data)
    found: list[Document] | None = None
    for whole in _parsed(text, name) if text.strip() else ():
        found = found or []
        found.extend(_items(whole, len(found)))
    if found is None:  # not even an envelope: blank, or comments alone
        raise unusable("The file is empty.", hint=_HINT)
    return tuple(found)


_HINT = "`lampboard integrations export` writes one to start from."


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unusable("The file is not UTF-8 text.") from None


def _parsed(text: str, name: str) -> Iterator[object]:
    ending = name.rpartition(".")[2].lower()
    if ending == "json" or (ending not in {"yaml", "yml"} and text.lstrip()[0] in "{["):
        from engine.documents import json_text

        yield json_text.load(text)
    else:
        from engine.documents import yaml_text

        yield from yaml_text.load_all(text)


def _items(whole: object, before: int) -> Iterator[Document]:
    if not isinstance(whole, dict) or MARK not in whole:
        raise unusable(
            f"This is not a file of Lampboard: it does not say `{MARK}: {VERSION}` at the top.",
            hint=_HINT,
            field=MARK,
        )
    _refuse_version(whole[MARK])
    for key in whole:
        if key not in {MARK, ITEMS}:
            raise _stray(key)
    items = whole.get(ITEMS)
    if not isinstance(items, list):
        raise unusable(f"`{ITEMS}` must be a list of what there should be.", field=ITEMS)
    if before + len(items) > MAX_ITEMS:
        raise unusable(f"The file has more than {MAX_ITEMS:,} items.", field=ITEMS)
    lines: Sequence[int | None] = getattr(items, "lines", [None] * len(items))
    for offset, (line, value) in enumerate(zip(lines, items, strict=True), start=1):
        yield Document(index=before + offset, line=line, value=value)


def _refuse_version(said: object) -> None:
    if isinstance(said, bool) or not isinstance(said, int):
        raise unusable(f"`{MARK}` must be the version of the file, {VERSION}.", field=MARK)
    if said != VERSION:
        newer = said > VERSION
        raise unusable(
            f"The file is of version {said}, and this Lampboard reads version {VERSION}.",
            hint="A newer Lampboard can read it." if newer else _HINT,
            field=MARK,
        )


def _stray(key: object) -> InvalidInput:
    near = difflib.get_close_matches(str(key), (ITEMS,), n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return unusable(
        f"The file has a field at the top that no such file has: {quoted(key)}.",
        hint=f"{meant}Beside `{MARK}` there is only `{ITEMS}`.",
        field=ITEMS,
    )
