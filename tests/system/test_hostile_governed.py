"""Rows, columns, templates, ledgers and labels that attack: text on the board, in files, logs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from engine.errors import LampboardError
from engine.prevention import PreventionCandidate
from engine.workspace import Workspace
from tests.system.attacks import alien, alien_in_table
from tests.system.governed import ADD_TEMPLATE, stock
from tests.system.program import TENANT, Program
from tests.system.test_hostile_text import COLOURED, ESCAPE, attacks
from tests.system.test_hostile_text import done as settled
from tests.system.test_hostile_usage import FORMULAS, HEADER, assert_no_formula

if TYPE_CHECKING:
    from tests.system.program import Done

pytestmark = pytest.mark.processes
__all__ = ["attacks"]
COLUMNS = 40
READINGS = (
    "gateway run all-of-it", "gateway templates list --all", "gateway list",
    "gateway templates show all-of-it", "prevention list --all", "prevention graduation",
    "prevention policies list", "credentials list --all", "activity --limit 500",
)  # fmt: skip


def write_rows(program: Program, values: list[str]) -> None:
    """Put the values into the shop: as rows, and as names of a table and of columns."""
    raw = sqlite3.connect(program.folder / "shop.db")
    with raw:
        texts = [(place, value) for place, value in enumerate(values)]
        raw.executemany("INSERT INTO orders VALUES (?, ?)", texts)
        names = list(
            dict.fromkeys(value.replace("\0", "") for value in values if value.strip("\0"))
        )
        quoted = [name.replace('"', '""') for name in names][:COLUMNS]
        seen: dict[str, str] = {name.casefold(): name for name in quoted}
        columns = ", ".join(f'"{name}" TEXT' for name in seen.values())
        raw.execute(f"CREATE TABLE odd ({columns})")
        marks = ", ".join("?" * len(seen))
        raw.execute(f"INSERT INTO odd VALUES ({marks})", values[: len(seen)])  # noqa: S608 - marks
    raw.close()


async def write_things(program: Program, values: list[str]) -> int:
    """Give what the board takes of the values to it, past the command line; return how many."""
    workspace = Workspace.open(program.settings())
    (gateway,) = await workspace.gateway.list_gateways(TENANT)
    where = {"kind": gateway.kind, "thing_id": gateway.thing_id}
    taken = 0
    for place, value in enumerate(values):
        record = PreventionCandidate(
            policy_id=f"p{value}"[:120],
            pattern_id=value[:120] or "q",
            tenant_id=TENANT,
            blocked_incident_id=value[:120] or None,
            original_incident_id=None,
            signature_match_confidence=0.9,
            policy_mode="active",
            pattern_signature=value,
            request_signature=value,
            incident_created=False,
        )
        for doing in (
            workspace.gateway.register_template(
                TENANT, **where, name=f"{place} {value}"[:60], sql="SELECT 1", parameters=(),
                description=value[:200],
            ),
            workspace.gateway.register_template(
                TENANT, **where, name=f"sql {place}", parameters=(),
                sql="SELECT '" + value.replace("'", "''") + "' AS said",
            ),
            workspace.credentials.register(TENANT, f"env://HOSTILE_{place}", value[:60]),
            workspace.prevention.record(TENANT, record),
        ):  # fmt: skip
            with contextlib.suppress(LampboardError):
                await doing
                taken += 1
    await workspace.aclose()
    return taken


@pytest.fixture
def board(program: Program, attacks: list[str]) -> Program:
    values = [one for one in [*attacks, *FORMULAS] if len(one) <= 150][::4] + list(FORMULAS)
    stock(program)
    write_rows(program, values)
    for name, table in {"all-of-it": "odd", "rows": "orders"}.items():
        done = program.run(*ADD_TEMPLATE, f"--name={name}", f"--sql=SELECT * FROM {table}")  # noqa: S608
        assert done.code == 0, done.err
    assert asyncio.run(write_things(program, values)) > len(values)
    program.extra["LAMPBOARD_MONITOR"] = "off"
    return program


def assert_tame(done: Done) -> None:
    assert "Traceback" not in done.said
    assert "inside Lampboard" not in done.err, done
    assert not alien_in_table(done.err), done.argv


def test_no_table_and_no_file_attacks(board: Program) -> None:
    board.extra.update(COLOURED)
    lines = [*READINGS, "gateway run rows"]
    for kind in ("table", "csv", "name", "yaml", "json"):
        for done in board.many(*[[*line.split(), "-o", kind] for line in lines]):
            assert_tame(done)
            assert done.code == 0, done
            if kind == "csv":
                assert_no_formula(done.out)
            elif kind == "json":
                json.loads(done.out)
                assert "\x1b" not in done.out
            else:
                assert not alien_in_table(done.out), (kind, done.argv)
    logged = board.log.read_text() if board.log.exists() else ""
    assert "Traceback" not in logged
    assert not alien_in_table(logged)


def test_what_is_typed_attacks_nobody(board: Program, attacks: list[str]) -> None:
    board.extra.update(COLOURED)
    typed = [one for one in attacks if "\0" not in one and len(one) < 200][::7]
    runs: list[list[str]] = []
    for value in typed:
        runs += [
            ["gateway", "run", "by-name", f"name={value}"],
            ["gateway", "run", "--", value],
            ["gateway", "check", "-"],
            ["gateway", "tripwire", "--", value],
            ["prevention", "show", "--", value],
            ["credentials", "set", "--label", value, "--", value],
        ]
    given = [value.encode() for value in typed for _ in range(6)]
    for done in board.many(*runs, stdin=given):
        assert_tame(done)
        assert not alien_in_table(done.out), done.argv


def test_no_screen_steers_a_real_terminal(board: Program) -> None:
    with board.dashboard("--screen=gateway") as seen:
        seen.shows("Templates", "STATUS")
        for keys in ("7", "\r", "8", "\r", "0", "\r", "9"):
            seen.press(keys, *(["j"] * 25))
            seen.shows(HEADER)
            settled(seen)
            if keys == "\r":
                seen.press(ESCAPE)
                settled(seen)
        seen.press("q")
        assert seen.ends() == 0
        assert not alien(bytes(seen.raw))
