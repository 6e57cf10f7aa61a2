"""The statements of `allowed.txt` and `forbidden.txt`, and of the corpora."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).parent


class Sample(NamedTuple):
    """One statement, and the dialect that it is written in."""

    dialect: str
    sql: str


def own(name: str) -> list[Sample]:
    """Return the statements of a file beside this one; `forbidden` ones have escapes."""
    samples, dialect = [], ""
    for line in (_HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            dialect = line[3:]
        elif not line.startswith("# ") and dialect:
            samples.append(Sample(dialect, _unescaped(line) if name == "forbidden" else line))
    return samples


def corpus(folder: Path, name: str) -> list[Sample]:
    """Return the statements of a file of the corpora."""
    lines = (folder / f"sql_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Sample(one["dialect"], one["sql"]) for one in map(json.loads, lines)]


def _unescaped(line: str) -> str:
    r"""Return the text that `\n`, `\t`, `\0`, `\uXXXX` and `\\` spell."""
    return line.encode("latin-1", "backslashreplace").decode("unicode_escape")
