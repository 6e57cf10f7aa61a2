"""From where on limits and credentials open incidents, where monitors were told differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.monitor.watching import Watcher
from storage.integrations import IntegrationsDriver
from storage.references import ReferencesDriver
from tests.engine.conftest import NOON
from tests.engine.incidents.test_conditions import reckon

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tests.engine.incidents.conftest import Board


async def look(workspace: Workspace, **settings: object) -> bool:
    """Look as a monitor of these settings does."""
    before = workspace.settings
    workspace.settings = replace(before, **settings)  # type: ignore[arg-type]
    try:
        return await Watcher(workspace).look()
    finally:
        workspace.settings = before


@pytest.mark.parametrize(
    ("percent", "opens"), [(55.0, False), (79.9, False), (80.0, True), (99.0, True)]
)
async def test_a_warning_level_below_the_setting_opens_none(
    workspace: Workspace, board: Board, percent: float, opens: bool
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", percent)
    assert await look(workspace, incident_limit_percent=80) is opens
    assert len(board.all()) == opens
    assert await look(workspace) is not opens, "the default is each level"


async def test_over_the_limit_opens_one_whatever_the_setting(
    workspace: Workspace, board: Board
) -> None:
    board.add("gpt")
    reckon(workspace, "over", 100.0)
    await look(workspace, incident_limit_percent=100)
    assert board.one().severity == "critical"


async def test_what_one_monitor_opened_another_of_other_settings_leaves_open(
    workspace: Workspace, board: Board
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", 55.0)
    with workspace.database.write() as connection:
        driver = ReferencesDriver(connection)
        driver.add("acme", "env://KEY", label="OpenAI", at=NOON)
        driver.change("acme", "env://KEY", {"said_expires_at": NOON + timedelta(days=20)})
        IntegrationsDriver(connection).update("acme", "acme-gpt", {"credential_ref": "env://KEY"})
    for _ in range(2):
        await look(workspace, credential_warning_days=30)
        assert not await look(workspace, incident_limit_percent=80, credential_warning_days=7)
    assert {row.cause: row.closed_at for row in board.all()} == {"limit": None, "credential": None}
    reckon(workspace, "ok", 49.0)
    with workspace.database.write() as connection:
        later = {"said_expires_at": NOON + timedelta(days=25)}
        ReferencesDriver(connection).change("acme", "env://KEY", later)
    await look(workspace, incident_limit_percent=80, credential_warning_days=7)
    assert {row.closed_because for row in board.all()} == {"recovered"}
