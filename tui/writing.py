"""Writing rows into a file: CSV that a spreadsheet does not obey, or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from textual.binding import Binding, BindingType

from engine.errors import InvalidInput
from tui import text
from tui.private import open_new
from tui.widgets.block import Block
from tui.widgets.cells import wrap
from tui.widgets.dialogs import Dialog
from tui.widgets.inputs import TextInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.widgets import Input

ENDINGS = (".csv", ".json")


@dataclass(frozen=True, kw_only=True, slots=True)
class Away:
    """Where the person is at another machine: files lie in `folder` until `hand_over` took them."""

    folder: Path
    hand_over: Callable[[Path], None]


away: Away | None = None
"""Set once, where the dashboard is in a browser."""


def file_name(tenant_id: str, what: str, now: datetime, *, ending: str = ENDINGS[0]) -> str:
    """Return what a file is called unless one says otherwise."""
    return f"lampboard-{_plain(tenant_id)}-{_plain(what)}-{now:%Y%m%d-%H%M%S}{ending}"


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)[:40]


def path_of(typed: str, endings: Sequence[str] = ENDINGS) -> Path:
    """Return the file that is meant.

    Raises:
        InvalidInput: It has no known ending, is there already, or cannot be looked for.
    """
    try:
        path = Path(typed.strip()).expanduser()
        there = _place(path).exists()
    except (OSError, RuntimeError, ValueError) as error:  # of a folder, a `~name`, a character
        why = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise InvalidInput(
            f"There can be no such file: {why}.", hint="Choose another name.", field="file"
        ) from error
    if away is not None and path.name != typed.strip():
        raise InvalidInput("In a browser a file has a name, and no folder.", field="file")
    if path.suffix.lower() not in endings:
        raise InvalidInput(f"The name must end with {' or '.join(endings)}.", field="file")
    if there:
        raise InvalidInput(
            f"{text.clean(path.name)} exists already.", hint="Choose another name.", field="file"
        )
    return path


def _place(path: Path) -> Path:
    """Return where a file is written."""
    return path if away is None else away.folder / path.name


def _written(place: Path) -> None:
    """Hand over a file that is whole, where somebody else has to take it."""
    if away is not None:
        away.hand_over(place)


class FileDialog(Dialog["Path | None"]):
    """Asks where to write; None when it is left. What exists is never written over."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="Write nothing"),
    ]
    CSS = Dialog.CSS + "FileDialog TextInput { margin: 0 0 1 0; }"

    def __init__(self, proposed: str, about: str, *, endings: Sequence[str] = ENDINGS) -> None:
        super().__init__()
        self._proposed = proposed
        self._about = about
        self._endings = endings

    def compose(self) -> ComposeResult:
        """Yield the card."""
        entry = TextInput(self._proposed, select_on_focus=False)
        said = Block(classes="said")
        yield self.card(entry, said, title="Write out to", hint="enter writes, esc leaves")

    def on_mount(self) -> None:
        """Begin behind the name that is proposed."""
        self.query_one(TextInput).focus()
        self._say(f"{self._about} {' or '.join(self._endings)}.")

    def _say(self, words: str, *, wrong: bool = False) -> None:
        said = self.query_one(".said", Block)
        said.show(lambda width: (*wrap(words, width, "failing" if wrong else "muted"), ()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the file, or say what is wrong with it."""
        event.stop()
        try:
            self.dismiss(path_of(event.value, self._endings))
        except InvalidInput as error:
            self._say(f"{error.message} {error.hint}".strip(), wrong=True)

    def action_leave(self) -> None:
        """Write nothing."""
        self.dismiss(None)


def write_text(path: Path, said: str) -> None:
    """Write a text into a new file, which is its owner's alone.

    Raises:
        InvalidInput: The file cannot be written.
    """
    place = _place(path)
    try:
        with open_new(place) as file:
            file.write(said)
    except OSError as error:
        raise _unwritten(path, error) from error
    _written(place)


def _unwritten(path: Path, error: OSError) -> InvalidInput:
    why = error.strerror or type(error).__name__
    return InvalidInput(
        f"{text.clean(path.name)} could not be written: {why}.", hint="Choose another place."
    )


async def write_records(
    path: Path,
    found: AsyncIterator[Sequence[Mapping[str, Any]]],
    progress: Callable[[str], None] = lambda _: None,
    *,
    names: Sequence[str] = (),
) -> int:
    """Write records, which come some at a time, and return how many. The file is its owner's alone.

    `names` head a CSV file that has no record; without them it is empty.

    Raises:
        InvalidInput: The file cannot be written.
    """
    place = _place(path)
    try:
        with open_new(place) as file:
            count = await _fill(_writer(file, place, names), place, found, progress)
    except OSError as error:
        raise _unwritten(path, error) from error
    _written(place)
    return count


def _writer(file: TextIO, path: Path, names: Sequence[str]) -> _Csv | _Json:
    return _Json(file) if path.suffix.lower() == ".json" else _Csv(file, names)


async def _fill(
    writer: _Csv | _Json,
    path: Path,
    found: AsyncIterator[Sequence[Mapping[str, Any]]],
    progress: Callable[[str], None],
) -> int:
    """Write all records; half a file would be taken for a whole one, so none is left behind."""
    count = 0
    try:
        async for batch in found:
            writer.rows(batch)
            count += len(batch)
            progress(f"Write out {count:,}")
        writer.end()
    except BaseException:
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - one call, at the end
        raise
    return count


class _Csv:
    """Lines below one head."""

    def __init__(self, file: TextIO, names: Sequence[str]) -> None:
        self._file = file
        self._names = names
        self._header = True

    def rows(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write some records."""
        from tui.csv_text import lines

        self._file.writelines(lines(records, header=self._header))
        self._header = self._header and not records

    def end(self) -> None:
        """Write the head where there was no record, and what waits."""
        from tui.csv_text import head

        if self._header and self._names:
            self._file.write(head(self._names))
        self._file.flush()


class _Json:
    """One list."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._between = "["

    def rows(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write some records."""
        for record in records:
            self._file.write(
                f"{self._between}\n  {json.dumps(record, ensure_ascii=False, default=str)}"
            )
            self._between = ","

    def end(self) -> None:
        """Close the list, also one that has nothing in it."""
        self._file.write("[]\n" if self._between == "[" else "\n]\n")
        self._file.flush()
