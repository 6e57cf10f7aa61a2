from __future__ import annotations

import subprocess
import sys

import pytest

ENDS = "from tui import swift; swift.start(); import {library}; swift.settle(); swift.finish()"


@pytest.mark.processes
@pytest.mark.parametrize("library", ["duckdb", "sqlalchemy"])
def test_a_run_ends_without_a_word_whatever_it_loaded(library: str) -> None:
    pytest.importorskip(library)
    done = subprocess.run(
        [sys.executable, "-c", ENDS.format(library=library)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout + done.stderr == ""
