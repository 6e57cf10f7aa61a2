"""What people ask of incidents and do about them: who may, what is kept, what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.errors import EditConflict, InvalidInput, LifecycleRefused, NotFound, ReadOnlyRefused
from engine.incidents import IncidentsFacade, get_incidents_facade
from engine.workspace import Workspace, set_default_workspace
from storage.incidents import IncidentDraft, IncidentsDriver
from tests.engine.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.clock import FixedClock
    from engine.settings import Settings
    from tests.engine.incidents.conftest import Board

TENANT = "acme"


@pytest.fixture
def facade(workspace: Workspace) -> IncidentsFacade:
    return workspace.incidents


@pytest.fixture
def number(board: Board) -> int:
    """The number of an incident of the integration gpt."""
    board.checked(board.add("gpt"), "fff")
    return board.one().number


async def test_acknowledging_says_who_why_and_whose_it_is(
    facade: IncidentsFacade, workspace: Workspace, number: int, clock: FixedClock
) -> None:
    clock.advance(90)
    found = await facade.acknowledge(TENANT, number, " Looking into it ")
    assert (found.state, found.acknowledged_by, found.assignee) == (
        *("acknowledged", "olga", "olga"),
    )
    assert (found.acknowledged_because, found.acknowledged_at) == ("Looking into it", clock.now())
    assert await facade.get(TENANT, number) == found
    (told,) = (await workspace.activity.page(TENANT, concept="incidents")).items
    assert (told.action, told.actor, told.thing_id) == (
        *("incident.acknowledged", "olga", "acme-gpt"),
    )
    assert told.detail == {"incident": number, "said": "Looking into it"}
    json.dumps(found.to_dict())


async def test_somebody_elses_stays_theirs(facade: IncidentsFacade, number: int) -> None:
    await facade.assign(TENANT, number, "otto")
    assert (await facade.acknowledge(TENANT, number, "Known")).assignee == "otto"
    found = await facade.unacknowledge(TENANT, number)
    assert (found.state, found.acknowledged_by, found.assignee) == ("open", None, "otto")
    assert (await facade.assign(TENANT, number, None)).assignee is None


async def test_what_changes_nothing_is_not_told(
    facade: IncidentsFacade, board: Board, number: int
) -> None:
    before = board.told(number)
    found = await facade.unacknowledge(TENANT, number)
    assert await facade.assign(TENANT, number, None) == found
    assert (board.told(number), found.version) == (before, 1)


async def test_a_note_is_kept_with_it_also_after_it_is_over(
    facade: IncidentsFacade, board: Board, number: int
) -> None:
    await facade.close(TENANT, number, "Done")
    await facade.note(TENANT, number, "It was the <b>proxy</b>")
    told = [(one.what, one.actor, one.said) for one in board.events(number)][-2:]
    assert told == [("closed", "olga", "Done"), ("noted", "olga", "It was the <b>proxy</b>")]
    with pytest.raises(LifecycleRefused):
        await facade.acknowledge(TENANT, number, "Late")
    with pytest.raises(LifecycleRefused):
        await facade.close(TENANT, number, "Twice")
    assert (await facade.assign(TENANT, number, "otto")).assignee == "otto"


async def test_a_note_may_have_lines(facade: IncidentsFacade, board: Board, number: int) -> None:
    await facade.note(TENANT, number, " Seen:\r\n\t- the proxy\n")
    assert board.events(number)[-1].said == "Seen:\n\t- the proxy"
    for wrong in ("", " \n ", "a\x1b[31m", "x" * 4_001):
        with pytest.raises(InvalidInput):
            await facade.note(TENANT, number, wrong)


async def test_two_at_once_are_told_apart(facade: IncidentsFacade, number: int) -> None:
    seen = (await facade.get(TENANT, number)).version
    await facade.acknowledge(TENANT, number, "Mine", expected_version=seen)
    deeds: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: facade.acknowledge(TENANT, number, "Mine too", expected_version=seen),
        lambda: facade.unacknowledge(TENANT, number, expected_version=seen),
        lambda: facade.assign(TENANT, number, "otto", expected_version=seen),
        lambda: facade.close(TENANT, number, "Done", expected_version=seen),
    )
    for deed in deeds:
        with pytest.raises(EditConflict):
            await deed()


async def test_what_checks_find_meanwhile_is_in_nobodys_way(
    facade: IncidentsFacade, board: Board, number: int
) -> None:
    seen = await facade.get(TENANT, number)
    (target,) = board.at
    board.checked(target, "d", error="timeout")
    found = await facade.acknowledge(TENANT, number, "Mine", expected_version=seen.version)
    assert (found.severity, found.error, found.assignee) == ("warning", "timeout", "olga")
    assert (await facade.get(TENANT, number)).acknowledged_because == "Mine"


async def test_another_tenants_is_as_one_that_is_missing(
    facade: IncidentsFacade, number: int
) -> None:
    said = set()
    for tenant, which in (("other", number), (TENANT, number + 1), ("nobody", number)):
        deeds: tuple[Awaitable[object], ...] = (
            facade.get(tenant, which),
            facade.story(tenant, which),
            facade.acknowledge(tenant, which, "Mine"),
            facade.note(tenant, which, "text"),
            facade.close(tenant, which, "Done"),
        )
        for deed in deeds:
            with pytest.raises(NotFound) as caught:
                await deed
            said.add(caught.value.message.replace(str(which), "N"))
    assert len(said) == 1
    assert (await facade.page("other")).items == ()


async def test_everybodys_is_seen_to_by_any_tenant_that_there_is(
    facade: IncidentsFacade, workspace: Workspace
) -> None:
    draft = IncidentDraft(
        tenant_id=None,
        cause="monitor",
        key="monitor:a:1",
        severity="warning",
        title="The monitor on a died",
        opened_at=NOON,
    )
    with workspace.database.write() as connection:
        row = IncidentsDriver(connection).open(draft)
    assert (await facade.acknowledge("other", row.number, "Mine")).acknowledged_by == "olga"
    assert (await facade.headline(TENANT)).acknowledged == 1
    (told,) = (await workspace.activity.page("other", concept="incidents")).items
    assert told.thing_id == str(row.number)
    with pytest.raises(NotFound):
        await facade.acknowledge("nobody", row.number, "Mine")


@pytest.mark.parametrize("text", ["", "  ", "a\x1b[31mb", "x" * 5_000])
async def test_words_that_cannot_be_kept_are_refused(
    facade: IncidentsFacade, number: int, text: str
) -> None:
    with pytest.raises(InvalidInput):
        await facade.acknowledge(TENANT, number, text)
    with pytest.raises(InvalidInput):
        await facade.note(TENANT, number, text)
    with pytest.raises(InvalidInput):
        await facade.assign(TENANT, number, text)
    with pytest.raises(InvalidInput):
        await facade.page(TENANT, sort="age")
    for wrong in (0, 21, True, 1.5):
        with pytest.raises(InvalidInput):
            await facade.set_thresholds(
                TENANT,
                "integration",
                "acme-gpt",
                failures=wrong,  # type: ignore[arg-type]
                passes=None,
            )


async def test_a_silence_keeps_it_quiet_and_the_header_says_so(
    facade: IncidentsFacade, workspace: Workspace, board: Board, number: int, clock: FixedClock
) -> None:
    for name in ("late", "slow"):
        board.checked(board.add(name, "anthropic"), "ddd")
    clock.advance(3600)
    found = await facade.headline(TENANT)
    assert (found.critical, found.warning, found.open) == (1, 2, 3)
    assert found.since == NOON + timedelta(minutes=3)
    await workspace.silences.add_for(TENANT, "integration", "acme-gpt", timedelta(hours=1), "Move")
    quiet = await facade.get(TENANT, number)
    assert (quiet.state, quiet.silence_id is not None) == ("silenced", True)
    assert await facade.count(TENANT, query="state:silenced") == 1
    assert [one.title for one in (await facade.page(TENANT, query="state:open")).items] == [
        "late is degraded",
        "slow is degraded",
    ]
    found = await facade.headline(TENANT)
    assert (found.critical, found.warning, found.silenced, found.acknowledged) == (0, 2, 1, 0)
    await facade.acknowledge(TENANT, number, "Mine")
    found = await facade.headline(TENANT)
    assert (found.silenced, found.acknowledged) == (0, 1)
    clock.advance(3601)
    assert (await facade.headline(TENANT)).acknowledged == 1


async def test_an_operator_without_the_role_meets_no_incident_of_it(
    workspace: Workspace, board: Board, settings: Settings
) -> None:
    hidden = board.add_source("payroll", access_roles=("finance",))
    board.checked(hidden, "fff")
    number = board.one().number
    other = Workspace.open(replace(settings, roles=("ops",)), clock=workspace.clock)
    finance = Workspace.open(replace(settings, roles=("finance",)), clock=workspace.clock)
    try:
        await finance.incidents.acknowledge(TENANT, number, "Mine")
        facade = other.incidents
        assert (await facade.page(TENANT)).items == ()
        assert (await facade.count(TENANT), (await facade.headline(TENANT)).acknowledged) == (0, 0)
        with pytest.raises(NotFound):
            await facade.get(TENANT, number)
        with pytest.raises(NotFound):
            await facade.close(TENANT, number, "Mine")
        with pytest.raises(NotFound):
            await facade.thresholds(TENANT, "source", "id-payroll")
        assert (await other.activity.page(TENANT)).items == (), "what was done about it neither"
    finally:
        await other.aclose()
        await finance.aclose()


async def test_a_provider_that_was_closed_by_hand_is_about_nothing_any_more(
    facade: IncidentsFacade, board: Board
) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.together(dict.fromkeys(numbers, "fff"))
    row = board.one()
    assert (await facade.get(TENANT, row.number)).members == 3
    assert (await facade.close(TENANT, row.number, "Their outage")).members == 0
    story = await facade.story(TENANT, row.number)
    assert {one.name for one in story.members} == {"gpt-0", "gpt-1", "gpt-2"}
    assert (story.checks, story.failures) == (3, 3)


async def test_a_run_that_only_reads_sees_to_nothing(
    workspace: Workspace, number: int, settings: Settings
) -> None:
    reading = Workspace.open(replace(settings, read_only=True), clock=workspace.clock)
    try:
        with pytest.raises(ReadOnlyRefused):
            await reading.incidents.acknowledge(TENANT, number, "Mine")
        assert (await reading.incidents.get(TENANT, number)).state == "open"
        assert (await reading.incidents.story(TENANT, number)).incident.number == number
    finally:
        await reading.aclose()


async def test_the_facade_of_the_process(workspace: Workspace) -> None:
    set_default_workspace(workspace)
    try:
        assert get_incidents_facade() is workspace.incidents
    finally:
        set_default_workspace(None)
