"""The lists of alerts over a real workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.paging import after
from tests.engine.alerts.conftest import World
from tests.tui.inventory.driver import TENANT
from tui.alerts.listing import AlertListing, ChannelListing, RouteListing
from tui.inventory.listing import View
from tui.widgets.cells import cell_text

if TYPE_CHECKING:
    from tests.tui.alerts.conftest import Opened


async def test_lists_show_what_there_is(opened: Opened) -> None:
    async with opened() as board:
        alerts, desk = board.workspace.alerts, board.app.desk
        world = World(board.workspace, board.workspace.clock)
        for name in ("zeta", "Alpha"):
            channel = await alerts.add_channel(TENANT, name, "bell")
            await alerts.add_route(TENANT, channel.id, wait_s=0)
        numbers = [world.open(f"gpt-{place}", tenant=TENANT) for place in range(3)]
        await world.tell(1)
        view = View(tenant_id=TENANT)

        channels, _ = await ChannelListing(desk).page(view, anchor=None, limit=10)
        assert [one.name for one in channels] == ["Alpha", "zeta"]
        routes, _ = await RouteListing(desk).page(view, anchor=None, limit=10)
        assert [one.name for one in routes] == ["the route to Alpha", "the route to zeta"]
        only = View(tenant_id=TENANT, query="zet")
        assert await ChannelListing(desk).count(only) == 1

        log = AlertListing(desk)
        page, keys = await log.page(view, anchor=None, limit=4)
        assert (len(page), await log.count(view)) == (4, 6)
        rest, _ = await log.page(view, anchor=after(keys[-1]), limit=4)  # type: ignore[arg-type]
        ids = [int(one.id) for one in (*page, *rest)]
        assert ids == sorted(ids, reverse=True)
        row = log.row(page[0], keys[0])
        assert cell_text(row.cells[4]) == "sent"
        one = AlertListing(desk, incident=numbers[1])
        assert await one.count(view) == 2
        assert await one.count(View(tenant_id=TENANT, query="state:failed")) == 0
        assert await log.count(View(tenant_id=TENANT, query="channel:alpha gpt-1")) == 1
