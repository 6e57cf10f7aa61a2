"""Size does not show: a list with 1,000 and with 100,000 rows, and Textual's DataTable.

`python -m benchmarks.tables [integrations|sources|connectors|limits] [--rounds 5] [--small 1000]
[--large 100000]`

Each operation is timed from its key to the end of the frame that shows the wanted row.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import ROOT, Figures, Terminal, arguments, compile_tree, percentile
from benchmarks.seeding import seed_connectors, seed_integrations, seed_sources
from benchmarks.seeding_gauges import names, seed_gauges

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGES = 12
OPERATIONS = ("open", "page", "end", "sort")
_PAGE_DOWN, _ESCAPE = "\x1b[6~", "\x1b"


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter that is timed from its last letter on.

    What is typed before it has been applied, so both sizes begin with what is common to them.
    The row, below what was in sight then, is drawn when the whole filter is.
    """

    typed: str
    last: str
    row: int


WORD = Filter(typed="00042", last="0", row=420)
# The seeds change type every row in turns of seven, tags in turns of four, status every tenth.
TAGGED = Filter(typed="tag:p", last="i", row=42)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One list: how it is filled, the key that opens it, and what it is filtered by.

    `names` tells how many names there are among so many rows, `sight` one in sight when it opens.
    """

    noun: str
    key: str
    seed: Callable[[str, int], None]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    names: Callable[[int], int] = int
    sight: int = 10

    def name(self, index: int) -> str:
        """The name of row `index` in the seeded order."""
        return f"{self.noun}-{index:06d}"

    def lowest(self, drawn: bytes) -> int:
        """The largest row number among the names that were drawn, -1 for none."""
        found = re.findall(self.noun.encode() + rb"-(\d{6})", drawn)
        return max(map(int, found), default=-1)


KINDS = {
    "integrations": Kind(
        noun="integration", key="4", seed=seed_integrations, filters={"word": WORD}
    ),
    "sources": Kind(
        noun="source",
        key="2",
        seed=seed_sources,
        filters={
            "word": WORD,
            "type:": Filter(typed="type:", last="v", row=74),
            "tag:": TAGGED,
            "!status:": Filter(typed="!status:", last="a", row=100),
        },
    ),
    "connectors": Kind(
        noun="tool",
        key="3",
        seed=seed_connectors,
        filters={
            "word": WORD,
            "type:": Filter(typed="type:", last="v", row=73),
            "tag:": TAGGED,
            "!status:": Filter(typed="!status:", last="c", row=100),
        },
    ),
    "limits": Kind(
        noun="integration",
        key="6",
        seed=seed_gauges,
        # Of each name there are three; those in sight before are the first of two measures.
        filters={
            "word": Filter(typed="0002", last="5", row=251),
            "measure:": Filter(typed="measure:", last="r", row=12),
        },
        names=names,
        sight=5,
    ),
}


@dataclass(frozen=True)
class Walk:
    """One session on a list of one size; its samples are named by operation and label."""

    terminal: Terminal
    kind: Kind
    figures: Figures
    rows: int
    label: str

    def press(self, operation: str, key: str, then: str | Callable[[bytes], bool]) -> None:
        """One timed key, and rest after it."""
        self.figures.add(f"{operation} {self.label}", self.terminal.press(key, then))
        self.terminal.settle(0.1)

    def open(self) -> None:
        """From the overview to the list."""
        self.press("open", self.kind.key, self.kind.name(self.kind.sight))
        self.terminal.settle()

    def page(self, opened: int) -> None:
        """A dozen screens down; `opened` is where the list's own output begins."""
        for _ in range(PAGES):
            below = self.kind.lowest(bytes(self.terminal.output[opened:])) + 1
            self.press(
                "page", _PAGE_DOWN, lambda drawn, below=below: self.kind.lowest(drawn) >= below
            )

    def jump(self) -> None:
        """To both ends, in both orders."""
        last = self.kind.name(self.kind.names(self.rows) - 1)
        for _ in range(4):
            self.press("end", "G", last)
            self.press("end", "g", self.kind.name(0))
        for _ in range(2):
            self.press("sort", "S", last)
            self.press("sort", "S", self.kind.name(0))

    def filter(self, operation: str, wanted: Filter) -> None:
        """One filter, and without it again."""
        self.terminal.send("/" + wanted.typed)
        self.terminal.settle(0.5)
        self.press(operation, wanted.last, self.kind.name(wanted.row))
        self.terminal.settle()
        self.terminal.send(_ESCAPE)
        self.terminal.settle(0.5)


def board(url: str) -> Terminal:
    """The dashboard at Overview, at rest."""
    terminal = Terminal(
        [sys.executable, "-m", "tui", "--database", url, "--tenant", "bench", "--monitor", "off"]
    )
    terminal.wait_for("Overview")
    terminal.settle(0.5)
    return terminal


def walk(figures: Figures, kind: Kind, url: str, rows: int, label: str) -> None:
    """One session: open the list, page through it, jump to both ends, sort, filter."""
    terminal = board(url)
    # The overview has drawn names of its own; from here on they are the list's.
    opened = len(terminal.output)
    session = Walk(terminal, kind, figures, rows, label)
    try:
        session.open()
        session.page(opened)
        session.jump()
        for named, wanted in kind.filters.items():
            session.filter(f"filter {named}", wanted)
        figures.add(f"memory {label}", terminal.memory_mib())
    finally:
        terminal.close()


def measure_datatable(figures: Figures, rows: int) -> None:
    """Textual's own table with the same rows: from its first frame to its last row in sight."""
    wanted = KINDS["integrations"].name(20)
    terminal = Terminal([sys.executable, str(ROOT / "benchmarks" / "datatable_app.py"), str(rows)])
    terminal.settle(0.5)
    figures.add("DataTable open", terminal.press("o", wanted, limit=180))
    figures.add("DataTable memory", terminal.memory_mib())
    terminal.close()
    figures.ratio("DataTable opening / ours", "DataTable open", "open large", at_least=50)


def compare(figures: Figures, operations: list[str], small: int, large: int) -> None:
    """The ratios of both sizes."""
    for operation in operations:
        for share in (0.5, 0.99):
            figures.ratio(
                f"{operation} at {large} / at {small}, p{share * 100:.0f}",
                f"{operation} large",
                f"{operation} small",
                at_most=1.5,
                of=percentile(share),
            )


def main() -> None:
    """Takes both sizes in turn."""
    options = arguments(__doc__ or "", kinds=list(KINDS), rounds=5, small=1_000, large=100_000)
    kind = KINDS[options.kind]
    compile_tree()
    figures = Figures(f"tables {options.kind}")
    with tempfile.TemporaryDirectory() as folder:
        urls = {
            rows: f"sqlite:///{Path(folder) / f'{rows}.db'}"
            for rows in (options.small, options.large)
        }
        for rows, url in urls.items():
            kind.seed(url, rows)
        for _ in range(options.rounds):
            walk(figures, kind, urls[options.small], options.small, "small")
            walk(figures, kind, urls[options.large], options.large, "large")
    filters = [f"filter {named}" for named in kind.filters]
    compare(figures, [*OPERATIONS, *filters], options.small, options.large)
    if options.kind == "integrations":
        measure_datatable(figures, options.large)
    figures.figure(
        "memory of the dashboard at the large size, MiB",
        max(figures.samples["memory large"]),
        at_most=120,
    )
    figures.print()


if __name__ == "__main__":
    main()
