"""The baseline of the start: the least that is still a Textual app with a table."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class MinimalApp(App[None]):
    """One DataTable with ten rows of four columns."""

    def compose(self) -> ComposeResult:
        """One table."""
        yield DataTable()

    def on_mount(self) -> None:
        """Ten rows."""
        table = self.query_one(DataTable)
        table.add_columns("name", "url", "state", "ms")
        for index in range(10):
            table.add_row(f"endpoint-{index}", f"http://host{index}/v1", "up", str(index * 7))


if __name__ == "__main__":
    MinimalApp().run()
