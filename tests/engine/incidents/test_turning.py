"""One target: after how many checks its incident opens and closes, and what it tells meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.incidents.turning import turn
from engine.monitor.errands import Errand, run_errand
from storage.health import CheckRow, HealthDriver, mend_clock
from storage.health.judging import OwnThresholds, set_thresholds
from storage.health.verdicts import Thresholds
from storage.incidents import IncidentsDriver
from storage.integrations import IntegrationsDriver
from storage.revisions import read as revisions
from tests.engine.conftest import NOON
from tests.engine.incidents.conftest import MINUTE

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tests.engine.incidents.conftest import Board


def test_an_incident_opens_after_three_bad_checks_and_closes_after_two_good_ones(
    board: Board,
) -> None:
    number = board.add("gpt")
    board.checked(number, "hff")
    assert board.all() == []
    board.checked(number, "f", error="auth_failed")
    row = board.one()
    assert (row.cause, row.severity, row.title) == ("lamp", "critical", "gpt is failing")
    assert (row.tenant_id, row.kind, row.thing_id) == ("acme", "integration", "acme-gpt")
    assert (row.error, row.message) == ("auth_failed", "told: auth_failed")
    assert (row.opened_at, row.closed_at) == (NOON + 4 * MINUTE, None)
    board.checked(number, "ffh")
    assert board.one().closed_at is None
    board.checked(number, "h")
    row = board.one()
    assert (row.closed_at, row.closed_because) == (NOON + 8 * MINUTE, "recovered")
    assert board.told(row.number) == ["opened", "error", "closed"]


@pytest.mark.parametrize("between", ["h", "u"])
def test_only_bad_checks_in_a_row_count_and_what_is_unknown_counts_for_nothing(
    board: Board, between: str
) -> None:
    number = board.add("gpt")
    board.checked(number, f"ff{between}f")
    assert len(board.all()) == (between == "u")


def test_all_of_it_may_come_in_one_batch(board: Board) -> None:
    number = board.add("gpt")
    board.together({number: "fffhhfff"})
    row = board.one()
    assert (row.closed_at, row.relapses) == (None, 1)
    assert board.told(row.number) == ["opened", "closed", "reopened"]


def test_an_older_result_than_the_lamp_shows_counts_for_nothing(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "hff")
    board.at[number] = NOON
    board.checked(number, "f")
    assert board.all() == []


def test_a_target_may_have_thresholds_of_its_own(board: Board) -> None:
    number, other = board.add("gpt"), board.add("other")
    with board.workspace.database.write() as connection:
        set_thresholds(connection, number, "integration", OwnThresholds(failures=1, passes=1))
    board.together({number: "f", other: "ff"})
    assert board.one().thing_name == "gpt"
    board.checked(number, "h")
    assert board.one().closed_because == "recovered"


def test_the_thresholds_of_the_settings_hold_for_the_others(board: Board) -> None:
    number = board.add("gpt")
    rows = [
        CheckRow(target_number=number, checked_at=NOON + at * MINUTE, state="failing")
        for at in range(4)
    ]
    with board.workspace.database.write() as connection:
        driver, four = HealthDriver(connection), Thresholds(failures=4, passes=1)
        assert driver.record(rows[:3], thresholds=four).turned == ()
        (turned,) = driver.record(rows[3:], thresholds=four).turned
    assert (turned.before, turned.verdict, turned.at) == ("good", "bad", rows[3].checked_at)


def test_the_severity_follows_the_lamp(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "ddd", error="slow")
    assert (board.one().severity, board.one().title) == ("warning", "gpt is degraded")
    board.checked(number, "f")
    row = board.one()
    assert (row.severity, row.title, row.error) == ("critical", "gpt is failing", "http_503")
    board.checked(number, "d", error="slow")
    assert board.one().severity == "warning"
    changes = [event for event in board.events(row.number) if event.what == "severity"]
    assert [event.detail for event in changes] == [
        {"from": "warning", "to": "critical"},
        {"from": "critical", "to": "warning"},
    ]


def test_a_relapse_is_the_same_incident_and_is_nobodys_any_more(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "fff")
    first = board.one()
    with board.workspace.database.write() as connection:
        IncidentsDriver(connection).change(
            first, acknowledged_at=NOON, acknowledged_by="olga", acknowledged_because="Mine"
        )
    board.checked(number, "hh")
    assert board.one().acknowledged_by == "olga"
    board.checked(number, "fff")
    again = board.one()
    assert (again.number, again.relapses, again.closed_at) == (first.number, 1, None)
    assert (again.acknowledged_at, again.acknowledged_by) == (None, None)
    assert (again.opened_at, again.closed_because) == (first.opened_at, None)


def test_what_is_bad_again_later_is_another_incident(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "fffhh")
    board.at[number] += timedelta(minutes=28)
    board.checked(number, "fff")
    first, second = board.all()
    assert (first.closed_because, second.closed_at, second.relapses) == ("recovered", None, 0)


def test_going_back_and_forth_is_one_incident_until_it_is_calm(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "hfhfhf")
    assert board.all() == []
    board.checked(number, "h")  # the sixth change
    row = board.one()
    assert (row.flapping, row.title, row.severity) == (True, "gpt is flapping", "critical")
    assert row.error == "http_503"
    board.checked(number, "hh")
    assert board.one().closed_at is None, "two good ones in a row are not calm"
    # Three changes are left among the last twenty once the first ones are out of sight.
    board.checked(number, "h" * 15)
    row = board.one()
    assert (row.closed_because, row.flapping) == ("recovered", True)
    assert board.told(row.number) == ["opened", "closed"]
    board.checked(number, "fff")
    row = board.one()
    assert (row.closed_at, row.flapping, row.relapses) == (None, False, 1)


def test_an_incident_that_begins_to_flap_is_marked_and_does_not_rise_and_fall(
    board: Board,
) -> None:
    number = board.add("gpt")
    board.checked(number, "fff" + "hfhfhf")
    row = board.one()
    assert (row.flapping, row.severity) == (True, "critical")
    board.checked(number, "d" * 19)
    row = board.one()
    assert (row.flapping, row.title, row.severity) == (False, "gpt is degraded", "warning")
    assert board.told(row.number).count("flapping") == 1
    assert board.told(row.number).count("calmed") == 1
    assert board.told(row.number).count("severity") == 1


def test_what_is_not_in_use_has_no_incident(board: Board) -> None:
    number = board.add("gpt", active=False)
    board.checked(number, "ffff")
    assert board.all() == []


def test_one_that_somebody_closed_stays_closed_until_it_turns_bad_anew(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "fff")
    with board.workspace.database.write() as connection:
        IncidentsDriver(connection).change(
            board.one(), closed_at=board.at[number], closed_because="Not ours to fix"
        )
    board.checked(number, "fd")
    assert board.one().closed_because == "Not ours to fix"
    board.checked(number, "hhfff")
    assert (board.one().closed_at, board.one().relapses) == (None, 1)


def test_what_turns_is_told_to_whoever_watches(board: Board) -> None:
    number = board.add("gpt")
    with board.workspace.database.read() as connection:
        before = revisions(connection)["incidents"]
    board.checked(number, "hff")
    with board.workspace.database.read() as connection:
        assert revisions(connection)["incidents"] == before
    board.checked(number, "f")
    with board.workspace.database.read() as connection:
        assert revisions(connection)["incidents"] > before


def test_nothing_is_opened_when_the_results_are_not_written(board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "ff")
    row = CheckRow(target_number=number, checked_at=NOON + 9 * MINUTE, state="failing")

    def killed() -> None:
        with board.workspace.database.write() as connection:
            turn(connection, HealthDriver(connection).record([row]).turned)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        killed()
    assert board.all() == []
    board.at[number] = NOON + 9 * MINUTE
    board.checked(number, "f")
    assert board.one().closed_at is None


def test_what_a_monitor_carries_home_opens_one_with_the_settings_thresholds(board: Board) -> None:
    number, workspace = board.add("gpt"), board.workspace
    rows = [
        CheckRow(target_number=number, checked_at=NOON + at * MINUTE, state="failing")
        for at in range(2)
    ]

    def carry(failures: int, row: CheckRow) -> None:
        settings = replace(workspace.settings, incident_failures=failures)
        with workspace.database.write() as connection:
            HealthDriver(connection).claim_one(number, "m-1", NOON, 60)
            run_errand(
                connection,
                Errand(owner="m-1", results=[row]),
                clock=workspace.clock,
                credentials=workspace.credentials.core,
                settings=settings,
            )

    carry(2, rows[0])
    assert board.all() == []
    carry(2, rows[1])
    assert board.one().opened_at == rows[1].checked_at


def test_one_from_before_the_clock_was_set_back_still_closes_and_comes_back_as_itself(
    board: Board,
) -> None:
    number = board.add("gpt")
    board.checked(number, "hfff")
    board.at[number] -= timedelta(hours=1)
    with board.workspace.database.write() as connection:
        mend_clock(connection, board.at[number])
    board.checked(number, "hh")
    row = board.one()
    # It ends no earlier than it began, whatever the clock says now.
    assert (row.closed_because, row.closed_at) == ("recovered", row.opened_at)
    board.checked(number, "fff")
    assert [one.number for one in board.all()] == [row.number]
    assert (board.one().closed_at, board.one().relapses) == (None, 1)


def test_it_is_called_as_its_thing_is_called_now(workspace: Workspace, board: Board) -> None:
    number = board.add("gpt")
    board.checked(number, "ddd")
    with workspace.database.write() as connection:
        IntegrationsDriver(connection).update("acme", "acme-gpt", {"name": "gpt-prod"})
    board.checked(number, "f")
    row = board.one()
    assert (row.title, row.thing_name) == ("gpt-prod is failing", "gpt-prod")


def test_what_is_taken_out_of_use_and_into_it_again_is_judged_anew(
    workspace: Workspace, board: Board
) -> None:
    number = board.add("gpt")
    board.checked(number, "ff")
    for active in (False, True):
        with workspace.database.write() as connection:
            IntegrationsDriver(connection).update("acme", "acme-gpt", {"active": active})
    board.checked(number, "ff")
    assert board.all() == []
    board.checked(number, "f")
    assert board.one().closed_at is None


def test_one_that_is_open_still_closes_when_its_thing_was_out_of_use_for_a_moment(
    workspace: Workspace, board: Board
) -> None:
    """Too short for anybody who watches: its verdict must not be lost while it is open."""
    number = board.add("gpt")
    board.checked(number, "fff")
    for active in (False, True):
        with workspace.database.write() as connection:
            IntegrationsDriver(connection).update("acme", "acme-gpt", {"active": active})
    board.checked(number, "hh")
    assert board.one().closed_because == "recovered"
