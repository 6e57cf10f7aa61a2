from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Tells what is loaded while the database is locked for the first change of a process.
PROGRAM = """
import asyncio, sys
from contextlib import contextmanager
from engine.settings import Settings
from engine.workspace import Workspace
from storage.database import Database

write = Database.write

@contextmanager
def watched(self, **how):
    with write(self, **how) as connection:
        before = set(sys.modules)
        yield connection
        print(*sorted(set(sys.modules) - before))

Database.write = watched

async def main():
    workspace = Workspace.open(Settings(database=sys.argv[1]))
    config = {"connection_string": "postgresql://app:secret@db/x"}
    made = await workspace.sources.register_source("acme", "orders", "database", config)
    await workspace.sources.update_source("acme", made.source_id, config={"api_key": "b"})
    await workspace.aclose()

asyncio.run(main())
"""


@pytest.mark.processes
def test_nothing_heavy_is_loaded_while_others_wait_for_the_database(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"sqlite:///{tmp_path}/board.db"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stdout.splitlines()
    assert len(loaded) == 2
    names = " ".join(loaded).split()
    heavy = {"pydantic", "pydantic_core", "cryptography", "keyring", "httpx", "aiohttp"}
    assert not heavy & {name.partition(".")[0] for name in names}
    assert not [name for name in names if name.startswith("engine.probes")]
