"""Boards of a time that is over, by what was recorded up to then."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.filters import Term
from storage.health import CheckRow, HealthDriver, PastScope
from storage.integrations import IntegrationsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from storage.health import PastRow

# The things of these tests are made at this time.
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAYS = 24 * 60
ALL = PastScope(tenant_id="acme")


def at(minutes: float) -> datetime:
    return NOW + minutes * MINUTE


def turn(database: Database, *turns: tuple[int, float, str], **values: object) -> None:
    """Records a check a turn: of which target, at which minute, what it found."""
    rows = [
        CheckRow(target_number=number, checked_at=at(minute), state=state, **values)  # type: ignore[arg-type]
        for number, minute, state in turns
    ]
    with database.write() as connection:
        HealthDriver(connection).record(rows)


def board(
    database: Database, minute: float, scope: PastScope = ALL, limit: int = 100
) -> list[tuple[str, str]]:
    return [(row.name, row.state) for row in rows_at(database, minute, scope, limit)]


def rows_at(
    database: Database, minute: float, scope: PastScope = ALL, limit: int = 100
) -> tuple[PastRow, ...]:
    with database.read() as connection:
        return HealthDriver(connection).board_at(scope, at(minute), limit=limit).rows


def steps(database: Database, scope: PastScope, begin: float, *, back: bool) -> list[float]:
    """The minutes of all steps from a time on, with time going on for an hour."""
    found, moment = [], at(begin)
    with database.read() as connection:
        driver = HealthDriver(connection)
        while (step := driver.step(scope, moment, back=back, until=at(60))) is not None:
            found.append((step - NOW) / MINUTE)
            moment = step
    return found


def test_a_board_is_what_changes_up_to_then_come_to(
    database: Database, add: Callable[..., int]
) -> None:
    gpt, tts = add("gpt"), add("tts")
    turn(database, (gpt, 5, "healthy"), (tts, 7, "healthy"), (gpt, 10, "failing"), latency_ms=40.0)
    assert board(database, -1) == []
    assert board(database, 4) == [("gpt", "unknown"), ("tts", "unknown")]
    assert board(database, 5) == [("tts", "unknown"), ("gpt", "healthy")]
    assert board(database, 9.99) == [("gpt", "healthy"), ("tts", "healthy")]
    assert board(database, 10) == [("gpt", "failing"), ("tts", "healthy")]
    assert board(database, 10, limit=1) == [("gpt", "failing")]
    (first, _) = rows_at(database, 12)
    assert (first.since, first.checked_at, first.latency_ms) == (at(10), at(10), 40.0)
    (unknown, _) = rows_at(database, 5)
    assert (unknown.since, unknown.checked_at, unknown.latency_ms) == (None, None, None)


def test_a_row_says_what_its_last_check_said_then(
    database: Database, add: Callable[..., int]
) -> None:
    number = add("gpt")
    turn(database, (number, 1, "failing"), error="http_500", message="It broke.")
    turn(database, (number, 3, "failing"), error="refused", message="It is gone.")
    turn(database, (number, 5, "healthy"))
    said = [(row.error, row.message) for minute in (2, 4, 6) for row in rows_at(database, minute)]
    assert said == [("http_500", "It broke."), ("refused", "It is gone."), (None, None)]
    with database.write() as connection:
        driver = HealthDriver(connection)
        driver.roll_up(at(60 * 60))
        driver.prune(at(60 * 60))
    (row,) = rows_at(database, 4)
    assert (row.error, row.since, row.checked_at) == ("http_500", at(1), None), "only the change"


def test_what_came_later_is_not_there_and_what_went_later_is(
    database: Database, add: Callable[..., int]
) -> None:
    add("gpt")
    late = add("late", created_at=at(30))
    turn(database, (late, 31, "healthy"))
    with database.write() as connection:
        IntegrationsDriver(connection).soft_delete("acme", "id-acme-gpt", at(40))
    assert [name for name, _ in board(database, 29)] == ["gpt"]
    assert [name for name, _ in board(database, 39)] == ["gpt", "late"]
    assert [name for name, _ in board(database, 40)] == ["late"]
    assert board(database, 39, PastScope(tenant_id="other")) == []


def test_what_never_changed_for_years_is_known_all_the_same(
    database: Database, add: Callable[..., int]
) -> None:
    steady, turning = add("steady"), add("turning")
    turn(database, (steady, 1, "failing"), (steady, 2, "healthy"))
    turn(database, (turning, 1, "failing"), (turning, 3 * DAYS, "healthy"))
    with database.write() as connection:
        driver = HealthDriver(connection)
        driver.prune(at(402 * DAYS))
        left = [(change.name, change.to_state) for change in driver.transitions("acme")]
    assert set(left) == {("steady", "healthy"), ("turning", "failing"), ("turning", "healthy")}
    assert len(left) == 3
    found = {minute: dict(board(database, minute * DAYS)) for minute in (2, 401)}
    assert found[2] == {"steady": "healthy", "turning": "failing"}
    assert found[401] == {"steady": "healthy", "turning": "healthy"}


def test_words_are_looked_for_in_what_was(database: Database, add: Callable[..., int]) -> None:
    gpt, tts = add("gpt"), add("tts")
    turn(database, (gpt, 1, "failing"), error="refused")
    turn(database, (gpt, 5, "healthy"), (tts, 5, "failing"))

    def names(minute: float, *terms: Term) -> list[str]:
        scope = PastScope(tenant_id="acme", terms=terms)
        return [name for name, _ in board(database, minute, scope)]

    failing = Term(field="health", value="fail")
    assert names(2, failing) == ["gpt"]
    assert names(6, failing) == ["tts"]
    assert names(2, Term(field="health", value="fail", negated=True)) == ["tts"]
    assert names(2, Term(value="refused")) == ["gpt"]
    assert names(6, Term(value="refused")) == []
    assert names(6, Term(field="name", value="gp")) == ["gpt"]
    with database.read() as connection:
        found = HealthDriver(connection).board_at(
            PastScope(tenant_id="acme", terms=(failing,)), at(2), limit=9
        )
    assert (found.counts, found.totals) == ({"failing": 1, "unknown": 1}, {"failing": 1})


def test_steps_go_from_change_to_change(database: Database, add: Callable[..., int]) -> None:
    gpt, tts = add("gpt"), add("tts")
    turn(database, (gpt, 1, "healthy"), (tts, 2, "healthy"), (gpt, 3, "healthy"))
    turn(database, (gpt, 4, "failing"), (tts, 90, "failing"))
    assert steps(database, ALL, 60, back=True) == [4, 2, 1]
    assert steps(database, ALL, 0, back=False) == [1, 2, 4], "what is still to come is no step"
    chosen = PastScope(tenant_id="acme", terms=(Term(field="name", value="tts"),))
    assert steps(database, chosen, 60, back=True) == [2]
    assert steps(database, chosen, 0, back=False) == [2]
    assert steps(database, PastScope(tenant_id="acme", number=gpt), 60, back=True) == [4, 1]
    assert steps(database, PastScope(tenant_id="acme", kind="source"), 60, back=True) == []
    states = PastScope(tenant_id="acme", terms=(Term(value="failing"), Term(value="nothing so")))
    assert steps(database, states, 60, back=True) == [4, 2, 1], "states last for no time"
    assert steps(database, PastScope(tenant_id="other"), 60, back=True) == []


def test_roles_hold_in_the_past(database: Database, add_source: Callable[..., int]) -> None:
    number = add_source("orders", access_roles=("dba",))
    turn(database, (number, 5, "failing"))
    for roles, seen in ((None, True), (("dba",), True), (("dev",), False)):
        scope = PastScope(tenant_id="acme", roles=roles)
        assert bool(board(database, 6, scope)) is seen
        assert bool(steps(database, scope, 6, back=True)) is seen


@pytest.mark.parametrize("seed", [1, 2])
def test_any_past_is_what_a_replay_of_it_gives(
    database: Database, add: Callable[..., int], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    names = {add(f"t{place}"): f"t{place}" for place in range(5)}
    turns = [
        (chance.choice([*names]), minute, chance.choice(["healthy", "failing", "degraded"]))
        for minute in range(1, 60)
    ]
    turn(database, *turns)
    for minute in chance.sample(range(62), 12):
        states = dict.fromkeys(names.values(), "unknown")
        states |= {names[number]: state for number, when, state in turns if when <= minute}
        assert dict(board(database, minute)) == states
