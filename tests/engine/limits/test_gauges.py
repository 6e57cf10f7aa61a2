"""Gauges equal a plain recomputation from the records, and cost the same however many there are."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from engine.limits.measuring import Moment
from engine.limits.reading import gauges
from engine.usage.period import minute_of, period_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.limits.results import GaugeResult
    from engine.usage.records import UsageRecord
    from tests.engine.limits.conftest import Board

NOW = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
LIMITS = {"budget_limit_cents": 100_000, "token_limit_month": 10**9, "rate_limit_rpm": 50}
PLACES = {"gpt": "openai", "claude": "anthropic", "spare": "openai"}


def made_up(board: Board, chance: random.Random, many: int) -> list[UsageRecord]:
    """Records of two months up to now, some of them corrections, unpriced, failed or twice."""
    found = []
    for _ in range(many):
        back = chance.choice([0, 1, 20, 70, 3600, 86_400, 20 * 86_400, 50 * 86_400])
        at = NOW - timedelta(seconds=chance.random() * back)
        calls = chance.choice([0, 1, 1, 1, 7])
        sign = -1 if calls == 0 else 1
        found.append(
            board.call(
                at,
                integration=chance.choice(["gpt", "claude"]),
                model=chance.choice(["gpt-4o", "nobody-knows-it"]),
                agent=chance.choice(["", "crawler", "writer"]),
                calls=calls,
                tokens_in=sign * chance.randrange(10**6),
                tokens_out=sign * chance.randrange(10**6),
                tokens_cached=0,
                cost_nanos=sign * chance.randrange(10**10),
                policy=chance.choice([None, "allowed", "blocked"]),
                error=chance.choice([None, "timeout"]),
            )
        )
    return [*found, *chance.sample(found, many // 10)]


def plainly(records: Iterable[UsageRecord], tenant: str, ids: dict[str, str]) -> dict[Any, int]:
    """What each gauge has to show, by a loop over the records and nothing else."""
    used: Counter[Any] = Counter()
    month, minute = period_of(NOW), minute_of(NOW)
    for record in {record.call_id: record for record in records}.values():
        name = str(record.integration)
        subjects = [("integration", ids[name]), ("provider", PLACES[name]), ("tenant", tenant)]
        for scope in subjects:
            if month.start <= record.at < month.end:
                used[*scope, "budget"] += record.cost_nanos or 0
                used[*scope, "tokens"] += record.tokens_in + record.tokens_out
            if minute_of(record.at) == minute and record.policy != "blocked":
                used[*scope, "rate"] += record.calls
    return dict(used)


def told(found: Sequence[GaugeResult]) -> dict[Any, int]:
    return {
        (gauge.scope, gauge.subject, gauge.measure): gauge.used
        for gauge in found
        if gauge.used is not None
    }


async def placed(board: Board) -> dict[str, str]:
    return {
        name: await board.integration(name, provider_type=provider, **LIMITS)
        for name, provider in PLACES.items()
    }


@pytest.mark.parametrize("seed", range(4))
async def test_gauges_equal_a_plain_recomputation(board: Board, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded test
    board.go(NOW)
    ids = await placed(board)
    records = made_up(board, chance, 120)
    chance.shuffle(records)
    left = list(records)
    while left:
        size = chance.choice([1, 2, 30])
        board.record(*left[:size])
        left = left[size:]
        if chance.random() < 0.2:
            board.reckon()
    board.reckon()

    expected = plainly(records, board.tenant, ids)
    found = board.gauges()
    of_use = {key: used for key, used in told(found).items() if used or key in expected}
    assert of_use == {key: used for key, used in expected.items() if key in told(found)}
    assert set(expected) <= set(told(found))
    # What lists sort by is the same, and what was never used is not 0.
    stored = {(row.scope, row.subject, row.measure): row.used for row in board.rows()}
    assert all(stored[key] == used for key, used in told(found).items())
    assert {gauge.state for gauge in found if gauge.name == "spare"} == {"unmeasured"}
    assert {gauge.used for gauge in found if gauge.name == "spare"} == {None}


async def test_forecasts_are_made_of_the_days_that_were_measured(board: Board) -> None:
    await board.integration(budget_limit_cents=2000)
    board.week(days=5)

    budget = next(one for one in board.gauges() if one.scope == "integration" and one.limit)
    assert budget.forecast is not None
    assert (budget.forecast.days, budget.forecast.pace) == (5, pytest.approx(10**9))
    # Five of twenty dollars are used, at one a day: the rest would last 15 days, the month 9.5.
    assert budget.forecast.runs_out_at is None
    assert budget.forecast.projected == 14_500_000_000
    assert (budget.percent, budget.state, budget.reached) == (25.0, "ok", None)


async def test_idle_days_count_and_days_before_the_first_do_not(board: Board) -> None:
    await board.integration(budget_limit_cents=2000)
    for days in (40, 3):
        board.spend(6, board.clock.now() - timedelta(days=days))
    budget = next(one for one in board.gauges() if one.scope == "integration" and one.limit)
    assert budget.forecast is not None
    assert (budget.forecast.days, budget.forecast.weekdays) == (28, True)


async def test_unpriced_calls_are_told_and_not_taken_for_free(board: Board) -> None:
    await board.integration(budget_limit_cents=2000, token_limit_month=10**6)
    board.record(
        board.call(model="nobody-knows-it", cost_nanos=None),
        board.call(model="nobody-knows-it", cost_nanos=None, calls=11),
        board.call(),
    )
    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    assert (found["budget"].used, found["budget"].unpriced) == (10**9, 12)
    assert found["tokens"].unpriced == 0


async def test_a_budget_without_any_price_is_not_known(board: Board) -> None:
    await board.integration(budget_limit_cents=2000, token_limit_month=10**6)
    board.record(board.call(model="nobody-knows-it", cost_nanos=None))
    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    budget = found["budget"]
    assert (budget.used, budget.percent, budget.forecast) == (None, None, None)
    assert (budget.state, budget.unpriced) == ("unmeasured", 1)
    assert found["tokens"].used is not None
    assert found["tokens"].state == "ok"


async def test_what_is_held_is_told_beside_what_is_used(board: Board) -> None:
    await board.integration(budget_limit_cents=2000, token_limit_month=10**6, rate_limit_rpm=10)
    board.record(board.call())
    decision = await board.workspace.limits.check(board.tenant, "gpt", tokens=500, cost=2)
    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    assert (found["budget"].used, found["budget"].held) == (10**9, 2 * 10**9)
    assert (found["tokens"].used, found["tokens"].held) == (1000, 500)
    assert (found["rate"].used, found["rate"].held) == (2, 1)

    board.record(board.call(reservation_id=decision.reservation_id))
    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    assert [found[measure].held for measure in ("budget", "tokens", "rate")] == [0, 0, 0]
    assert (found["rate"].used, found["budget"].used) == (2, 2 * 10**9)


async def test_amounts_beyond_what_floats_can_tell_are_exact(board: Board) -> None:
    await board.integration(token_limit_month=10**15)
    large = [board.call(tokens_in=10**13, tokens_out=0, cost_nanos=0) for _ in range(901)]
    board.record(*large, board.call(tokens_in=1, tokens_out=0))
    odd = 901 * 10**13 + 1
    assert odd > 2**53
    tokens = next(one for one in board.gauges() if one.limit and one.measure == "tokens")
    assert tokens.used == odd
    assert (tokens.state, tokens.reached) == ("over", 100.0)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        (datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC), (2028, 2, 1), (2028, 3, 1)),
        (datetime(2027, 2, 28, 23, 59, 59, tzinfo=UTC), (2027, 2, 1), (2027, 3, 1)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), (2026, 12, 1), (2027, 1, 1)),
    ],
)
async def test_months_begin_and_end_in_utc(
    board: Board, now: datetime, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    await board.integration(budget_limit_cents=10_000, rate_limit_rpm=10)
    board.go(now)
    board.spend(1)
    board.spend(2, datetime(*start, tzinfo=UTC))
    board.spend(4, datetime(*start, tzinfo=UTC) - timedelta(milliseconds=1))
    board.spend(8, datetime(*end, tzinfo=UTC))

    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    assert found["budget"].used == 3 * 10**9
    assert found["budget"].period_start == datetime(*start, tzinfo=UTC)
    assert found["budget"].resets_at == datetime(*end, tzinfo=UTC) == found["rate"].resets_at

    board.go(datetime(*end, tzinfo=UTC))
    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    assert (found["budget"].used, found["rate"].used) == (8 * 10**9, 1)
    # Back again: a clock that was set tells what it told then.
    board.go(now)
    found = {one.measure: one for one in board.gauges() if one.scope == "integration"}
    assert found["budget"].used == 3 * 10**9


async def test_reading_gauges_takes_the_same_statements_however_many_calls_there_are(
    board: Board,
) -> None:
    await placed(board)
    counts: defaultdict[int, list[str]] = defaultdict(list)
    size = 0

    def count(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        counts[size].append(statement)

    for size in (1, 300):
        board.record(*(board.call(model=f"m-{place % 7}") for place in range(size)))
        rows = board.rows()
        with board.database.read() as connection:
            event.listen(connection, "before_cursor_execute", count)
            gauges(connection, rows, Moment.of(board.clock.now()))
    assert len(counts[1]) == len(counts[300]) == 3
    assert not any("usage " in statement or '"usage"' in statement for statement in counts[300])
