"""Size does not show: the list with 1,000 and with 100,000 rows, and Textual's DataTable.

`python -m benchmarks.tables [--rounds 5] [--small 1000] [--large 100000]`

Each operation is timed from its key to the end of the frame that shows the wanted row.
"""

from __future__ import annotations

import re
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.harness import ROOT, Figures, Terminal, arguments, compile_tree, percentile
from benchmarks.seeding import seed_integrations

PAGES = 12
OPERATIONS = ("open", "page", "end", "sort", "filter")


def name(index: int) -> str:
    """The name of row `index` in the seeded order."""
    return f"integration-{index:06d}"


def board(url: str) -> Terminal:
    """The dashboard at Overview, at rest."""
    terminal = Terminal(
        [sys.executable, "-m", "tui", "--database", url, "--tenant", "bench", "--monitor", "off"]
    )
    terminal.wait_for("Overview")
    terminal.settle(0.5)
    return terminal


def walk(figures: Figures, url: str, rows: int, label: str) -> None:
    """One session: open the list, page through it, jump to both ends, sort, filter."""
    terminal = board(url)
    # The overview has drawn names of its own; from here on they are the list's.
    opened = len(terminal.output)
    try:
        figures.add(f"open {label}", terminal.press("2", name(20)))
        terminal.settle()
        for _ in range(PAGES):
            below = lowest(bytes(terminal.output[opened:])) + 1
            taken = terminal.press("\x1b[6~", partial(reaches, below))
            figures.add(f"page {label}", taken)
            terminal.settle(0.1)
        for _ in range(4):
            figures.add(f"end {label}", terminal.press("G", name(rows - 1)))
            terminal.settle(0.1)
            figures.add(f"end {label}", terminal.press("g", name(0)))
            terminal.settle(0.1)
        for _ in range(2):
            figures.add(f"sort {label}", terminal.press("S", name(rows - 1)))
            terminal.settle(0.1)
            figures.add(f"sort {label}", terminal.press("S", name(0)))
            terminal.settle(0.1)
        # Typed up to the last letter, the filter has applied what is common to both sizes.
        terminal.send("/00042")
        terminal.settle(0.5)
        figures.add(f"filter {label}", terminal.press("0", f"{name(420)}"))
        terminal.settle()
        figures.add(f"memory {label}", terminal.memory_mib())
    finally:
        terminal.send("\x1b\x1b")
        terminal.close()


def reaches(row: int, drawn: bytes) -> bool:
    """Whether row number `row` or one below it was drawn."""
    return lowest(drawn) >= row


def lowest(drawn: bytes) -> int:
    """The largest row number among the names that were drawn, -1 for none."""
    return max((int(found) for found in re.findall(rb"integration-(\d{6})", drawn)), default=-1)


def measure_datatable(figures: Figures, rows: int) -> None:
    """Textual's own table with the same rows: from its first frame to its last row in sight."""
    terminal = Terminal([sys.executable, str(ROOT / "benchmarks" / "datatable_app.py"), str(rows)])
    terminal.settle(0.5)
    figures.add("DataTable open", terminal.press("o", name(20), limit=180))
    figures.add("DataTable memory", terminal.memory_mib())
    terminal.close()


def main() -> None:
    """Takes both sizes in turn."""
    options = arguments(__doc__ or "", rounds=5, small=1_000, large=100_000)
    compile_tree()
    figures = Figures("tables")
    with tempfile.TemporaryDirectory() as folder:
        urls = {
            rows: f"sqlite:///{Path(folder) / f'{rows}.db'}"
            for rows in (options.small, options.large)
        }
        for rows, url in urls.items():
            seed_integrations(url, rows)
        for _ in range(options.rounds):
            walk(figures, urls[options.small], options.small, "small")
            walk(figures, urls[options.large], options.large, "large")
        measure_datatable(figures, options.large)
    for operation in OPERATIONS:
        limit = 3.0 if operation == "filter" else 1.5
        for share in (0.5, 0.99):
            figures.ratio(
                f"{operation} at {options.large} / at {options.small}, p{share * 100:.0f}",
                f"{operation} large",
                f"{operation} small",
                at_most=limit,
                of=percentile(share),
            )
    figures.ratio("DataTable opening / ours", "DataTable open", "open large", at_least=50)
    figures.figure(
        "memory of the dashboard at the large size, MiB",
        max(figures.samples["memory large"]),
        at_most=120,
    )
    figures.print()


if __name__ == "__main__":
    main()
