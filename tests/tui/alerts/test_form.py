"""The forms of channels and routes: tried before they are saved, told when others were first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.inventory.driver import TENANT
from tui.alerts.entries import Entry, channel_entry, route_entry
from tui.alerts.form import ChannelForm, RouteForm

if TYPE_CHECKING:
    from tests.engine.alerts.conftest import Receiver
    from tests.tui.alerts.conftest import Opened


async def test_a_channel_is_tried_for_real_and_saved(opened: Opened, receiver: Receiver) -> None:
    saved: list[Entry | None] = []
    async with opened() as board:
        board.app.push_screen(ChannelForm(board.app.desk), saved.append)
        await board.settled()
        await board.write("on-call")
        await board.press("down", "down")
        await board.write(receiver.url)
        await board.press("f5")
        assert receiver.bodies[0]["event"] == "test"
        assert "HTTP 200" in board.shown()
        await board.press("ctrl+s")
        assert "s3cret" not in board.shown()
        (channel,) = await board.workspace.alerts.list_channels(TENANT)
    assert [one.id for one in saved if one] == [channel.id]
    assert channel.options == {"place": f"http://127.0.0.1:{receiver.port}", "again": "no"}


async def test_an_edit_keeps_the_url_and_tells_of_a_conflict(
    opened: Opened, receiver: Receiver
) -> None:
    async with opened(size=(80, 24)) as board:
        alerts = board.workspace.alerts
        made = await alerts.add_channel(TENANT, "on-call", "webhook", url=receiver.url)
        board.app.push_screen(ChannelForm(board.app.desk, channel_entry(made)))
        await board.settled()
        assert "stored, leave empty to keep" in board.shown()
        await alerts.edit_channel(TENANT, made.id, per_hour=7)
        await board.write("-2")
        await board.press("ctrl+s")
        assert "At most an hour" in board.shown()  # what somebody else changed
        await board.press("m")
        found = await alerts.get_channel(TENANT, made.id)
        assert (found.name, found.per_hour, found.credential_ref) == (
            "on-call-2",
            7,
            made.credential_ref,
        )


async def test_other_types_ask_for_other_things(opened: Opened) -> None:
    async with opened() as board:
        board.app.push_screen(ChannelForm(board.app.desk))
        await board.settled()
        assert "Signing secret" in board.shown()
        await board.press("down", "right")
        assert "bell of open dashboards" in board.shown()
        assert "URL *" not in board.shown()
        await board.press("right", "right")
        assert "apprise: a service by its URL" in board.shown()
        assert "URL *" in board.shown()


async def test_what_is_wrong_is_said_beside_its_field(opened: Opened) -> None:
    async with opened() as board:
        channel = await board.workspace.alerts.add_channel(TENANT, "desk", "bell")
        board.app.push_screen(RouteForm(board.app.desk, channels=[channel]))
        await board.settled()
        await board.press(*["down"] * 6)
        await board.write("someday")
        await board.press("ctrl+s")
        assert "'someday' is no day." in board.shown()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_route_is_edited(opened: Opened, size: tuple[int, int]) -> None:
    saved: list[Entry | None] = []
    async with opened(size=size) as board:
        alerts = board.workspace.alerts
        desk = await alerts.add_channel(TENANT, "desk", "bell")
        other = await alerts.add_channel(TENANT, "phone", "desktop")
        made = await alerts.add_route(
            TENANT, desk.id, hours="mon-fri 08:00-18:00", timezone="Europe/Berlin"
        )
        form = RouteForm(board.app.desk, route_entry(made), channels=[desk, other])
        board.app.push_screen(form, saved.append)
        await board.settled()
        assert "mon-fri 08:00-18:00" in board.shown()
        await board.press("right", *["down"] * 7)
        await board.press(*["backspace"] * len("Europe/Berlin"))
        await board.write("Asia/Tokyo")
        await board.press("ctrl+s")
        found = await alerts.get_route(TENANT, made.id)
    assert (found.channel_name, found.hours["timezone"]) == ("phone", "Asia/Tokyo")
    assert [one.version for one in saved if one] == [2]
