"""What is said everywhere of secrets that expire and of a broken ledger: pure, and on the board."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.credentials.results import CredentialsHeadline
from engine.prevention.results import LedgerFault, LedgerStatus, Verification
from tests.tui.board import board
from tests.tui.fakes import NOW as NOW_THERE
from tests.tui.fakes import FakeWorkspace
from tui import pulse
from tui.governed import Governed, header_cell, notice_lines
from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
PROVED = Verification(
    tenant_id="acme", at=NOW, ok=False, verified=40, total=64, head="0" * 64,
    fault=LedgerFault(seq=1041, kind="altered", message="Record 1041 was altered."),
    checkpoints=0, duration_ms=1,
)  # fmt: skip
BROKEN = LedgerStatus(
    tenant_id="acme", state="failing", records=64, unverified=0, head="0" * 64, last_at=NOW,
    verification=PROVED,
)  # fmt: skip


def due(expired: int = 0, expiring: int = 0, days: float | None = 3.5) -> Governed:
    at = None if days is None else NOW + timedelta(days=days)
    counts = {"expired": expired, "expiring": expiring, "ok": 9, "untested": 1}
    return Governed(credentials=CredentialsHeadline(counts=counts, next_expiry=at), days=14)


def said(found: Governed, width: int = 100) -> list[str]:
    lines = notice_lines(found, width, NOW, UNICODE)
    assert all(cell_width(line) <= width for line in lines)
    return [cell_text(line).strip() for line in lines]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (due(0, 2), "▲ 2 credentials expire within 14 days, the next in 3 d: press 0"),
        (due(0, 1), "▲ 1 credential expires within 14 days, the next in 3 d: press 0"),
        (due(1), "✖ 1 credential has expired: press 0"),
        (due(2), "✖ 2 credentials have expired: press 0"),
        (
            due(1, 2),
            "✖ 1 credential has expired, 2 expire within 14 days, the next in 3 d: press 0",
        ),
        (due(0, 1, None), "▲ 1 credential expires within 14 days: press 0"),
        (due(0, 1, -1), "▲ 1 credential expires within 14 days: press 0"),
        (Governed(ledger=BROKEN), "✖ The ledger does not hold from record 1,041 on: press 8"),
        (
            Governed(ledger=replace(BROKEN, verification=None)),
            "✖ The ledger does not hold: press 8",
        ),
    ],
)
def test_it_says_what_is_wrong_and_where_to_go(found: Governed, words: str) -> None:
    assert said(found) == [words]


def test_the_ledger_goes_first() -> None:
    both = replace(due(1), ledger=BROKEN)
    assert [line[-1] for line in said(both)] == ["8", "0"]
    assert cell_text(header_cell(both, UNICODE)) == "ledger ✖  expiry ✖ 1"


@pytest.mark.parametrize(
    "found", [Governed(), due(), Governed(ledger=replace(BROKEN, state="healthy"))]
)
def test_nothing_is_said_where_nothing_is_wrong(found: Governed) -> None:
    assert said(found) == []
    assert header_cell(found, UNICODE) == ()


@pytest.mark.parametrize("width", [5, 30, 62, 80])
def test_it_takes_no_more_than_there_is_and_plain_letters_where_wanted(width: int) -> None:
    found = replace(due(1000, 2000), ledger=BROKEN)
    said(found, width)
    lines = (*notice_lines(found, width, NOW, ASCII), header_cell(found, ASCII))
    assert all(cell_text(line).replace("…", "~").isascii() for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_board_warns_where_people_look_and_stops_when_it_is_mended(
    size: tuple[int, int],
) -> None:
    world = FakeWorkspace()
    async with board(world, size) as driver:
        assert "press 0" not in driver.text
        at = NOW_THERE + timedelta(days=2, hours=1)
        counts = {"expired": 0, "expiring": 2}
        world.credentials.told = CredentialsHeadline(counts=counts, next_expiry=at)
        world.prevention.told = BROKEN
        await driver.change("credentials", "prevention")
        await driver.shows("▲ 2 credentials expire within 14 days, the next in 2 d: press 0")
        await driver.shows("✖ The ledger does not hold from record 1,041 on: press 8")
        await driver.shows("ledger ✖  expiry ▲")
        world.credentials.told = CredentialsHeadline(counts={}, next_expiry=None)
        world.prevention.told = replace(BROKEN, state="healthy")
        await driver.change("credentials", "prevention")
        assert not [key for key in "08" if f"press {key}" in driver.text]
        assert "expiry" not in driver.text


async def test_secrets_and_ledger_are_asked_for_once_a_minute_or_when_they_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse, "GOVERN_ANYWAY_S", 3600.0)
    world = FakeWorkspace()
    async with board(world) as driver:
        asked = world.calls.count("ledger")
        for _ in range(3):
            await driver.change("health")
        assert world.calls.count("ledger") == asked
        await driver.change("credentials")
        assert world.calls.count("ledger") == asked + 1
        monkeypatch.setattr(pulse, "GOVERN_ANYWAY_S", 0.0)
        await driver.change("health")
        assert world.calls.count("ledger") == asked + 2
