"""Other distributions, as if they were installed: their modules and metadata in a folder."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from tests.markdown import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def install(project_toml: str, folder: Path) -> None:
    """Write the metadata that an installer would write beside the module."""
    project = tomllib.loads(project_toml)["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    ((group, names),) = project["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in names.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")


def run(program: str, folder: Path, *argv: str) -> object:
    """Return the JSON that a program prints, run with the folder on its path."""
    code_of_test = f"import sys; sys.path.insert(0, {str(folder)!r})\n{program}"
    done = subprocess.run(
        [sys.executable, "-c", code_of_test, *argv],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)
