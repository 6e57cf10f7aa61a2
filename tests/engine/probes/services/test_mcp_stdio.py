from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.probes.place import Place
from engine.probes.running import run_probe
from engine.probes.states import CusHealthState
from engine.settings import Settings
from engine.workspace import Workspace
from storage.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from engine.probes.place import Tools

pytest.importorskip("mcp")


async def test_a_program_that_is_not_allowed_is_never_started(tools: Tools, tmp_path: Path) -> None:
    trace = tmp_path / "started"
    program = f"open({str(trace)!r}, 'w')"
    options = {"command": sys.executable, "arguments": f'-c "{program}"'}
    place = Place(technology="mcp_stdio", options=options)
    result = await run_probe(place, replace(tools, allow_commands=frozenset({"uvx"})))
    assert (result.state, result.error) == (CusHealthState.UNKNOWN, "command_not_allowed")
    assert "allow_commands" in result.remedy
    assert not trace.exists()
    allowing = replace(tools, allow_commands=frozenset({sys.executable}))
    await run_probe(place, allowing, deadline_s=60)
    assert trace.exists()


@pytest.mark.parametrize(
    ("database", "listed", "allowed"),
    [
        ("sqlite:///own.db", (), None),
        ("sqlite:///own.db", ("uvx",), frozenset({"uvx"})),
        ("postgresql://db.example/lampboard", (), frozenset()),
        ("postgresql://db.example/lampboard", ("uvx",), frozenset({"uvx"})),
    ],
)
async def test_a_shared_database_starts_only_what_is_listed(
    database: str, listed: tuple[str, ...], allowed: frozenset[str] | None
) -> None:
    settings = Settings(database=database, allow_commands=listed)
    workspace = Workspace(settings, Database.open("sqlite:///:memory:"))
    assert workspace.tools().allow_commands == allowed
    await workspace.aclose()
