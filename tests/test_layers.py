"""The architecture's rules, proved twice: as contracts, and in a clean interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

HEAVY = ("sqlalchemy", "httpx", "aiohttp", "pydantic", "alembic", "cryptography", "keyring")


def imported_by(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `statement`."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "package",
    [
        *("integrations", "sources", "connectors", "health", "credentials", "workspace"),
        *("tenants", "usage", "limits", "gateway", "prevention"),
    ],
)
def test_importing_the_engine_loads_nothing_heavy(package: str) -> None:
    assert not imported_by(f"import engine.{package}") & {*HEAVY, "textual", "rich"}


def test_the_dashboard_loads_no_database_before_its_first_frame() -> None:
    loaded = imported_by("import tui.app")
    assert "textual" in loaded
    assert not loaded & set(HEAVY)


def test_the_first_screen_loads_nothing_of_the_places_behind_it() -> None:
    code = "import sys, tui.app, tui.overview.screen; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    behind = ("gateway", "prevention", "credentials", "limits", "usage")
    packages = {f"{layer}.{place}" for layer in ("tui", "engine") for place in behind}
    loaded = done.stdout.split()
    assert [name for name in loaded if ".".join(name.split(".")[:2]) in packages] == []
    assert not {"sqlglot", "hvac", "duckdb"} & set(loaded)


def test_the_command_line_loads_no_textual() -> None:
    assert "textual" not in imported_by("import tui.cli.main")


def test_the_server_of_boards_loads_no_textual() -> None:
    assert "textual" not in imported_by("import tui.serve.server")


def test_the_schema_needs_no_object_mapper() -> None:
    code = "import sys, storage.database, storage.tables; print('sqlalchemy.orm' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
