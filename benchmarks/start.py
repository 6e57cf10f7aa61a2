"""How fast it starts: the first frame, the first page of a large database, and the command line.

`python -m benchmarks.start [--rounds 7] [--integrations 10000]`
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import ROOT, Figures, Terminal, arguments, child_environment, compile_tree
from benchmarks.seeding import seed_integrations

PYTHON = sys.executable


def seconds(*command: str) -> float:
    """Wall time of one child that must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=child_environment())
    return time.perf_counter() - begin


def measure_screens(figures: Figures, url: str) -> None:
    """One round of the minimal app and of the dashboard."""
    minimal = Terminal([PYTHON, str(ROOT / "benchmarks" / "minimal_app.py")])
    figures.add("minimal app", minimal.first_paint())
    minimal.settle()
    minimal.close()
    board = Terminal(
        [
            PYTHON,
            "-m",
            "tui",
            "--database",
            url,
            "--tenant",
            "bench",
            "--monitor",
            "off",
            "--screen",
            "integrations",
        ]
    )
    figures.add("first frame", board.first_paint())
    figures.add("first page", board.wait_for("integration-000005"))
    board.settle()
    board.close()


def measure_commands(figures: Figures, url: str) -> None:
    """One round of the command line and its baselines."""
    figures.add("python", seconds(PYTHON, "-c", "pass"))
    figures.add("--version", seconds(PYTHON, "-m", "tui", "--version"))
    figures.add("sqlalchemy", seconds(PYTHON, "-c", "import sqlalchemy"))
    figures.add(
        "list",
        seconds(
            PYTHON,
            "-m",
            "tui",
            "--database",
            url,
            "integrations",
            "list",
            "--tenant",
            "bench",
            "-o",
            "json",
        ),
    )


def measure_round(figures: Figures, url: str) -> None:
    """One round of everything, each beside its baseline."""
    measure_screens(figures, url)
    measure_commands(figures, url)


def main() -> None:
    """Takes the rounds in turn, the first one uncounted."""
    options = arguments(__doc__ or "", rounds=7, integrations=10_000)
    compile_tree()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'start.db'}"
        seed_integrations(url, options.integrations)
        measure_round(Figures("warm-up"), url)
        figures = Figures("start")
        for _ in range(options.rounds):
            measure_round(figures, url)
    figures.ratio(
        "first frame / a minimal Textual app's", "first frame", "minimal app", at_most=1.5
    )
    figures.ratio(
        "first page of a large database / minimal app", "first page", "minimal app", at_most=3
    )
    figures.ratio("lampboard --version / python -c pass", "--version", "python", at_most=4)
    figures.ratio(
        "integrations list -o json / import sqlalchemy", "list", "sqlalchemy", at_most=1.6
    )
    figures.print()


if __name__ == "__main__":
    main()
