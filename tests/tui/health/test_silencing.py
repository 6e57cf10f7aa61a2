"""A lamp is kept quiet from where it is seen."""

from __future__ import annotations

from tests.tui.board import board
from tui.silences.form import SilenceForm


async def test_the_form_begins_with_the_lamp_under_the_cursor() -> None:
    async with board() as driver:
        await driver.press("5", "down", "m")
        form = driver.app.screen
        assert isinstance(form, SilenceForm)
        lamp = driver.world.lamps[0]
        await driver.shows(f"integration {lamp.name}")


async def test_read_only_and_a_heading_offer_no_silence() -> None:
    async with board(read_only=True) as driver:
        await driver.press("5", "down", "m")
        assert not isinstance(driver.app.screen, SilenceForm)
    async with board() as driver:
        await driver.press("5", "m")
        assert not isinstance(driver.app.screen, SilenceForm)
