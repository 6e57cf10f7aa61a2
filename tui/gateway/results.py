"""What a run brought: its rows, whether there are more, and what they can be written into."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.worker import Worker, WorkerState

from tui import crash, text
from tui.gateway import values, words
from tui.gateway.table import ResultSource, ResultTable
from tui.problem import problem
from tui.widgets.bars import Hint, KeyBar
from tui.widgets.cells import Cell, Span, cell, fit, wrap
from tui.widgets.dialogs import Report
from tui.widgets.lines import Lines
from tui.widgets.modal import Modal
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from textual.app import ComposeResult

    from engine.gateway.model import ResultColumn, SqlQueryResult
    from engine.gateway.results import TemplateDetail
    from tui.desk import Desk
    from tui.widgets.window_table import WindowTable

HINTS = (
    Hint("enter", "row", "enter"),
    Hint("w", "write out", "w"),
    Hint("y", "copy value", "y"),
    Hint("Y", "copy row", "Y"),
    Hint("r", "run again", "r"),
    Hint("esc", "back", "escape"),
)


class Results(Modal[bool]):
    """A result on the whole screen; answers whether to run it again."""

    SCOPED_CSS = False
    CSS = """
    Results { background: $background; }
    Results > Vertical { height: 1fr; background: $background; }
    Results #result { height: 1fr; }
    Results #value { height: 2; overflow: hidden; margin: 0 2; }
    Results.-cut #result { border: round $warning; border-title-color: $warning; }
    .-ascii Results.-cut #result { border: ascii $warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", tooltip="Back to the values"),
        Binding("r", "again", "Run again", tooltip="Run it again with the same values"),
        Binding("w", "write", "Write out", tooltip="Write all rows into a CSV or JSON file"),
        Binding("y", "copy", "Copy value", tooltip="Copy the value of the column in question"),
        Binding("Y", "copy_row", "Copy row", tooltip="Copy the row, its values apart by tabs"),
    ]

    def __init__(self, desk: Desk, detail: TemplateDetail, result: SqlQueryResult) -> None:
        super().__init__()
        self.desk = desk
        self.detail = detail
        self.result = result
        self.set_class(result.truncated, "-cut")

    def compose(self) -> ComposeResult:
        """Yield the table, the value in question, the keys."""
        with Vertical():
            yield ResultTable(self.result, self.desk.glyphs, id="result")
            yield Lines(id="value")
            yield KeyBar()

    def on_mount(self) -> None:
        """Show the rows."""
        table = self.table
        table.set_source(ResultSource(self.result))
        table.focus()
        self.query_one(KeyBar).set_hints(HINTS)
        self._tell()

    @property
    def table(self) -> ResultTable:
        """The rows."""
        return self.query_one(ResultTable)

    # What is in question

    def on_result_table_column_changed(self) -> None:
        """Tell of another column."""
        self._tell()

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        """Tell of another row."""
        event.stop()
        self._tell()

    def on_window_table_loaded(self, event: WindowTable.Loaded) -> None:
        """Tell of the first."""
        event.stop()
        self._tell()

    def _tell(self) -> None:
        """Say how many rows there are, which columns are in sight, and the value in question."""
        table, result = self.table, self.result
        name = text.ellipsis(self.detail.template.name, 24)
        set_title(table, f"{name} v{result.version}: {counted(result)}", self._where())
        column = self._column()
        if column is None:
            return
        row = self._row()
        told = values.value_cell(row[table.column]) if row is not None else ()
        self.query_one("#value", Lines).show(lambda width: value_lines(column, told, width))

    def _where(self) -> str:
        shown, result = self.table.shown, self.result
        parts = [f"{words.size(result.result_bytes)} in {text.latency(result.duration_ms)}"]
        if len(shown) < len(result.columns):
            last = min(len(result.columns), shown.stop)
            parts.insert(0, f"columns {shown.start + 1} to {last} of {len(result.columns):,}")
        return "  ".join(parts)

    def _column(self) -> ResultColumn | None:
        return self.result.columns[self.table.column] if self.result.columns else None

    def _row(self) -> tuple[Any, ...] | None:
        row = self.table.cursor_row
        return None if row is None else cast("tuple[Any, ...]", row.record)

    def on_window_table_opened(self, event: WindowTable.Opened) -> None:
        """Show one row whole, a column each."""
        event.stop()
        row, result = cast("tuple[Any, ...]", event.row.record), self.result
        title = f"Row {int(event.row.key) + 1:,} of {result.row_count:,}"
        self.app.push_screen(Report(title, lambda width: row_lines(result, row, width)))

    # What is done with it

    def action_copy(self) -> None:
        """Copy one value, whole."""
        row, column = self._row(), self._column()
        if row is not None and column is not None:
            self.app.copy_to_clipboard(values.copied(row[self.table.column]))
            self.notify(f"Copied {text.clean(column.name)}", markup=False, timeout=2)

    def action_copy_row(self) -> None:
        """Copy a row, so that no spreadsheet that it is put into obeys it."""
        from tui.csv_text import cell as quiet

        row = self._row()
        if row is not None:
            told = [quiet(values.export(value)).replace("\t", " ") for value in row]
            self.app.copy_to_clipboard("\t".join(told))
            self.notify("Copied the row", markup=False, timeout=2)

    def action_write(self) -> None:
        """Write all rows into a file."""
        self.run_worker(self._write(), name="write", exit_on_error=False)

    async def _write(self) -> None:
        from tui.writing import FileDialog, file_name, write_records

        result = self.result
        name = file_name(self.desk.tenant_id, self.detail.template.name, self.desk.now())
        about = f"The {text.plural(result.row_count, 'row')} of this result."
        if result.truncated:
            about = f"The {text.plural(result.row_count, 'row')} that are here; there are more."
        path = await self.app.push_screen_wait(FileDialog(name, about))
        if path is None:
            return
        count = await write_records(path, batches(result), names=values.names(result))
        said = f"{text.plural(count, 'row')} written to {text.clean(str(path))}"
        self.notify(said, markup=False, timeout=6)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what could not be written."""
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            found = problem(event.worker.error, log_file=self.desk.log_file)
            if not found.expected:
                crash.write(event.worker.error, self.desk.log_file)
            self.notify(found.sentence, title=found.title, severity="error", markup=False)

    def action_again(self) -> None:
        """Run it again."""
        self.dismiss(True)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(False)


def counted(result: SqlQueryResult) -> str:
    """Return how many rows there are, and that there are more where it was cut. Pure."""
    rows = text.plural(result.row_count, "row")
    if not result.truncated:
        return rows
    by = rows if result.truncated_by == "rows" else words.size(result.result_bytes)
    return f"{rows}, cut at {by}: there are more"


def value_lines(column: ResultColumn, told: Cell, width: int) -> tuple[Cell, ...]:
    """Return the column in question with its type, and below it the value. Pure."""
    head = (*cell(column.name, "accent"), Span(f"  {text.clean(column.type)}", "muted"))
    return (fit(head, width), fit(told, width))


def row_lines(result: SqlQueryResult, row: Sequence[object], width: int) -> tuple[Cell, ...]:
    """Return a row whole: each column with its type, its value below where it is long. Pure."""
    lines: list[Cell] = []
    room = min(24, max((text.width(text.clean(one.name)) for one in result.columns), default=0))
    for column, value in zip(result.columns, row, strict=True):
        told = values.value_cell(value)
        name = fit(cell(column.name, "strong"), room)
        kind = fit(cell(column.type or None, "muted"), 12)
        inner = max(10, width - room - 15)
        parts = wrap(told[0].text, inner, told[0].tone, most=12) or ((),)
        blank = Span(" " * (room + 15))
        lines += [(*name, Span("  "), *kind, Span(" "), *parts[0])]
        lines += [(blank, *part) for part in parts[1:]]
    return tuple(lines)


async def batches(result: SqlQueryResult) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """Yield the rows as records; what else waits goes first after some of them."""
    for some in values.records(result):
        yield some
        await asyncio.sleep(0)
