"""The form of a silence: what it asks for, what it says, what it saves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.silences.model import SilenceDraft
from tests.tui.inventory.driver import TENANT
from tests.tui.silences.conftest import NOW
from tui.silences.entries import silence_entry

if TYPE_CHECKING:
    from tests.tui.silences.conftest import Opened


async def test_a_new_one_holds_for_two_hours_unless_told(opened: Opened) -> None:
    async with opened(size=(80, 24)) as board:
        await board.open()
        assert "Quiet from now to 14:00 UTC (2h)." in board.shown()
        await board.fill(technology="openai", reason="Their [b]outage[/b]")
        await board.press("ctrl+s")
        assert board.saved is not None
        kept = board.saved.silence
        assert (kept.tenant_id, kept.technology, kept.until) == (
            TENANT, "openai", NOW + timedelta(hours=2),
        )  # fmt: skip
        assert (kept.reason, board.saved.name) == ("Their [b]outage[/b]", "openai")


async def test_another_schedule_asks_for_its_own(opened: Opened) -> None:
    async with opened(size=(80, 24)) as board:
        await board.open()
        await board.fill(about="tag", tag="staging", tenants="all", schedule="weekly")
        await board.fill(weekly="sun", at="02:30", for_="2h", timezone="Europe/Berlin")
        # Sundays in March and April: the clock is put forward between them.
        assert "Quiet Mar 22 01:30 to 03:30 UTC (2h), then Mar 29 01:00 to 03:00" in (
            " ".join(board.shown().split())
        )
        await board.fill(reason="Maintenance")
        await board.press("ctrl+s")
        assert board.saved is not None
        kept = board.saved.silence
        assert (kept.tenant_id, kept.tag, kept.days, kept.minute) == (
            None, "staging", ("sun",), 150,
        )  # fmt: skip
        assert (kept.ends_at, kept.duration_s) == (None, 7200)


async def test_what_is_wrong_is_said_beside_its_field(opened: Opened) -> None:
    async with opened() as board:
        await board.open()
        await board.fill(about="tag", tag="x", schedule="cron", cron="0 2 * * 9", for_="2h")
        await board.press("ctrl+s")
        assert "Reason is required" in board.form.form.problems["reason"]
        await board.fill(reason="Nights")
        await board.press("ctrl+s")
        assert "day-of-week" in board.form.form.problems["cron"]
        await board.fill(cron="0 2 * * 0", last="2026-03-20 12:30")
        assert "It would never hold." in board.shown()
        await board.fill(last="yesterday")
        await board.press("ctrl+s")
        assert "no moment" in board.form.form.problems["last"]
        assert board.saved is None


async def test_everything_is_kept_quiet_only_when_that_is_meant(opened: Opened) -> None:
    async with opened(size=(80, 24)) as board:
        await board.open()
        await board.fill(about="everything", tenants="all", reason="Moving house")
        await board.press("ctrl+s")
        assert "Nobody is told of anything of any tenant while it holds." in board.shown()
        await board.press("n")
        assert board.saved is None
        await board.fill(until="yesterday")
        await board.press("ctrl+s", "y")
        assert "no moment" in board.form.form.problems["until"]
        await board.fill(until="2h")
        await board.press("ctrl+s", "y")
        assert board.saved is not None
        assert board.saved.name == "everything, all tenants"


async def test_one_is_made_from_a_lamp(opened: Opened) -> None:
    async with opened() as board:
        source = await board.workspace.sources.register_source(TENANT, "orders", "database")
        about = SilenceDraft(tenant_id=TENANT, kind="source", thing_id=source.source_id)
        await board.open(about=about, thing_name="orders")
        assert "source orders" in board.shown()
        await board.fill(until="18:00", reason="New disk")
        await board.press("ctrl+s")
        assert board.saved is not None
        kept = board.saved.silence
        assert (kept.thing_name, kept.until) == ("orders", NOW.replace(hour=18))


async def test_an_edited_one_keeps_what_was_not_touched(opened: Opened) -> None:
    async with opened() as board:
        begun = NOW - timedelta(minutes=10, seconds=7)
        draft = SilenceDraft(
            tenant_id=TENANT, kind="integration", technology="openai", starts_at=begun,
            ends_at=NOW + timedelta(hours=1), reason="Their outage",
        )  # fmt: skip
        made = await board.workspace.silences.add(TENANT, draft)
        await board.open(silence_entry(made, TENANT))
        await board.fill(until="3h")
        await board.press("ctrl+s")
        assert board.saved is not None
        kept = board.saved.silence
        assert (kept.kind, kept.technology, kept.starts_at) == ("integration", "openai", begun)
        assert (kept.until, kept.version) == (NOW + timedelta(hours=3), 2)


async def test_two_people_who_edit_at_once_are_told_apart(opened: Opened) -> None:
    async with opened() as board:
        draft = SilenceDraft(
            tenant_id=TENANT, tag="a", ends_at=NOW + timedelta(hours=1), reason="x"
        )
        made = await board.workspace.silences.add(TENANT, draft)
        await board.open(silence_entry(made, TENANT))
        await board.fill(reason="mine")
        theirs = replace(draft, reason="theirs")
        await board.workspace.silences.edit(TENANT, made.id, theirs)
        await board.press("ctrl+s")
        assert "theirs" in board.shown()
        assert board.saved is None
        assert (await board.workspace.silences.get(TENANT, made.id)).reason == "theirs"
        await board.press("escape", "escape", "y")


async def test_what_there_is_is_offered_as_one_types(opened: Opened) -> None:
    async with opened() as board:
        sources, connectors = board.workspace.sources, board.workspace.connectors
        await sources.register_source(TENANT, "orders", "database", tags=["Staging"])
        await board.open()
        await board.fill(about="thing", reason="New disk")
        board.form.form.query_one("#field-thing").focus()
        await board.settled()
        await board.press("O")
        await board.until(lambda: "Orders" in board.shown())
        await board.press("right", "ctrl+s")
        assert board.saved is not None
        kept = board.saved.silence
        assert (kept.kind, kept.thing_name, kept.tenant_id) == ("source", "orders", TENANT)
        await board.open()
        await board.fill(about="tag", reason="Nights")
        board.form.form.query_one("#field-tag").focus()
        await board.settled()
        await board.press("s", "t")
        await board.until(lambda: "staging" in board.shown())
        await board.press("right", "ctrl+s")
        assert board.saved is not None
        assert board.saved.silence.tag == "Staging"
        await connectors.register_connector(TENANT, "orders", "http", "http://127.0.0.1:9")
        await board.open()
        await board.fill(about="thing", thing="Orders", reason="New disk")
        await board.press("ctrl+s")
        assert "Say which: source Orders or connector" in board.form.form.problems["thing"]
        await board.fill(thing="nothing")
        await board.press("ctrl+s")
        assert "Nothing is called 'nothing'" in board.form.form.problems["thing"]
        await board.fill(thing="connector orders")
        await board.press("ctrl+s")
        assert board.saved is not None
        assert board.saved.silence.kind == "connector"
