"""The first call of a process loads what it needs before the database is locked for it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import asyncio, sys
from datetime import UTC, datetime
from engine.settings import Settings
from engine.usage import UsageRecord
from engine.workspace import Workspace

loaded = set()

async def main():
    settings = Settings(database=sys.argv[1], operator="olga", master_key="ab" * 32)
    workspace = Workspace.open(settings)
    await workspace.integrations.create_integration("acme", "gpt", "openai", token_limit_month=9)
    write = workspace.write

    def watch(work, **more):
        def watched(connection):
            before = set(sys.modules)
            try:
                return work(connection)
            finally:
                loaded.update(set(sys.modules) - before)

        return write(watched, **more)

    workspace.write = watch
    call = UsageRecord(call_id="a", at=datetime.now(UTC), integration="gpt", model="gpt-4o")
    work = {"record": lambda: workspace.usage.record("acme", [call]),
            "check": lambda: workspace.limits.check("acme", "gpt", tokens=1)}
    await work[sys.argv[2]]()
    await workspace.aclose()

asyncio.run(main())
print(*sorted(loaded))
"""


@pytest.mark.parametrize("work", ["record", "check"])
def test_nothing_is_imported_while_the_database_is_locked(tmp_path: Path, work: str) -> None:
    url = f"sqlite:///{tmp_path / 'lampboard.db'}"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, work], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
