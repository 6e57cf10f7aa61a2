"""The word before a call: what limits let through, hold, and get back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import InvalidInput, NotFound, ReadOnlyRefused
from engine.limits.asking import Asked
from engine.limits.checking import Checker
from engine.settings import Settings
from engine.workspace import Workspace
from storage.limits.meters import MetersDriver
from storage.limits.reservations import expire
from tests.engine.limits.conftest import DOLLAR

if TYPE_CHECKING:
    from engine.limits.results import Decision
    from tests.engine.limits.conftest import Board

MINUTE = datetime(2026, 11, 21, 12, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)


async def ask(board: Board, **values: Any) -> Decision:
    return await board.workspace.limits.check(board.tenant, "gpt", **values)


async def outcomes(board: Board, times: int, **values: Any) -> list[str]:
    return [(await ask(board, **values)).outcome for _ in range(times)]


def taken(board: Board, measure: str = "tokens", scope: str = "integration") -> tuple[int, int]:
    """What is used, and what is held beside it."""
    gauge = next(one for one in board.gauges() if (one.measure, one.scope) == (measure, scope))
    return gauge.used or 0, gauge.held


def held(board: Board) -> tuple[int, int, int, int]:
    """All that is held of the tenant, and its open reservations, straight from the tables."""
    days = (
        "SELECT coalesce(sum(d.held_tokens), 0), coalesce(sum(d.held_nanos), 0) FROM usage_days d"
    )
    minutes = "SELECT coalesce(sum(d.held_calls), 0) FROM usage_minutes d"
    mine = f" JOIN meters m ON m.number = d.meter_number WHERE m.tenant_id = '{board.tenant}'"
    with board.database.read() as connection:
        tokens, nanos = connection.exec_driver_sql(days + mine).one()
        calls = connection.exec_driver_sql(minutes + mine).scalar_one()
        count = connection.exec_driver_sql(
            f"SELECT count(*) FROM reservations WHERE tenant_id = '{board.tenant}'"  # noqa: S608
        ).scalar_one()
    return int(tokens), int(nanos), int(calls), int(count)


async def test_without_limits_everything_goes_and_nothing_is_written(board: Board) -> None:
    await board.integration()
    said = await ask(board, tokens=10**9, cost=1000)
    assert (said.outcome, said.reason, said.measure) == ("allowed", "No limit is set.", "")
    assert said.reservation_id
    assert held(board) == (0, 0, 0, 0)


async def test_a_call_is_let_through_warned_of_and_blocked_to_the_token(board: Board) -> None:
    await board.integration(token_limit_month=1000)
    first = await ask(board, tokens=499)
    assert (first.outcome, first.percent) == ("allowed", None)
    assert first.expires_at == board.clock.now() + timedelta(seconds=300)
    warned = await ask(board, tokens=1)
    assert (warned.outcome, warned.measure, warned.percent) == ("warned", "tokens", 50.0)
    assert (await ask(board, tokens=501)).outcome == "blocked"
    full = await ask(board, tokens=500)
    assert (full.outcome, full.percent, full.resets_at) == ("warned", 100.0, DECEMBER)
    assert held(board)[0] == 1000


async def test_the_reason_says_which_limit_how_much_and_until_when(board: Board) -> None:
    made = await board.integration(budget_limit_cents=1300)
    board.spend(12)
    assert (await ask(board, cost="0.5")).outcome == "warned"
    said = await ask(board, cost=Decimal("0.51"))
    assert said.reason == (
        "Blocked by the monthly budget of the integration gpt: $12.00 used, $0.50 held and "
        "$0.51 asked, of $13.00; it begins anew on 2026-12-01 00:00 UTC."
    )
    assert (said.measure, said.scope, said.subject) == ("budget", "integration", made)
    assert (said.reservation_id, said.expires_at, said.resets_at) == (None, None, DECEMBER)


async def test_a_warning_says_its_level(board: Board) -> None:
    await board.integration(token_limit_month=1000)
    said = await ask(board, tokens=819)
    assert said.reason == (
        "Allowed, but with this call 81.9% of the monthly tokens of the integration gpt are "
        "taken, past its warning level of 80%; it begins anew on 2026-12-01 00:00 UTC."
    )


async def test_own_warning_levels_hold(board: Board) -> None:
    made = await board.integration(token_limit_month=1000)
    limits = board.workspace.limits
    await limits.set_limits(board.tenant, "integration", made, warning_levels=[90])
    assert await outcomes(board, 3, tokens=300) == ["allowed", "allowed", "warned"]


async def test_where_nothing_is_left_even_nothing_is_too_much(board: Board) -> None:
    await board.integration(token_limit_month=1000, budget_limit_cents=10_000)
    board.spend(1)
    said = await ask(board, cost=1)
    assert (said.outcome, said.measure) == ("blocked", "tokens")
    assert "1,000 used, of 1,000" in said.reason


async def test_a_rate_begins_anew_with_each_minute(board: Board) -> None:
    await board.integration(rate_limit_rpm=3)
    assert await outcomes(board, 4) == ["allowed", "warned", "warned", "blocked"]
    said = await ask(board)
    assert (said.measure, said.resets_at) == ("rate", MINUTE)
    board.go(MINUTE)
    assert (await ask(board)).outcome == "allowed"
    assert held(board)[2] == 4


async def test_of_several_limits_the_one_that_lasts_longest_is_told(board: Board) -> None:
    await board.integration(rate_limit_rpm=1, token_limit_month=10)
    await ask(board, tokens=10)
    assert (await ask(board, tokens=10)).measure == "tokens"


@pytest.mark.parametrize("scope", ["provider", "model", "agent", "tenant"])
async def test_limits_of_everything_that_a_call_counts_for_hold(board: Board, scope: str) -> None:
    await board.integration()
    subject = {"provider": "openai", "tenant": board.tenant}.get(scope, "x-1")
    limits = board.workspace.limits
    await limits.set_limits(board.tenant, scope, subject, token_limit_month=100)
    asked = {"tokens": 60, "model": "x-1", "agent": "x-1"}
    assert await outcomes(board, 2, **asked) == ["warned", "blocked"]
    said = await ask(board, **asked)
    assert (said.scope, said.subject) == (scope, subject)
    assert taken(board, scope=scope) == (0, 60)


async def test_models_and_agents_that_are_not_named_do_not_count(board: Board) -> None:
    await board.integration()
    limits = board.workspace.limits
    await limits.set_limits(board.tenant, "model", "x-1", token_limit_month=1)
    assert (await ask(board, tokens=60)).reason == "No limit is set."
    assert (await ask(board, tokens=60, model="x-2")).reason == "No limit is set."


async def test_a_record_settles_what_was_reserved_and_does_so_once(board: Board) -> None:
    await board.integration(token_limit_month=10_000)
    said = await ask(board, tokens=5000, cost=3)
    assert taken(board) == (0, 5000)
    record = board.call(reservation_id=said.reservation_id)
    board.record(record)
    assert taken(board) == (1000, 0)
    board.record(record)
    assert taken(board) == (1000, 0)
    assert held(board) == (0, 0, 0, 0)


async def test_released_once_and_by_its_tenant_only(board: Board) -> None:
    await board.integration(token_limit_month=100)
    limits = board.workspace.limits
    said = await ask(board, tokens=100)
    assert said.reservation_id is not None
    assert not await limits.release("somebody", said.reservation_id)
    assert (await ask(board, tokens=1)).outcome == "blocked"
    assert await limits.release(board.tenant, said.reservation_id)
    assert not await limits.release(board.tenant, said.reservation_id)
    assert (await ask(board, tokens=100)).outcome == "warned"
    assert not await limits.release(board.tenant, "never was")


async def test_what_expired_is_free_even_where_no_monitor_runs(board: Board) -> None:
    await board.integration(token_limit_month=100)
    await ask(board, tokens=100, ttl_s=60)
    board.clock.advance(59.9)
    assert (await ask(board, tokens=100)).outcome == "blocked"
    board.clock.advance(0.1)
    assert (await ask(board, tokens=100)).outcome == "warned"
    assert held(board)[0] == 100


async def test_a_record_after_its_reservation_expired_is_counted(board: Board) -> None:
    await board.integration(token_limit_month=10_000)
    said = await ask(board, tokens=5000, ttl_s=1)
    board.clock.advance(2)
    with board.database.write() as connection:
        assert expire(connection, board.clock.now()) == 1
    board.record(board.call(reservation_id=said.reservation_id))
    assert taken(board) == (1000, 0)


async def test_a_clock_that_was_ahead_holds_nothing_for_long(board: Board) -> None:
    await board.integration(token_limit_month=100)
    now = board.clock.now()
    board.go(now + timedelta(days=5))
    await ask(board, tokens=100)
    board.go(now)
    assert (await ask(board, tokens=100)).outcome == "warned"
    assert held(board)[0] == 100


async def test_months_do_not_share_what_is_held(board: Board) -> None:
    await board.integration(token_limit_month=100, rate_limit_rpm=5)
    board.go(DECEMBER - timedelta(milliseconds=1))
    said = await ask(board, tokens=100)
    assert said.resets_at == DECEMBER
    assert (await ask(board, tokens=1)).outcome == "blocked"
    board.go(DECEMBER)
    assert (await ask(board, tokens=100)).resets_at == datetime(2027, 1, 1, tzinfo=UTC)
    board.record(board.call(tokens_in=0, tokens_out=0, reservation_id=said.reservation_id))
    assert held(board) == (100, 0, 1, 1)
    assert taken(board) == (0, 100)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2028, 2, 29, 23, 59, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2027, 2, 28, 23, 59, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)),
        (datetime(2027, 12, 31, 23, 59, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)),
    ],
)
async def test_periods_end_with_their_months(board: Board, now: datetime, end: datetime) -> None:
    await board.integration(token_limit_month=100)
    board.go(now)
    assert (await ask(board, tokens=100)).resets_at == end


async def test_many_at_once_are_let_through_to_the_limit_and_no_further(board: Board) -> None:
    await board.integration(token_limit_month=1207)
    said = await asyncio.gather(*(ask(board, tokens=10) for _ in range(700)))
    let = [one for one in said if one.outcome != "blocked"]
    assert len(let) == 120
    assert [one.outcome for one in said[:120]].count("blocked") == 0  # in the order they came
    assert len({one.reservation_id for one in let}) == 120
    assert held(board)[0] == 1200
    assert held(board)[3] == 120
    board.record(
        *(board.call(tokens_in=10, tokens_out=0, reservation_id=o.reservation_id) for o in let)
    )
    assert taken(board) == (1200, 0)


async def test_reservations_without_a_limit_share_no_id_with_others(board: Board) -> None:
    await board.integration(token_limit_month=100)
    await board.integration("free")
    limits = board.workspace.limits
    free, kept = await asyncio.gather(
        limits.check(board.tenant, "free", tokens=1), ask(board, tokens=100)
    )
    assert free.reservation_id != kept.reservation_id
    assert not await limits.release(board.tenant, free.reservation_id or "")
    assert held(board)[0] == 100


async def test_one_that_is_missing_fails_alone(board: Board) -> None:
    await board.integration(token_limit_month=100)
    missing = board.workspace.limits.check(board.tenant, "none", tokens=1)
    other = board.workspace.limits.check("somebody", "gpt", tokens=1)
    said = await asyncio.gather(ask(board, tokens=1), missing, other, return_exceptions=True)
    assert not isinstance(said[0], BaseException)
    assert isinstance(said[1], NotFound)
    assert isinstance(said[2], NotFound)
    assert "'none'" in str(said[1])


async def test_deleted_integrations_are_missing_and_names_are_in_any_case(board: Board) -> None:
    made = await board.integration("Straße", token_limit_month=10)
    limits = board.workspace.limits
    assert (await limits.check(board.tenant, "STRASSE", tokens=4)).outcome == "allowed"
    assert (await limits.check(board.tenant, made, tokens=7)).outcome == "blocked"
    await board.workspace.integrations.delete_integration(board.tenant, made)
    with pytest.raises(NotFound):
        await limits.check(board.tenant, made, tokens=1)


class Gated:
    """A hop whose writes are done, and then wait for the test before anybody hears of it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.written, self.gate = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)

    async def write(self, work: Any, **more: Any) -> Any:
        done = await self._workspace.write(work, **more)
        self.written.set()
        await self.gate.wait()
        return done


async def test_what_nobody_waits_for_any_more_is_given_back(board: Board) -> None:
    await board.integration(token_limit_month=100)
    hop = Gated(board.workspace)
    checker = Checker(hop)
    asked = Asked(
        tenant_id=board.tenant,
        integration="gpt",
        model="",
        agent="",
        amounts={"budget": 0, "tokens": 100, "rate": 1},
        ttl_ms=300_000,
    )
    asking = asyncio.create_task(checker.check(asked))
    await hop.written.wait()
    assert held(board)[0] == 100
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    hop.gate.set()
    assert (await checker.check(asked)).outcome == "warned"
    assert held(board)[0] == 100


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("tokens", {"tokens": -1}),
        ("tokens", {"tokens": 10**17}),
        ("cost", {"cost": -0.01}),
        ("cost", {"cost": "NaN"}),
        ("cost", {"cost": "1e400"}),
        ("cost", {"cost": "1e999999"}),
        ("cost", {"cost": "sNaN"}),
        ("cost", {"cost": float("inf")}),
        ("cost", {"cost": "much"}),
        ("cost", {"cost": 1_000_001}),
        ("ttl_s", {"ttl_s": 0}),
        ("ttl_s", {"ttl_s": 86_401}),
    ],
)
async def test_what_no_call_can_use_is_refused(
    board: Board, field: str, values: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as told:
        await ask(board, **values)
    assert told.value.field == field


async def test_costs_are_held_upwards_to_the_billionth(board: Board) -> None:
    await board.integration(budget_limit_cents=100)
    await ask(board, cost="0.0000000001")
    await ask(board, cost=0.1)
    assert held(board)[1] == 1 + DOLLAR // 10


async def test_a_read_only_board_says_so(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'board.db'}"
    await Workspace.open(Settings(database=url)).aclose()
    workspace = Workspace.open(Settings(database=url, read_only=True))
    with pytest.raises(ReadOnlyRefused):
        await workspace.limits.check("acme", "gpt")
    await workspace.aclose()


async def test_beyond_what_floats_tell_apart_every_token_counts(board: Board) -> None:
    made = await board.integration()
    with board.database.write() as connection:
        driver = MetersDriver(connection)
        meter = driver.get(board.tenant, "integration", made)
        assert meter is not None
        driver.set_limits(meter.number, token_limit_month=2**53 + 1, now=board.clock.now())
    parts = [10**13] * 900 + [2**53 - 900 * 10**13]
    board.record(*(board.call(tokens_in=part, tokens_out=0) for part in parts))
    assert (await ask(board, tokens=2)).outcome == "blocked"
    assert (await ask(board, tokens=1)).outcome == "warned"
    assert (await ask(board, tokens=0)).outcome == "blocked"
