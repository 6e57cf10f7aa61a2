"""What the tests of checks share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from engine.workspace import Workspace


@pytest.fixture
def boarding(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[str]:
    """Gets the id of a thing whenever one who asks has reached its flight."""
    reached: asyncio.Queue[str] = asyncio.Queue()
    fly = workspace.checks._fly

    async def noted(thing: Any, *rest: Any) -> Any:
        reached.put_nowait(thing.target.id)
        return await fly(thing, *rest)

    monkeypatch.setattr(workspace.checks, "_fly", noted)
    return reached
