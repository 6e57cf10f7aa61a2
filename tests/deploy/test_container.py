"""The image is made of what is there, and of nothing that must stay out."""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib

from tests.markdown import ROOT, require_command

TEXT = (ROOT / "deploy" / "container" / "Containerfile").read_text()
LINES = TEXT.replace("\\\n", " ").splitlines()
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] != "#"]


def kept(name: str) -> bool:
    """Whether a path is part of what the image is built from: the last line that fits decides."""
    found = True
    for line in IGNORED:
        pattern = line.removeprefix("!").replace("**/", "*")
        if fnmatch.fnmatch(name, pattern) or name.startswith(f"{pattern}/"):
            found = line[:1] == "!"
    return found


def test_what_is_copied_is_there_and_not_left_out() -> None:
    sources = [
        word
        for line in LINES
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert {"constraints.txt", "engine", "storage", "tui"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert kept(source), source


def test_databases_keys_and_history_stay_out() -> None:
    for name in (".git", ".venv", ".servers", "tests", "tui/board.db", "engine/master.key", "a.db"):
        assert not kept(name), name


def test_it_runs_as_nobody_special_and_by_a_command_that_exists() -> None:
    assert "USER 10001:10001" in LINES
    last = LINES[LINES.index("USER 10001:10001") :]
    assert not any(line.startswith("RUN ") for line in last)
    entry, command = (json.loads(line.partition(" ")[2]) for line in LINES[-2:])
    assert entry == ["lampboard"]
    require_command(command)


def test_its_extras_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    (given,) = re.findall(r"^ARG EXTRAS=(\w+)$", TEXT, re.MULTILINE)
    assert given in extras
    (shown,) = re.findall(r"EXTRAS=([\w,]+)`", (ROOT / "docs" / "serve.md").read_text())
    assert set(shown.split(",")) <= set(extras)
