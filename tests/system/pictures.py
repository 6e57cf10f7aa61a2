"""What is on the dashboard at the end of a walk of keys, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.resting import rest

if TYPE_CHECKING:
    from textual.pilot import Pilot

EMPTY = 1000
"""Bytes that a picture has of a board which shows nothing."""


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each when what the last one began is done."""
    for key in keys:
        await pilot.press(key)
        await rest(pilot.app)


async def pictures(pilot: Pilot[None], *walks: str) -> dict[str, bytes]:
    """Return a picture of where each walk ends, by its keys; esc, twice, is between two walks."""
    found: dict[str, bytes] = {}
    for keys in walks:
        await press(pilot, *keys.split())
        found[keys] = pilot.app.export_screenshot().encode()
        await press(pilot, "escape", "escape")
    assert all(len(picture) > EMPTY for picture in found.values())
    return found
