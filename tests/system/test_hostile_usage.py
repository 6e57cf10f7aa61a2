"""Names that attack, in imported logs: text on the board, in tables, files and the log."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.workspace import Workspace
from tests.system.attacks import alien, alien_in_table, fill
from tests.system.program import TENANT, Program
from tests.system.test_bad_input_limits import many
from tests.system.test_hostile_text import COLOURED, ESCAPE, attacks
from tests.system.test_hostile_text import done as settled

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.processes
__all__ = ["attacks"]
FORMULAS = (
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    " =1",
    "\n=1",
)
HOSTILE_WORDS = 60
"""So many of them are agents and models with limits: each has gauges, and levels it reached."""


def log_of(values: list[str]) -> bytes:
    """Return a log that has each value in each of its fields, in JSON as any program writes it."""
    at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    lines = []
    for place, value in enumerate(values):
        told = {"at": at, "tokens_in": 10, "cost": 1}
        name = f"n{place:03d} {value}"
        kinds: tuple[dict[str, Any], ...] = (
            {"model": value, "agent": value, "session": value, "error": value},
            {"provider": value, "model": "m"},
            {"integration": value},
            {"integration": name, "model": value},
            {"policy": value},
            {"tokens_out": value},
            {"at": value},
            {value: value},
        )
        lines += [
            {"call_id": f"{place}-{n}{value}", **told, "integration": "target", **kind}
            for n, kind in enumerate(kinds)
        ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


async def _limit(program: Program, values: list[str]) -> None:
    workspace = Workspace.open(program.settings())
    for name in await _subjects(workspace, values):
        for scope in ("model", "agent"):
            await workspace.limits.set_limits(
                TENANT, scope, name, budget_limit_cents=50, token_limit_month=9, rate_limit_rpm=5
            )
    await workspace.limits.set_limits(TENANT, "tenant", TENANT, budget_limit_cents=100)
    while await workspace.limits.reckon():
        pass
    await workspace.aclose()


async def _subjects(workspace: Workspace, values: list[str]) -> list[str]:
    """Return the models as they came to be stored, those that attack first."""
    found = await workspace.usage.top(TENANT, by="model", limit=1000)
    names = [one.key for one in found if one.key and one.key != "m"]
    assert len(names) > len(values) // 2
    return sorted(names, key=str.isprintable)[:HOSTILE_WORDS]


@pytest.fixture
def board(program: Program, attacks: list[str]) -> Program:
    values = [one for one in [*attacks, *FORMULAS] if len(one) <= 150]
    fill(program.url, values)
    add = ("--name=target", "--provider=openai", "--credential-ref=env://NONE")
    assert program.run("integrations", "add", *add).code == 0
    done = program.run("usage", "import", "-", stdin=log_of(values), env=COLOURED)
    assert done.code == 0, done.err
    assert "Traceback" not in done.said
    assert not alien_in_table(done.said)
    asyncio.run(_limit(program, values))
    program.extra["LAMPBOARD_MONITOR"] = "off"
    return program


READINGS = (
    "limits status --all", "limits status --by model", "limits status --by agent",
    "limits status --by provider", "limits status --by integration", "limits forecast",
    "limits history --limit 1000", "usage top --by model --limit 1000",
    "usage top --by agent --limit 1000", "usage top --by provider", "usage top --by integration",
    "activity --limit 500", "health summary", "usage sync --list",
)  # fmt: skip


def test_no_table_and_no_file_attacks(board: Program) -> None:
    board.extra.update(COLOURED)
    told = board.run("limits", "status", "--all", "-o", "json")
    names = [one["name"] for one in told.json["items"] if "\0" not in one["name"]]
    runs = [tuple(line.split()) for line in READINGS]
    runs += [("limits", "status", "--", name) for name in names[::27]]
    runs += [("limits", "history", "--", name) for name in names[::120]]
    runs += [("limits", "set", f"--model={name}", "--budget=7") for name in names[::75] if name]
    runs += [("limits", "check", "target", f"--model={name}", f"--agent={name}", "--cost=9")
             for name in names[::75]]  # fmt: skip
    runs += [("limits", "status", f"--filter=model:{name}") for name in names[::75]]
    for done in many(board, [list(run) for run in runs]):
        assert "Traceback" not in done.said
        assert "inside Lampboard" not in done.err, done
        assert not alien_in_table(done.said), done.argv
    for kind in ("csv", "name", "yaml"):
        for done in many(board, [[*line.split(), "-o", kind] for line in READINGS]):
            assert "Traceback" not in done.said
            assert not alien_in_table(done.err), done.argv
            if kind == "csv":
                assert_no_formula(done.out)
            else:
                assert not alien_in_table(done.out), done.argv
    exported = board.run("usage", "export", "-o", "csv")
    assert_no_formula(exported.out)
    logged = board.log.read_text() if board.log.exists() else ""
    assert "Traceback" not in logged
    assert not alien_in_table(logged)


def test_what_goes_out_comes_in_again(board: Program) -> None:
    """Every name is the same after an export and an import."""
    before = board.run("usage", "export", "-o", "jsonl").out
    again = board.run("usage", "import", "-", "-o", "json", stdin=before)
    assert again.code == 0, again.err
    assert (again.json["new"], again.json["refused"]) == (0, 0), again.json["refusals"][:3]
    assert again.json["duplicate"] == len(before.splitlines())
    assert board.run("usage", "export", "-o", "jsonl").out == before


def test_what_goes_to_a_spreadsheet_comes_in_again(program: Program) -> None:
    """What a quote was put before is the same, too; controls are no business of a cell."""
    add = ("--name=target", "--provider=openai", "--credential-ref=env://NONE")
    assert program.run("integrations", "add", *add).code == 0
    plain = [one for one in FORMULAS if one.isprintable()]
    plain += [f"'{one}" for one in plain] + ["'", "''=", "a'b", 'say "x"', "a;b,c", "007", "1e5"]
    assert program.run("usage", "import", "-", stdin=log_of(plain)).code == 0
    before = program.run("usage", "export", "-o", "jsonl").out
    out = program.run("usage", "export", "-o", "csv").out
    assert_no_formula(out)
    again = program.run("usage", "import", "-", "-o", "json", stdin=out)
    assert (again.json["new"], again.json["refused"]) == (0, 0), again.json
    assert program.run("usage", "export", "-o", "jsonl").out == before


def assert_no_formula(text: str) -> None:
    """No cell begins with what a spreadsheet would run."""
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            active = cell.lstrip().startswith(("=", "+", "@", "＝", "＋", "＠", "－"))
            assert not active, row
            assert not cell.startswith(("\t", "\r", "\n")), row
            if cell.lstrip().startswith("-"):
                float(cell)


RIGHT = "\x1b[C"
# What a burst of keys reaches depends on the machine, and is not what is tested here: whatever is
# drawn on the way must not steer the terminal. So each step waits for what is always there.
HEADER = "LAMPBOARD"
WALK = (
    (("6", *["j"] * 60), HEADER),
    (("\r", *["j"] * 20), HEADER),
    (("G", *["k"] * 40), HEADER),
    ((ESCAPE,), HEADER),
    (("b", "j", "\r"), HEADER),
    (("b", "j", "j", "\r", *["j"] * 40), HEADER),
    (("b", "j", "j", "\r", *["j"] * 40), HEADER),
    ((ESCAPE,), HEADER),
    (("1", *[RIGHT] * 20), HEADER),
    (("9", *["j"] * 40), HEADER),
    ((ESCAPE,), HEADER),
)


def test_no_screen_steers_a_terminal(board: Program, attacks: list[str]) -> None:
    with board.dashboard("--screen=limits") as seen:
        seen.shows("over until")  # rows are there: nothing can be opened before
        for keys, word in WALK:
            seen.press(*keys)
            seen.shows(word)
            settled(seen)
        seen.press("6")
        settled(seen)
        seen.press("y", "w")
        seen.shows("Write out to")
        # Its own name in the folder where the program was started; what is typed in a rush comes
        # before what a key such as backspace does.
        seen.press("\r")
        seen.shows("written to")
        (target,) = board.folder.glob("lampboard-*.csv")
        seen.press(ESCAPE, "q")
        assert seen.ends() == 0
        raw = bytes(seen.raw)
    assert not alien(_without_clipboard(raw))
    text = raw.decode()
    steering = [one for one in attacks if len(one) > 8 and one.strip() and not one.isprintable()]
    assert not [one for one in steering if one in text]
    _read_back(target)


def _without_clipboard(raw: bytes) -> bytes:
    """Leave out what was asked for: one text for the clipboard, in base64."""
    import re

    return re.sub(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", b"", raw, count=2)


def _read_back(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(newline="") as file:
        assert_no_formula(file.read())
