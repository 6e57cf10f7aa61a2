"""Many of one provider together: one incident for all of them, until none is bad any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.incidents.conftest import MINUTE

if TYPE_CHECKING:
    from storage.incidents import IncidentRow
    from tests.engine.incidents.conftest import Board


def by_title(board: Board) -> dict[str, IncidentRow]:
    return {row.title: row for row in board.all()}


def test_three_that_are_half_of_all_are_the_providers(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(6)]
    for number in numbers[:3]:
        board.checked(number, "fff", error="http_503")
    rows = by_title(board)
    provider = rows["Provider openai is failing"]
    assert (provider.cause, provider.technology, provider.tenant_id) == (
        *("provider", "openai", "acme"),
    )
    assert (provider.error, provider.members) == ("http_503", 3)
    assert board.members(provider.number) == {"gpt-0", "gpt-1", "gpt-2"}
    own = [rows[f"gpt-{at} is failing"] for at in range(2)]
    assert [(row.closed_because, row.merged_into) for row in own] == (
        [("merged", provider.number)] * 2
    )
    assert "gpt-2 is failing" not in rows, "the third never had one of its own"
    assert board.told(own[0].number) == ["opened", "merged"]
    assert board.told(provider.number)[:2] == ["opened", "joined"]


def test_fewer_than_three_or_than_half_are_not(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(7)]
    claude = [board.add(f"claude-{at}", "anthropic") for at in range(2)]
    for number in (*numbers[:3], *claude):
        board.checked(number, "fff")
    assert {row.cause for row in board.all()} == {"lamp"}
    board.checked(numbers[3], "fff")
    assert [row.cause for row in board.all() if row.closed_at is None] == [
        "lamp",
        "lamp",
        "provider",
    ]


def test_another_tenants_and_unused_ones_do_not_count(board: Board) -> None:
    mine = [board.add(f"gpt-{at}") for at in range(3)]
    for at in range(9):
        board.add(f"gpt-{at}", tenant="other")
        board.add(f"unused-{at}", active=False)
    board.together(dict.fromkeys(mine, "fff"))
    assert [(row.cause, row.members) for row in board.all()] == [("provider", 3)]


def test_servers_of_ones_own_and_sources_have_no_provider(board: Board) -> None:
    own = [board.add(f"llm-{at}", "custom") for at in range(3)]
    sources = [board.add_source(f"orders-{at}") for at in range(3)]
    board.together(dict.fromkeys((*own, *sources), "fff"))
    assert {row.cause for row in board.all()} == {"lamp"}


def test_later_ones_join_and_it_closes_when_none_is_bad(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(4)]
    board.together(dict.fromkeys(numbers[:3], "fff"))
    board.checked(numbers[3], "fff")
    row = board.one()
    assert row.members == 4
    board.together(dict.fromkeys(numbers[:3], "hh"))
    assert board.members(row.number) == {"gpt-3"}, "one alone stays in it"
    assert board.one().closed_at is None
    board.checked(numbers[3], "hh")
    row = board.one()
    assert (row.closed_because, row.members) == ("recovered", 0)
    assert board.told(row.number) == ["opened", "joined", "joined", "left", "left", "closed"]
    assert [one.said for one in board.events(row.number) if one.what == "left"] == [
        "gpt-0, gpt-1, gpt-2",
        "gpt-3",
    ]


def test_its_severity_and_error_are_the_worst_and_the_most_frequent(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.together(dict.fromkeys(numbers[:2], "ddd"), error="slow")
    board.checked(numbers[2], "ddd", error="rate_limited")
    provider = by_title(board)["Provider openai is degraded"]
    assert (provider.severity, provider.error, provider.message) == (
        *("warning", "slow", "told: slow"),
    )
    board.checked(numbers[2], "f", error="http_500")
    provider = by_title(board)["Provider openai is failing"]
    assert (provider.severity, provider.error) == ("critical", "slow")
    board.checked(numbers[2], "hh")
    assert by_title(board)["Provider openai is degraded"].severity == "warning"


def test_a_relapse_of_a_provider_is_the_same_incident(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    board.together(dict.fromkeys(numbers, "fff"))
    board.together(dict.fromkeys(numbers, "hh"))
    board.together(dict.fromkeys(numbers, "fff"))
    row = board.one()
    assert (row.relapses, row.closed_at, row.members) == (1, None, 3)


def test_one_that_is_bad_alone_after_its_provider_recovered_has_its_own(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(3)]
    for number in numbers:
        board.checked(number, "fff")
    board.together(dict.fromkeys(numbers, "hh"))
    board.checked(numbers[0], "fff")
    waiting = [row for row in board.all() if row.closed_at is None]
    assert [(row.title, row.relapses) for row in waiting] == [("gpt-0 is failing", 0)]


def test_members_that_only_fail_otherwise_do_not_open_what_somebody_closed(board: Board) -> None:
    from storage.incidents import IncidentsDriver

    numbers = [board.add(f"gpt-{at}") for at in range(4)]
    board.together(dict.fromkeys(numbers[:3], "fff"))
    with board.workspace.database.write() as connection:
        IncidentsDriver(connection).change(
            board.one(), closed_at=board.at[numbers[0]], closed_because="The provider's outage"
        )
    board.together(dict.fromkeys(numbers[:3], "d"))
    assert board.one().closed_at is not None
    board.at[numbers[3]] = board.at[numbers[0]]
    board.checked(numbers[3], "fff")
    assert (board.one().closed_at, board.one().relapses, board.one().members) == (None, 1, 4)


def test_one_that_turns_bad_and_good_in_a_batch_is_told_by_its_own(board: Board) -> None:
    numbers = [board.add(f"gpt-{at}") for at in range(4)]
    board.together({**dict.fromkeys(numbers[:3], "fff"), numbers[3]: "fffhh"})
    rows = by_title(board)
    assert rows["Provider openai is failing"].members == 3
    assert rows["gpt-3 is failing"].closed_because == "recovered"
    assert rows["gpt-3 is failing"].opened_at == board.at[numbers[3]] - 2 * MINUTE
