"""The place of incidents over a real database: listed, acknowledged, noted, closed, looked back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from engine.clock import FixedClock
from engine.incidents import IncidentsFacade
from storage.alerts import ChannelsDriver, SendingDriver
from storage.incidents import IncidentsDriver
from tests.tui.incidents.conftest import NOW, TITLES, draft, open_some
from tests.tui.inventory import driver
from tests.tui.inventory.driver import TENANT, workspace_of
from tui.app import BoardApp
from tui.incidents.saying import NoteDialog, SayDialog
from tui.incidents.screen import DEEDS
from tui.silences.form import SilenceForm
from tui.writing import FileDialog

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from engine.incidents.model import Incident, IncidentPage
    from engine.settings import Settings
    from tests.tui.incidents.conftest import Board, Opened

OF_INCIDENTS = {
    *("acknowledge", "note", "close", "assign", "silence", "write", "test", "go_to_thing"),
}


async def got(board: Board, number: int) -> Incident:
    return await board.workspace.incidents.get(TENANT, number)


async def test_the_worst_and_oldest_is_on_top_and_the_header_counts(opened: Opened) -> None:
    async with opened() as board:
        assert board.names() == [TITLES[2], TITLES[0], TITLES[1]]
        shown = board.shown()
        assert "✖ 2 critical   ▲ 1 warning   0 acknowledged" in shown
        await board.until(lambda: "! 3 incidents" in board.shown().splitlines()[0])


async def test_at_80_columns_the_number_alone_is_in_the_header(opened: Opened) -> None:
    async with opened(size=(80, 24)) as board:
        await board.until(lambda: "  ! 3  " in board.shown().splitlines()[0])
        await board.until(lambda: "claude-batch is failing" in board.shown())


async def test_what_is_not_read_yet_is_not_said_to_be_none(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, page = asyncio.Event(), IncidentsFacade.page

    async def held(self: IncidentsFacade, *args: Any, **told: Any) -> IncidentPage:
        await read.wait()
        return await page(self, *args, **told)

    monkeypatch.setattr(IncidentsFacade, "page", held)
    workspace = await workspace_of(settings, FixedClock(NOW))
    await open_some(workspace, 3)
    app = BoardApp(workspace.settings, lambda _: workspace, workspace.clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await app.action_go("incidents")
        board: Board = driver.Board(pilot, workspace, None)
        await board.until(lambda: "✖ 2 critical" in board.shown())
        await board.until(lambda: "Incidents  severity" in board.shown())
        read.set()
        await board.until(lambda: "Incidents 3  severity" in board.shown())


async def test_two_keystrokes_acknowledge(opened: Opened) -> None:
    async with opened() as board:
        await board.press("a", "1")
        found = await got(board, 3)
        assert (found.state, found.acknowledged_because) == ("acknowledged", "Looking into it")
        assert found.assignee == found.acknowledged_by == board.app.desk.settings.operator  # type: ignore[attr-defined]
        await board.until(lambda: "1 acknowledged" in board.shown())


async def test_the_second_keystroke_may_come_before_the_dialog(opened: Opened) -> None:
    async with opened() as board:
        await board.pilot.press("a", "2")
        await board.settled()
        assert board.app.current_mode == "incidents"
        assert (await got(board, 3)).acknowledged_because == "Known issue, a fix is on its way"


async def test_all_that_is_marked_is_acknowledged_at_once(opened: Opened) -> None:
    async with opened() as board:
        await board.press("space", "down", "space", "a")
        await board.until(lambda: "2 incidents" in board.shown())
        await board.press("4")
        states = [(await got(board, number)).state for number in (1, 2, 3)]
        assert sorted(states) == ["acknowledged", "acknowledged", "open"]
        assert not board.screen.table.marked


async def test_all_that_is_listed_is_marked_and_acknowledged(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write("severity:critical")
        await board.press("enter")
        await board.until(lambda: len(board.names()) == 2)
        await board.press("ctrl+a")
        await board.until(lambda: "2 marked" in board.shown())
        await board.press("a")
        await board.until(lambda: "2 incidents" in board.shown())
        await board.press("1")
        states = [(await got(board, number)).state for number in (1, 2, 3)]
        assert states == ["acknowledged", "open", "acknowledged"]


async def test_an_acknowledgement_is_taken_back(opened: Opened) -> None:
    async with opened() as board:
        await board.press("a", "1", "u")
        assert (await got(board, 3)).state == "open"


async def test_a_note_and_who_sees_to_it(opened: Opened) -> None:
    async with opened() as board:
        await board.press("n")
        assert isinstance(board.app.screen, NoteDialog)
        await board.write("Asked-the-provider")
        await board.press("enter")
        await board.write("- They-look-into-it")
        await board.press("ctrl+s")
        await board.until(lambda: "Asked-the-provider" in board.shown())
        told = (await board.workspace.incidents.story(TENANT, 3)).timeline
        assert [one.said for one in told if one.what == "noted"] == [
            "Asked-the-provider\n- They-look-into-it"
        ]
        await board.press("A")
        await board.write("ana")
        await board.press("enter")
        assert (await got(board, 3)).assignee == "ana"


async def test_closed_by_hand_it_is_among_what_was(opened: Opened) -> None:
    async with opened() as board:
        await board.press("c")
        await board.write("A drill")
        await board.press("enter")
        await board.until(lambda: board.names() == [TITLES[0], TITLES[1]])
        await board.press("b", "down", "enter")
        await board.until(lambda: board.names() == [TITLES[2]])
        await board.until(lambda: "A drill" in board.shown())
        assert board.screen.check_action("acknowledge", ()) is False
        assert board.screen.check_action("note", ()) is True


async def test_the_post_mortem_is_written(opened: Opened, tmp_path: Path) -> None:
    async with opened() as board:
        await board.press("w")
        assert isinstance(board.app.screen, FileDialog)
        target = tmp_path / "what.md"
        entry = board.app.screen.query_one("TextInput")
        entry.value = str(target)  # type: ignore[attr-defined]
        await board.press("enter")
        await board.until(target.exists)
        told = target.read_text(encoding="utf-8")
        assert told.startswith("# ")
        assert TITLES[2] in told


async def test_nothing_is_open_says_how_it_would_come(opened: Opened) -> None:
    async with opened(many=0) as board:
        shown = board.shown()
        assert "nothing waits" in shown
        assert "Nothing is open." in shown
        assert "!" not in shown.splitlines()[0]
        assert board.screen.check_action("acknowledge", ()) is False
        assert board.screen.check_action("group", ()) is True


@pytest.mark.parametrize("changes", [{"many": 0}, {"read_only": True}])
async def test_acknowledging_nothing_says_so_and_opens_no_other_place(
    opened: Opened, changes: dict[str, object]
) -> None:
    async with opened(**changes) as board:
        for key in "a1":  # as a terminal sends them: both before anything is done about the first
            board.app.post_message(events.Key(key, key))
        await board.until(lambda: "nothing" in toasts(board))
        await board.settled()
        assert board.app.current_mode == "incidents"
        await board.press("a", "2")
        assert board.app.current_mode == "incidents"
        await board.press("1")
        assert board.app.current_mode == "overview"


async def test_what_is_over_is_not_acknowledged_and_a_digit_opens_no_other_place(
    opened: Opened,
) -> None:
    async with opened() as board:
        await board.workspace.incidents.close(TENANT, 3, "Done")
        await to_group(board, 1)
        await board.until(lambda: board.names() == [TITLES[2]])
        await board.press("a", "5")
        await board.until(lambda: "nothing to acknowledge" in toasts(board))
        assert board.app.current_mode == "incidents"


async def test_read_only_takes_every_writing_key_away(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        for action in board.screen.WRITING:
            assert not board.screen.check_action(action, ())
        await board.press("a", "u", "n")
        assert not isinstance(board.app.screen, SayDialog)
        assert (await got(board, 3)).state == "open"


async def test_a_filter_looks_into_its_field(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write("severity:warning")
        await board.until(lambda: board.names() == [TITLES[1]])


async def test_ages_are_as_of_now(opened: Opened) -> None:
    async with opened() as board:
        await board.until(lambda: "30 min" in board.shown())
        assert board.workspace.clock.now() == NOW


async def to_group(board: Board, downs: int) -> None:
    await board.press("b", "home", *["down"] * downs, "enter")


async def test_an_incident_is_kept_quiet_from_where_it_is_seen(opened: Opened) -> None:
    async with opened(many=0) as board:
        provider = draft(0, cause="provider", thing_id=None, thing_name=None, title="openai")
        await board.workspace.write(lambda connection: IncidentsDriver(connection).open(provider))
        await board.press("R")
        await board.until(lambda: board.names() == ["openai"])
        await board.press("m")
        assert isinstance(board.app.screen, SilenceForm)
        board.app.screen.form.set_value("reason", "Their maintenance")
        await board.press("ctrl+s")
        await board.until(lambda: "1 silenced" in board.shown())
        (found,) = await board.workspace.silences.list_silences(TENANT)
        assert (found.technology, found.reason, found.active) == (
            "openai",
            "Their maintenance",
            True,
        )


async def test_a_channel_a_route_to_it_and_a_silence_are_made_here(opened: Opened) -> None:
    async with opened(many=0) as board:
        await to_group(board, 4)
        await board.until(lambda: "No route leads to a channel." in board.shown())
        await board.press("n")
        await board.until(lambda: "add that first" in toasts(board))
        await to_group(board, 3)
        await board.press("n")
        form = board.app.screen.form  # type: ignore[attr-defined]
        form.set_value("name", "desk")
        form.set_value("type", "bell")
        await board.settled()
        await board.press("ctrl+s")
        await board.until(lambda: board.names() == ["desk"])
        await board.until(lambda: "No route leads here yet" in board.shown())
        await to_group(board, 4)
        await board.press("n")
        await board.press("ctrl+s")
        await board.until(lambda: board.names() == ["the route to desk"])
        assert len(await board.workspace.alerts.list_routes(TENANT)) == 1


async def test_a_form_is_called_by_what_it_is_of_and_says_what_it_saved(opened: Opened) -> None:
    async with opened(many=0) as board:
        channel = await board.workspace.alerts.add_channel(TENANT, "desk", "bell")
        await board.workspace.alerts.add_route(TENANT, channel.id)
        await to_group(board, 4)
        await board.until(lambda: board.names() == ["the route to desk"])
        await board.press("n")
        await board.until(lambda: "New route" in board.shown())
        await board.press("escape", "e")
        await board.until(lambda: "Edit the route to desk" in board.shown())
        board.app.screen.form.set_value("tag", "night")  # type: ignore[attr-defined]
        await board.press("ctrl+s")
        await board.until(lambda: toasts(board) == "the route to desk is saved.")


async def test_what_is_deleted_is_asked_about_first(opened: Opened) -> None:
    async with opened(many=0) as board:
        await board.workspace.alerts.add_channel(TENANT, "desk", "bell")
        await to_group(board, 3)
        await board.until(lambda: board.names() == ["desk"])
        await board.press("d", "n")
        assert len(await board.workspace.alerts.list_channels(TENANT)) == 1
        await board.press("d", "y")
        await board.until(lambda: board.names() == [])
        assert await board.workspace.alerts.list_channels(TENANT) == ()


@pytest.mark.parametrize(
    ("downs", "offered"),
    [
        (0, OF_INCIDENTS),
        (2, {"new"}),
        (3, {"new"}),
        (4, {"new"}),
        (5, set()),
    ],
)
async def test_each_list_offers_its_own_deeds(
    opened: Opened, downs: int, offered: set[str]
) -> None:
    async with opened() as board:
        if downs:
            await to_group(board, downs)
        found = {deed for deed in DEEDS if board.screen.check_action(deed, ())}
        assert found == offered


def tell_of(connection: Connection, channel_id: str) -> None:
    """Two alerts that failed: that an incident opened, and after it a test of the channel."""
    channel = ChannelsDriver(connection).get(TENANT, channel_id)
    assert channel is not None
    failed = {"state": "failed", "due_at": NOW, "created_at": NOW, "attempts": 147}
    for more in ({"event": "opened", "incident_number": 3}, {"event": "test"}):
        SendingDriver(connection).add(channel, {**failed, **more})


async def test_what_failed_is_sent_again_unless_it_was_a_test(opened: Opened) -> None:
    async with opened() as board:
        made = await board.workspace.alerts.add_channel(TENANT, "desk", "bell")
        await board.workspace.write(lambda connection: tell_of(connection, made.id))
        await to_group(board, 5)
        await board.until(lambda: board.names() == ["alert 2", "alert 1"])
        await board.press("home")
        assert board.screen.check_action("resend", ()) is False, "the test is the newest"
        await board.press("down")
        assert board.screen.check_action("resend", ()) is True


def toasts(board: Board) -> str:
    return " ".join(note.message for note in board.app._notifications)


async def test_what_somebody_else_did_meanwhile_is_told_and_not_undone(opened: Opened) -> None:
    async with opened() as board:
        await board.press("a")
        await board.workspace.incidents.acknowledge(TENANT, 3, "Mine already")
        await board.press("1")
        await board.until(lambda: bool(board.app._notifications))
        assert (await got(board, 3)).acknowledged_because == "Mine already"
        assert "somebody else" in toasts(board).casefold()


async def test_of_many_that_are_marked_only_what_somebody_changed_is_left(opened: Opened) -> None:
    async with opened() as board:
        await board.press("space", "space", "a")
        await board.until(lambda: "2 incidents" in board.shown())
        await board.workspace.incidents.acknowledge(TENANT, 3, "Mine already")
        await board.press("1")
        await board.until(lambda: "1 of 2 incidents acknowledged, 1 not." in board.shown())
        assert "Somebody else changed this" in " ".join(board.shown().split())
        assert (await got(board, 3)).acknowledged_because == "Mine already"
        assert (await got(board, 1)).acknowledged_because == "Looking into it"


async def test_a_marked_one_that_is_out_of_sight_is_not_overwritten_either(
    opened: Opened,
) -> None:
    async with opened(size=(80, 24), many=3) as board:
        await board.press("space")
        await board.press("slash")
        await board.write("severity:warning")
        await board.press("enter")
        await board.until(lambda: board.names() == [TITLES[1]])
        await board.workspace.incidents.acknowledge(TENANT, 3, "Mine already")
        await board.press("a", "1")
        await board.until(lambda: bool(board.app._notifications))
        assert (await got(board, 3)).acknowledged_because == "Mine already"
        assert (await got(board, 2)).state == "open"
