"""What was: boards, steps, days at a glance and stories, as screens and the command line ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput, NotFound
from engine.filters import parse_filter
from engine.health import past
from engine.health.checks import stages_in, stages_text
from engine.probes.result import ProbeResult, Stage
from engine.probes.states import CusHealthState
from storage.health import ChangedRow, CheckRow, HealthDriver, StoodRow

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from engine.workspace import Workspace

KIND = "integration"
DAY = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def made(workspace: Workspace, name: str, tenant: str = "acme") -> tuple[str, int]:
    """Registers an integration; returns its id and its target's number."""
    found = await workspace.integrations.create_integration(
        tenant, name, "custom", base_url="http://127.0.0.1:9/v1"
    )
    return found.id, (await workspace.health.story(tenant, KIND, found.id)).lamp.number


async def turn(workspace: Workspace, clock: FixedClock, number: int, *states: str) -> None:
    """Records a check now, and each next one ten minutes later."""
    for state in states:
        row = CheckRow(
            target_number=number,
            checked_at=clock.now(),
            state=state,
            error=None if state == "healthy" else "http_500",
            latency_ms=70,
        )
        await workspace.write(lambda connection, row=row: HealthDriver(connection).record([row]))
        clock.advance(600)


async def test_the_board_goes_back_step_by_step(workspace: Workspace, clock: FixedClock) -> None:
    begin = clock.now()
    _, gpt = await made(workspace, "gpt")
    _, tts = await made(workspace, "tts")
    await turn(workspace, clock, gpt, "healthy", "failing", "failing", "healthy")
    await turn(workspace, clock, tts, "degraded")
    health = workspace.health
    told, at = [], clock.now()
    while (step := await health.step("acme", at, back=True)) is not None:
        board = await health.board_at("acme", step)
        assert (board.at, board.taken_at) == (step, clock.now())
        rows = {row.lamp.name: row for group in board.groups for row in group.rows}
        told.append(((step - begin) // MINUTE, rows["gpt"].lamp.state, rows["tts"].lamp.state))
        at = step
    assert told == [
        (40, "healthy", "degraded"),
        (30, "healthy", "unknown"),
        (10, "failing", "unknown"),
        (0, "healthy", "unknown"),
    ]
    assert await health.step("acme", at, back=False) == begin + 10 * MINUTE
    board = await health.board_at("acme", begin + 25 * MINUTE, slots=24)
    (row,) = board.groups[0].rows
    assert (row.lamp.since, row.age_s, row.lamp.latency_ms) == (begin + 10 * MINUTE, 300.0, 70)
    assert row.uptime.day == pytest.approx(1 / 3), "of the three checks up to then"
    assert board.overall_health == "failing"
    assert board.counts == {"failing": 1, "degraded": 0, "unknown": 1, "healthy": 0}
    assert board.strip is not None
    assert len(board.strip.slots) == 24


async def test_terms_narrow_what_was(workspace: Workspace, clock: FixedClock) -> None:
    begin = clock.now()
    _, gpt = await made(workspace, "gpt")
    _, tts = await made(workspace, "tts")
    await turn(workspace, clock, gpt, "failing", "healthy")
    await turn(workspace, clock, tts, "failing")
    then = begin + 5 * MINUTE
    board = await workspace.health.board_at("acme", then, terms=parse_filter("health:failing"))
    assert [group.total for group in board.groups] == [1, 0, 0, 0]
    assert board.groups[0].rows[0].lamp.name == "gpt"
    assert board.counts["unknown"] == 1
    only = parse_filter("name:tts")
    assert await workspace.health.step("acme", clock.now(), back=True, terms=only) == (
        begin + 20 * MINUTE
    )
    everything = await workspace.health.day("acme", begin, kind="source")
    assert {slot.state for slot in everything.slots} == {None}, "there is no source"


async def test_a_story_ends_at_its_time(workspace: Workspace, clock: FixedClock) -> None:
    begin = clock.now()
    found, number = await made(workspace, "gpt")
    await turn(workspace, clock, number, "healthy", "failing", "healthy")
    story = await workspace.health.story_at("acme", KIND, found, begin + 15 * MINUTE)
    assert [check.state for check in story.checks] == ["failing", "healthy"]
    assert [change.to_state for change in story.transitions] == ["failing", "healthy"]
    assert (story.lamp.state, story.uptime.day, story.uptime.year) == ("failing", 0.5, 0.5)
    await workspace.integrations.delete_integration("acme", found)
    assert (await workspace.health.story_at("acme", KIND, found, begin)).lamp.state == "healthy"
    with pytest.raises(NotFound):
        await workspace.health.story_at("acme", KIND, found, clock.now())


async def test_the_past_of_another_tenant_is_not_there(
    workspace: Workspace, clock: FixedClock
) -> None:
    found, number = await made(workspace, "gpt")
    await turn(workspace, clock, number, "failing")
    health, then = workspace.health, clock.now() - MINUTE
    assert not any(group.total for group in (await health.board_at("other", then)).groups)
    assert await health.step("other", clock.now(), back=True) is None
    assert await health.uptimes("other", [number]) == {}
    assert (await health.uptimes("acme", [number], at=then))[number].day == 0.0
    for call in (
        health.story_at("other", KIND, found, then),
        health.day("other", then, kind=KIND, target_id=found),
        health.story_at("acme", KIND, found, then - timedelta(days=9)),
    ):
        with pytest.raises(NotFound):
            await call


async def test_what_is_still_to_come_is_refused(workspace: Workspace, clock: FixedClock) -> None:
    soon = clock.now() + timedelta(seconds=1)
    for call in (
        workspace.health.board_at("acme", soon),
        workspace.health.step("acme", soon, back=True),
        workspace.health.day("acme", soon),
        workspace.health.day("acme", clock.now(), slots=7),
        workspace.health.board_at("acme", clock.now(), slots=-1),
    ):
        with pytest.raises(InvalidInput):
            await call


async def test_a_day_of_one_thing(workspace: Workspace, clock: FixedClock) -> None:
    begin = clock.now()
    found, number = await made(workspace, "gpt")
    _, other = await made(workspace, "tts")
    await turn(workspace, clock, other, "failing")
    await turn(workspace, clock, number, "healthy", "degraded")
    strip = await workspace.health.day("acme", begin, kind=KIND, target_id=found, slots=144)
    first = (begin - strip.day) // (10 * MINUTE)
    states = [slot.state for slot in strip.slots]
    assert states[:first] == [None] * first
    assert states[first : first + 3] == ["unknown", "healthy", "degraded"]
    assert sum(slot.failing for slot in strip.slots) == 0
    whole = await workspace.health.day("acme", begin, slots=144)
    assert [slot.failing for slot in whole.slots[first : first + 3]] == [1, 1, 1]


def stood(
    number: int, state: str, came: float | None = None, left: float | None = None
) -> StoodRow:
    return StoodRow(
        number=number,
        state=state,
        came_at=None if came is None else DAY + came * HOUR,
        left_at=None if left is None else DAY + left * HOUR,
    )


def changed(number: int, hour: float, state: str) -> ChangedRow:
    return ChangedRow(target_number=number, at=DAY + hour * HOUR, state=state)


def told(there: list[StoodRow], changes: list[ChangedRow], until: float = 6) -> list[str]:
    begins = [DAY + hour * HOUR for hour in range(6)]
    slots = past.strip(there, changes, begins, DAY + until * HOUR)
    return [f"{slot.state or '-'}{slot.failing or ''}" for slot in slots]


def test_a_part_of_a_day_shows_the_worst_in_it() -> None:
    assert told([stood(1, "healthy")], []) == ["healthy"] * 6
    dip = [changed(1, 1.2, "failing"), changed(1, 1.3, "healthy"), changed(1, 3.5, "degraded")]
    dips = ["healthy", "failing1", "healthy", "degraded", "degraded", "degraded"]
    assert told([stood(1, "healthy")], dip) == dips
    assert told([stood(1, "unknown"), stood(2, "healthy")], [])[0] == "healthy"
    assert told([], []) == ["-"] * 6


def test_a_lamp_counts_once_in_a_part_however_often_it_fails() -> None:
    flaps = [changed(1, 2 + step / 10, "failing" if step % 2 else "healthy") for step in range(8)]
    assert told([stood(1, "failing"), stood(2, "failing")], flaps)[2:4] == ["failing2", "failing2"]


def test_what_comes_or_goes_within_the_day_counts_while_it_is_there() -> None:
    there = [stood(1, "unknown", came=1.5), stood(2, "failing", left=2.5)]
    found = told(there, [changed(1, 3.5, "healthy"), changed(9, 4, "failing")])
    assert found == ["failing1", "failing1", "failing1", "healthy", "healthy", "healthy"]


def test_what_is_still_to_come_has_no_state() -> None:
    assert told([stood(1, "healthy")], [], until=2.5) == ["healthy"] * 3 + ["-"] * 3


def test_steps_are_kept_briefly_and_read_in_either_form() -> None:
    result = ProbeResult(
        state=CusHealthState.FAILING,
        message="Refused",
        stages=(Stage(name="resolve", ms=1.26, ok=True), Stage(name='a "b"', ms=30, ok=False)),
    )
    kept = stages_text(result)
    assert kept == '[["resolve",1.3],["a \\"b\\"",30.0,false]]'
    steps = ({"name": "resolve", "ms": 1.3, "ok": True}, {"name": 'a "b"', "ms": 30.0, "ok": False})
    assert stages_in(kept) == steps
    assert stages_in('[{"name":"resolve","ms":1.3,"ok":true}]') == steps[:1]
    assert stages_in(None) == ()
