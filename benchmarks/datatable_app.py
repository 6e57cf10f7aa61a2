"""The baseline of a large list: Textual's DataTable, filled with the same rows at the key `o`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import DataTable

COLUMNS = ("name", "provider", "status", "health", "latency", "limits", "age")


class TableApp(App[None]):
    """One table."""

    BINDINGS = [Binding("o", "open", "Open")]  # noqa: RUF012 - Textual's own way

    def compose(self) -> ComposeResult:
        """One table."""
        yield DataTable()

    def action_open(self) -> None:
        """Adds all rows, as a screen that opens a list would."""
        table = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        table.add_rows(
            (f"integration-{i:06d}", "openai", "enabled", "healthy", f"{i % 900}ms", "$100", "12 s")
            for i in range(int(sys.argv[1]))
        )


if __name__ == "__main__":
    TableApp().run()
