"""What opens incidents beside lamps: limits, credentials, ledgers, monitors, things that go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.monitor.conditions import DEAD_FOR, RATE_CALM
from engine.monitor.watching import Watcher, watch_conditions
from storage.health import HealthDriver, MonitorRow
from storage.incidents import IncidentsDriver
from storage.integrations import IntegrationsDriver
from storage.limits.gauges import GaugesDriver, Reckoned
from storage.limits.meters import MetersDriver
from storage.limits.transitions import note_transition
from storage.prevention import LedgerDriver, ProofsDriver, VerificationRow
from storage.references import ReferencesDriver
from storage.revisions import read as revisions
from tests.engine.conftest import NOON

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.clock import FixedClock
    from engine.workspace import Workspace
    from tests.engine.incidents.conftest import Board

MONITOR = MonitorRow(id="m-1", host="one", pid=7, started_at=NOON, beat_at=NOON)
REFERENCE = "env://OPENAI_KEY_OF_PRODUCTION"


async def look(workspace: Workspace) -> bool:
    """Look as a monitor does that has just begun."""
    return await Watcher(workspace).look()


def reckon(workspace: Workspace, state: str, percent: float, measure: str = "budget") -> int:
    """Say what the gauge of the tenant's first integration was reckoned to be."""
    with workspace.database.write() as connection:
        meter = MetersDriver(connection).get("acme", "integration", "acme-gpt")
        assert meter is not None
        found = Reckoned(
            meter_number=meter.number,
            measure=measure,
            state=state,
            used=1,
            percent=percent,
            urgency=1,
        )
        GaugesDriver(connection).reckon([found], workspace.clock.now())
        return meter.number


async def test_a_limit_opens_an_incident_at_its_warning_level_and_closes_it_below(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    number = board.add("gpt")
    reckon(workspace, "warned", 82.5)
    assert await look(workspace)
    row = board.one()
    assert (row.cause, row.severity, row.title) == (
        *("limit", "warning", "gpt has reached 80 % of its budget"),
    )
    assert (row.kind, row.thing_id, row.target_number) == ("integration", "acme-gpt", number)
    assert not await look(workspace), "what is so already is not written again"
    clock.advance(60)
    reckon(workspace, "over", 104)
    assert await look(workspace)
    assert (board.one().severity, board.one().title) == ("critical", "gpt is over its budget")
    reckon(workspace, "ok", 10)
    assert await look(workspace)
    row = board.one()
    assert (row.closed_because, row.closed_at) == ("recovered", clock.now())
    assert board.told(row.number) == ["opened", "severity", "closed"]


async def test_the_whole_tenants_limit_is_about_no_thing(
    workspace: Workspace, board: Board
) -> None:
    with workspace.database.write() as connection:
        number = MetersDriver(connection).ensure("acme", "tenant", "acme", name="Acme", now=NOON)
        found = Reckoned(
            meter_number=number, measure="tokens", state="over", used=1, percent=120, urgency=1
        )
        GaugesDriver(connection).reckon([found], NOON)
    await look(workspace)
    row = board.one()
    assert (row.title, row.kind, row.target_number) == (
        *("Acme is over its monthly tokens", None, None),
    )


async def test_a_rate_is_over_once_it_was_calm_for_a_while(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    board.add("gpt")
    meter = reckon(workspace, "over", 130, "rate")
    with workspace.database.write() as connection:
        note_transition(
            connection,
            tenant_id="acme",
            meter_number=meter,
            measure="rate",
            period_start=NOON,
            level=100.0,
            at=clock.now(),
            used=130,
            limit_value=100,
        )
    await look(workspace)
    clock.advance(60)
    reckon(workspace, "ok", 0, "rate")
    assert not await look(workspace)
    assert board.one().closed_at is None
    clock.advance(RATE_CALM.total_seconds())
    assert await look(workspace)
    assert board.one().closed_because == "recovered"


async def test_what_somebody_closed_is_left_alone_unless_it_grows_worse(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", 82.5)
    await look(workspace)
    await workspace.incidents.close("acme", board.one().number, "We know")
    assert not await look(workspace)
    assert board.one().closed_because == "We know"
    reckon(workspace, "over", 101)
    await look(workspace)
    assert (board.one().closed_at, board.one().relapses) == (None, 1)
    await workspace.incidents.close("acme", board.one().number, "We know")
    clock.advance(24 * 3600 + 1)
    await look(workspace)
    assert [row.closed_at is None for row in board.all()] == [False, True]


def register(connection: Connection, expires_in: timedelta, *, used: bool) -> None:
    driver = ReferencesDriver(connection)
    driver.add("acme", REFERENCE, label="OpenAI", at=NOON)
    driver.change("acme", REFERENCE, {"said_expires_at": NOON + expires_in})
    if used:
        IntegrationsDriver(connection).update("acme", "acme-gpt", {"credential_ref": REFERENCE})


async def test_a_credential_opens_one_before_it_expires_and_is_worse_once_it_has(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    board.add("gpt")
    with workspace.database.write() as connection:
        register(connection, timedelta(days=13), used=True)
    await look(workspace)
    row = board.one()
    assert (row.cause, row.severity, row.kind) == ("credential", "warning", "credential")
    assert row.title == "Credential OpenAI expires on 2026-12-04"
    assert "OPENAI_KEY" not in f"{row.title} {row.message}"
    clock.advance(13 * 86_400)
    await look(workspace)
    row = board.one()
    assert (row.severity, row.title) == ("critical", "Credential OpenAI expired on 2026-12-04")
    with workspace.database.write() as connection:
        later = {"said_expires_at": NOON + timedelta(days=90)}
        ReferencesDriver(connection).change("acme", REFERENCE, later)
    await look(workspace)
    assert board.one().closed_because == "recovered"


async def test_an_expired_credential_that_nothing_uses_is_a_warning(
    workspace: Workspace, board: Board
) -> None:
    with workspace.database.write() as connection:
        register(connection, timedelta(days=-1), used=False)
    await look(workspace)
    assert board.one().severity == "warning"


def verified(*, ok: bool) -> VerificationRow:
    return VerificationRow(
        tenant_id="acme",
        at=NOON,
        ok=ok,
        since=1,
        seq=3,
        head=bytes(32),
        verified=3,
        total=4,
        fault_seq=None if ok else 4,
        fault_kind=None if ok else "altered",
        fault_message=None if ok else "Record 4 was altered.",
        checkpoints=0,
        breaks=0,
        duration_ms=1,
    )


async def test_a_ledger_that_does_not_verify_is_critical_until_it_does(
    workspace: Workspace, board: Board
) -> None:
    with workspace.database.write() as connection:
        LedgerDriver(connection).begin("acme")
        ProofsDriver(connection).keep(verified(ok=True))
    assert not await look(workspace)
    with workspace.database.write() as connection:
        ProofsDriver(connection).keep(verified(ok=False))
    await look(workspace)
    row = board.one()
    assert (row.cause, row.severity, row.error) == ("ledger", "critical", "altered")
    assert row.message == "Record 4 was altered."
    with workspace.database.write() as connection:
        ProofsDriver(connection).keep(verified(ok=True))
    await look(workspace)
    assert board.one().closed_because == "recovered"


def beat(workspace: Workspace, *rows: MonitorRow) -> None:
    with workspace.database.write() as connection:
        for row in rows:
            HealthDriver(connection).beat(row)


async def test_a_monitor_that_died_is_told_to_every_tenant_until_it_has_a_successor(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    alive = replace(MONITOR, id="m-2", host="two")
    beat(workspace, MONITOR, alive)
    clock.advance(29)
    beat(workspace, replace(alive, beat_at=clock.now()))
    assert not await look(workspace), "it may only be slow"
    clock.advance(3)
    beat(workspace, replace(alive, beat_at=clock.now()))
    await look(workspace)
    row = board.one()
    assert (row.cause, row.tenant_id, row.title) == ("monitor", None, "The monitor on one died")
    assert (row.opened_at, row.severity) == (MONITOR.beat_at, "warning")
    assert (await workspace.incidents.get("other", row.number)).title == row.title
    successor = replace(MONITOR, id="m-3", pid=8, started_at=clock.now(), beat_at=clock.now())
    beat(workspace, successor)
    await look(workspace)
    assert board.one().closed_because == "recovered"


async def test_one_that_others_stand_in_for_is_told_for_ten_minutes(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    alive = replace(MONITOR, id="m-2", host="two")
    beat(workspace, MONITOR, alive)
    clock.advance(60)
    # Another monitor of the machine has found it dead, and has said so.
    beat(workspace, replace(MONITOR, stopped_at=clock.now()), replace(alive, beat_at=clock.now()))
    await look(workspace)
    assert board.one().closed_at is None
    clock.advance(DEAD_FOR.total_seconds())
    beat(workspace, replace(alive, beat_at=clock.now()))
    await look(workspace)
    assert board.one().closed_because == "recovered"


async def test_one_that_only_lost_its_session_did_not_die(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    alive = replace(MONITOR, id="m-2", host="two")
    clock.advance(3)
    # The other one has found it gone from the server, and has said so; it is on its way back.
    beat(workspace, replace(MONITOR, stopped_at=clock.now()), replace(alive, beat_at=clock.now()))
    assert not await look(workspace)
    assert board.all() == []


async def test_who_saw_nothing_for_a_while_gives_others_time_to_be_heard_of(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    other = replace(MONITOR, id="m-2", host="two")
    beat(workspace, MONITOR, other)
    watcher = Watcher(workspace)
    assert not await watcher.look()
    clock.advance(60)  # the database was away, or this machine slept
    assert not await watcher.look()
    beat(workspace, replace(MONITOR, beat_at=clock.now()))
    for _ in range(7):
        assert not await watcher.look()
        clock.advance(5)
        beat(workspace, replace(other, beat_at=clock.now()))
    assert await watcher.look()
    assert board.one().title == "The monitor on one died"


async def test_one_that_was_told_to_stop_did_not_die(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    beat(workspace, replace(MONITOR, stopped_at=NOON))
    clock.advance(600)
    beat(workspace, replace(MONITOR, id="m-2", started_at=clock.now(), beat_at=clock.now()))
    assert not await look(workspace)
    assert board.all() == []


async def test_the_next_monitor_tells_from_when_to_when_nothing_was_checked(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    beat(workspace, MONITOR)
    begun = clock.advance(3600)
    beat(workspace, replace(MONITOR, id="m-2", started_at=begun, beat_at=begun))
    await look(workspace)
    row = board.one()
    assert row.title == ("Nothing was checked from 2026-11-21 12:00:00 to 2026-11-21 13:00:00 UTC")
    assert (row.opened_at, row.closed_at, row.severity) == (NOON, begun, "critical")
    clock.advance(5)
    assert not await look(workspace), "once is enough"


async def test_a_short_gap_between_two_monitors_is_none(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    beat(workspace, MONITOR)
    begun = clock.advance(100)
    beat(workspace, replace(MONITOR, id="m-2", started_at=begun, beat_at=begun))
    await look(workspace)
    assert board.all() == []


def _take_away(workspace: Workspace, how: str, *ids: str) -> None:
    with workspace.database.write() as connection:
        driver = IntegrationsDriver(connection)
        for one in ids:
            if how == "retired":
                driver.soft_delete("acme", one, NOON)
            else:
                driver.update("acme", one, {"active": False})


@pytest.mark.parametrize("how", ["retired", "out of use"])
async def test_what_is_retired_or_not_in_use_has_no_incident_any_more(
    workspace: Workspace, board: Board, how: str
) -> None:
    number = board.add("gpt")
    board.checked(number, "fff")
    _take_away(workspace, how, "acme-gpt")
    await look(workspace)
    assert board.one().closed_because == "retired"
    assert not await look(workspace)


@pytest.mark.parametrize("how", ["retired", "out of use"])
async def test_a_provider_did_not_recover_by_what_is_not_in_use_any_more(
    workspace: Workspace, board: Board, how: str
) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(4)]
    board.together(dict.fromkeys(numbers, "fff"))
    board.checked(numbers[3], "hh")
    _take_away(workspace, how, *(f"acme-gpt-{at}" for at in range(3)))
    await look(workspace)
    row = board.one()
    assert row.closed_because == "retired"
    assert board.events(row.number)[-1].said == "retired"


async def test_a_provider_recovered_when_one_of_the_last_did(
    workspace: Workspace, board: Board
) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.together(dict.fromkeys(numbers, "fff"))
    _take_away(workspace, "out of use", "acme-gpt-0", "acme-gpt-1")
    board.checked(numbers[2], "hh")
    assert board.one().closed_because == "recovered", "before anybody looked at what is not in use"


async def test_a_provider_lets_go_of_what_is_retired(workspace: Workspace, board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.together(dict.fromkeys(numbers, "fff"))
    _take_away(workspace, "retired", "acme-gpt-0", "acme-gpt-1")
    await look(workspace)
    row = board.one()
    assert (row.closed_at, board.members(row.number)) == (None, {"gpt-2"})
    board.checked(numbers[2], "hh")
    assert board.one().closed_because == "recovered"


async def test_a_look_at_what_did_not_change_writes_nothing(
    workspace: Workspace, board: Board, clock: FixedClock
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", 82.5)
    watcher = Watcher(workspace)
    assert await watcher.look()
    with workspace.database.read() as connection:
        before = revisions(connection)
    clock.advance(5)
    assert not await watcher.look()
    clock.advance(60)
    assert not await watcher.look()
    with workspace.database.read() as connection:
        assert revisions(connection) == before


async def test_a_look_that_fails_does_not_end_the_watching(
    workspace: Workspace, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    board.add("gpt")
    reckon(workspace, "warned", 82.5)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(IncidentsDriver, "open_of", fail)
        await watch_conditions(workspace, once=True)
    assert board.all() == []
    await watch_conditions(workspace, once=True)
    assert board.one().cause == "limit"
