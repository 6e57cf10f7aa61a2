"""The ledger over a real database: listed, proved, found broken, pinned down; policies edited."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.tui.inventory.driver import TENANT
from tests.tui.prevention.conftest import candidate, tamper
from tui.prevention.form import PolicyForm
from tui.widgets.dialogs import Choose, Report
from tui.writing import FileDialog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.prevention.conftest import Board, Opened


def numbers(board: Board) -> list[int]:
    records = [getattr(row.record, "record", None) for row in board.screen.table._window.rows]
    return [one.seq for one in records if one is not None]


def toasts(board: Board) -> str:
    return " ".join(note.message for note in board.app._notifications)


async def policies(board: Board) -> None:
    await board.press("b")
    assert isinstance(board.app.screen, Choose)
    await board.press("down", "enter")
    await board.until(lambda: "COUNTS" in board.shown())


async def test_the_newest_record_is_on_top_with_its_hashes(opened: Opened) -> None:
    async with opened() as board:
        assert numbers(board) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
        record = await board.workspace.prevention.get_record(TENANT, "9")
        await board.until(lambda: record.digest[:24] in board.shown())
        assert "9 records, never verified: v verifies" in board.shown()
        await board.press("s", "enter")
        assert "simulated" in board.shown()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("policy:no-pii", [9, 7, 5, 3, 1]),
        ("kind:simulated", [8, 4]),
        ("!kind:simulated pattern:pattern-0", [7, 1]),
        ("number:3", [3]),
    ],
)
async def test_a_filter_looks_into_its_field(opened: Opened, query: str, found: list[int]) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write(query)
        await board.until(lambda: numbers(board) == found)


async def test_a_ledger_that_holds_is_proved_and_says_so(opened: Opened) -> None:
    async with opened() as board:
        await board.press("v")
        await board.until(lambda: "The ledger holds: 9 records proved" in toasts(board))
        await board.until(lambda: "● ledger healthy" in board.shown())
        await board.workspace.prevention.record(TENANT, candidate(9))
        await board.press("R")
        await board.until(
            lambda: "9 records proved" in board.shown() and ", 1 since" in board.shown()
        )


async def test_an_altered_record_is_named_and_marked(opened: Opened, tmp_path: Path) -> None:
    async with opened() as board:
        tamper(tmp_path / "board.db", 4)
        await board.press("v")
        await board.until(lambda: isinstance(board.app.screen, Report))
        assert "The ledger does not hold" in board.shown()
        assert "Records before number 4 hold" in " ".join(board.shown().replace("│", " ").split())
        await board.press("escape")
        await board.until(lambda: "✖ ledger failing" in board.shown())
        await board.press("slash")
        await board.write("number:4")
        await board.press("enter")
        await board.until(lambda: "does not hold" in board.shown())
        await board.app.pulse.look()  # type: ignore[attr-defined]
        await board.app.pulse.count()  # type: ignore[attr-defined]
        await board.until(lambda: "ledger ✖" in board.shown())


async def test_a_checkpoint_is_written_once_and_holds_what_the_ledger_is(
    opened: Opened, tmp_path: Path
) -> None:
    path = tmp_path / "kept.json"
    async with opened() as board:
        for again in (False, True):
            await board.pilot.press("w")
            await board.until(lambda: isinstance(board.app.screen, FileDialog))
            board.app.screen.query_one("TextInput").value = str(path)  # type: ignore[attr-defined]
            await board.pilot.press("enter")
            words = "kept.json exists already" if again else "The checkpoint at record 9 is in"
            await board.until(lambda words=words: words in board.shown() + toasts(board))  # type: ignore[misc]
        found = await board.workspace.prevention.checkpoint(TENANT)
    assert json.loads(path.read_text(encoding="utf-8"))["digest"] == found.digest
    assert path.stat().st_mode & 0o777 == 0o600


async def test_the_command_line_holds_a_checkpoint_against_the_ledger(
    opened: Opened, tmp_path: Path
) -> None:
    path, database = tmp_path / "kept.json", tmp_path / "board.db"
    async with opened() as board:
        await board.pilot.press("w")
        await board.until(lambda: isinstance(board.app.screen, FileDialog))
        board.app.screen.query_one("TextInput").value = str(path)  # type: ignore[attr-defined]
        await board.pilot.press("enter")
        await board.until(lambda: "The checkpoint at record 9 is in" in toasts(board))
    assert await verified(database, path) == 0
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"digest": "ab" * 32}), encoding="utf-8")
    assert await verified(database, path) != 0


async def verified(database: Path, checkpoint: Path) -> int:
    """Return what the command line ends with."""
    line = ("prevention", "verify", "--database", f"sqlite:///{database}", "--tenant", TENANT)
    work = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *line, "--checkpoint", str(checkpoint)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await work.wait()


async def test_policies_tell_how_far_they_are_and_what_does_not_count(opened: Opened) -> None:
    async with opened() as board:
        await policies(board)
        assert board.names() == ["no-pii", "no-sql"]
        assert "5 of 4" in board.shown()
        assert "graduated" in board.shown()
        await board.press("down")
        await board.until(lambda: "do not count" in board.shown())
        assert "never set" in board.shown()


async def test_a_policy_is_edited_and_counts_from_then_on(opened: Opened) -> None:
    async with opened() as board:
        assert "e edit" not in board.shown()
        await board.press("e")
        assert not isinstance(board.app.screen, PolicyForm)
        await policies(board)
        await board.press("down", "e")
        form = board.app.screen
        assert isinstance(form, PolicyForm)
        form.form.set_value("mode", "active")
        form.form.set_value("activated_at", "soon")
        form.form.set_value("needed", "2")
        await board.press("ctrl+s")
        assert "That is no moment." in board.shown()
        form.form.set_value("activated_at", "2026-03-20 11:56")
        await board.press("ctrl+s")
        await board.until(lambda: not isinstance(board.app.screen, PolicyForm))
        found, _ = await board.workspace.prevention.graduation_of(TENANT, "no-sql")
        assert (found.mode, found.needed, found.counting, found.before) == ("active", 2, 1, 1)
        await board.until(lambda: "1 of 2" in board.shown())


async def test_only_what_was_changed_is_set(opened: Opened) -> None:
    async with opened() as board:
        before = (await board.workspace.prevention.list_policies(TENANT))[0]
        await policies(board)
        await board.press("e")
        form = board.app.screen
        assert isinstance(form, PolicyForm)
        await board.workspace.prevention.set_policy(TENANT, "no-pii", mode="shadow")
        form.form.set_value("needed", "77")
        await board.press("ctrl+s")
        await board.until(lambda: not isinstance(board.app.screen, PolicyForm))
        found = (await board.workspace.prevention.list_policies(TENANT))[0]
        assert (found.policy_id, found.mode, found.needed) == ("no-pii", "shadow", 77)
        assert found.activated_at == before.activated_at


async def new_policy(board: Board, policy: str, **typed: str) -> PolicyForm:
    """Fills in the form of a new policy and saves it."""
    await board.press("n")
    await board.until(lambda: isinstance(board.app.screen, PolicyForm))
    form = board.app.screen
    assert isinstance(form, PolicyForm)
    for name, value in {"policy_id": policy, **typed}.items():
        form.form.set_value(name, value)
    await board.press("ctrl+s")
    return form


async def test_a_new_policy_is_active_and_shown_among_the_others(opened: Opened) -> None:
    async with opened() as board:
        await new_policy(board, "no-exports", name="No raw exports")
        await board.until(lambda: board.names() == ["No raw exports", "no-pii", "no-sql"])
        await board.until(lambda: board.screen.item is not None)
        assert board.screen.item.id == "no-exports"
        found, _ = await board.workspace.prevention.graduation_of(TENANT, "no-exports")
        assert (found.mode, found.needed, found.counting) == ("active", 3, 0)
        assert found.activated_at is not None


async def test_a_policy_with_records_alone_can_be_set_and_counts_from_then(opened: Opened) -> None:
    async with opened() as board:
        await new_policy(board, "no-sql", activated_at="2026-03-20 11:56", needed="2")
        await board.until(lambda: board.names() == ["no-pii", "no-sql"])
        found, _ = await board.workspace.prevention.graduation_of(TENANT, "no-sql")
        assert (found.mode, found.needed, found.counting, found.before) == ("active", 2, 1, 1)


async def test_a_policy_that_is_set_already_is_not_made_anew(opened: Opened) -> None:
    async with opened() as board:
        before = await board.workspace.prevention.list_policies(TENANT)
        form = await new_policy(board, "no-pii", mode="shadow")
        await board.until(lambda: "That policy is set already." in board.shown())
        assert board.app.screen is form
        assert await board.workspace.prevention.list_policies(TENANT) == before


async def test_the_first_policy_is_made_where_there_is_nothing_yet(opened: Opened) -> None:
    async with opened(many=0) as board:
        await board.until(lambda: "Press n to set" in board.shown())
        await new_policy(board, "no-exports")
        await board.until(lambda: board.screen.state == "normal")
        await board.until(lambda: board.names() == ["no-exports"])


async def test_a_policy_is_called_by_another_name_and_by_its_id_again(opened: Opened) -> None:
    async with opened() as board:
        await policies(board)
        for typed, shown in (("No personal data", "No personal data"), ("", "no-pii")):
            await board.press("e")
            form = board.app.screen
            assert isinstance(form, PolicyForm)
            form.form.set_value("name", typed)
            await board.press("ctrl+s")
            await board.until(lambda shown=shown: shown in board.names())  # type: ignore[misc]


async def test_read_only_shows_all_and_changes_nothing(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        await policies(board)
        assert "e edit" not in board.shown()
        assert "new policy" not in board.shown()
        for key in ("e", "n"):
            await board.press(key)
            assert not isinstance(board.app.screen, PolicyForm)
        await board.press("v")
        await board.until(lambda: "The ledger holds: 9 records proved" in toasts(board))


async def test_nothing_yet_says_what_to_do(opened: Opened) -> None:
    async with opened(many=0) as board:
        await board.until(lambda: "Nothing was prevented yet for acme-prod" in board.shown())
        assert "lampboard prevention record" in board.shown()


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_on_a_narrow_terminal_the_story_takes_the_place_of_the_list(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(size=size) as board:
        assert "canonical form" not in board.shown()
        await board.press("enter", "end")
        await board.until(lambda: "incident_created" in board.shown() or "seq" in board.shown())
        await board.press("escape")
        assert "canonical form" not in board.shown()
        assert numbers(board)
