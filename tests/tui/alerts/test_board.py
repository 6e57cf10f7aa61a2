"""An open dashboard rings for what comes while it is open, and for nothing that was before."""

from __future__ import annotations

from unittest.mock import patch

from engine.alerts import LocalAlert
from engine.errors import WorkspaceError
from tests.tui.board import board
from tests.tui.fakes import FakeWorkspace
from tui.app import BoardApp


def bell(number: int) -> LocalAlert:
    return LocalAlert(id=number, type="bell", title="critical: gpt-prod", body="503")


async def test_what_comes_rings_once_and_what_was_does_not() -> None:
    world = FakeWorkspace()
    world.alerts.told = (bell(1),)
    with patch.object(BoardApp, "bell") as rung:
        async with board(world) as driver:
            await driver.change("alerts")
            rung.assert_not_called()
            world.alerts.told = (bell(1), bell(2))
            await driver.change("alerts")
            rung.assert_called_once()
            await driver.change("alerts")
            rung.assert_called_once()


async def test_another_tenant_begins_with_what_comes_from_then_on() -> None:
    world = FakeWorkspace()
    with patch.object(BoardApp, "bell") as rung:
        async with board(world) as driver:
            world.alerts.told = (bell(5),)
            driver.app.show_tenant("zeta")
            await driver.settled()
            await driver.change("alerts")
            rung.assert_not_called()


async def test_a_database_that_is_away_is_told_by_the_screen_alone() -> None:
    world = FakeWorkspace()
    with patch.object(world.alerts, "last_id", side_effect=WorkspaceError("It is locked.")):
        async with board(world) as driver:
            await driver.change("alerts")
            assert not list(driver.app._notifications)
