"""A facade whose checker answers as the test decides, on a real database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.settings import Settings
    from engine.sources import DataSourcesFacade


@pytest.fixture
def sources(workspace: Workspace) -> DataSourcesFacade:
    return workspace.sources


@pytest.fixture
async def seen_by(settings: Settings) -> Callable[..., DataSourcesFacade]:  # type: ignore[misc]
    """Gives the facade of another operator of the same database, by roles."""
    opened: list[Workspace] = []

    def by(*roles: str, operator: str = "otto") -> DataSourcesFacade:
        told = replace(settings, roles=roles, operator=operator)
        opened.append(Workspace.open(told))
        return opened[-1].sources

    yield by  # type: ignore[misc]
    for workspace in opened:
        await workspace.aclose()
