"""A gauge costs the same at ten thousand facts and at ten million, and far less than their sum.

`python -m benchmarks.gauges [--few 10000] [--many 10000000] [--rounds 9]`

Two boards differ in how many calls one integration made in the same sixty days. The facts are
made by the database itself and their days with them, as recording would have: the sums of both
are compared before anything is timed. What is timed is what screens and callers ask: the three
gauges of the integration with their forecasts, and the word before a call. The baseline at
ten million is the same month's sum of the facts themselves.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import Figures, arguments, compile_tree
from benchmarks.seeding import TENANT, seed_integrations

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.workspace import Workspace

INTEGRATION, NAME = "bench-00000000", "integration-000000"
DAYS = 60
CALLS_A_ROUND = 20
"""Questions that one sample is the mean of."""

_SERIES = (
    "INSERT INTO series (tenant_id, integration_id, provider, model, agent, origin, tenant_meter, "
    "provider_meter, model_meter, integration_meter) "
    "VALUES (:tenant, :integration, 'openai', 'gpt-4o', '', 'api', 0, 0, 0, 1)"
)
_FACTS = (
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count) "
    "INSERT INTO usage (call_key, call_id, series_number, at, calls, tokens_in, tokens_out, "
    "tokens_cached, cost_nanos, latency_ms) "
    "SELECT CAST(printf('%016x', i) AS BLOB), printf('call-%016x', i), 1, "
    ":start + i * :span / :count, 1, 100 + i % 1000, i % 300, 0, 1000 + i % 7919, i % 900 FROM n"
)
_ROLL_UP = (
    "INSERT INTO usage_days (meter_number, day, facts, calls, tokens_in, tokens_out, cost_nanos, "
    "timed, latency_ms) SELECT 1, at / 86400000, count(*), sum(calls), sum(tokens_in), "
    "sum(tokens_out), sum(cost_nanos), count(*), sum(latency_ms) "
    "FROM usage GROUP BY at / 86400000"
)
_SUM_OF_FACTS = (
    "SELECT sum(tokens_in + tokens_out), sum(cost_nanos), sum(cost_nanos IS NULL) FROM usage "
    "WHERE series_number = 1 AND at >= ? AND at < ?"
)


@dataclass(frozen=True)
class Board:
    """A board with so many facts, opened."""

    path: Path
    workspace: Workspace
    count: int

    async def gauges(self) -> None:
        """The three gauges of the integration, as a screen asks for them."""
        found = await self.workspace.limits.gauges_of(TENANT, "integration", INTEGRATION)
        assert len(found) == 3
        assert found[1].used

    async def check(self) -> None:
        """The word before a call, and giving it back."""
        said = await self.workspace.limits.check(TENANT, NAME, tokens=1)
        assert said.reservation_id, said
        await self.workspace.limits.release(TENANT, said.reservation_id)

    def month(self) -> tuple[int, int]:
        """The first and the last moment of this month so far, in milliseconds."""
        now = datetime.now(UTC)
        start = datetime(now.year, now.month, 1, tzinfo=UTC)
        return int(start.timestamp() * 1000), int(now.timestamp() * 1000) + 1

    def sum_of_facts(self) -> tuple[int, int, int]:
        """What the month comes to by its facts alone."""
        with sqlite3.connect(self.path) as connection:
            found: tuple[int, int, int] = connection.execute(_SUM_OF_FACTS, self.month()).fetchone()
        return found


def seed(path: Path, count: int) -> None:
    """Writes the facts, all of them before now, and the days that they come to."""
    seed_integrations(f"sqlite:///{path}", 1)
    now = int(datetime.now(UTC).timestamp() * 1000) - 60_000
    span = DAYS * 86_400_000
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("UPDATE meters SET budget_limit_cents = 10000000000, rate_limit_rpm = 0")
        connection.execute("UPDATE meters SET token_limit_month = 1000000000000000")
        connection.execute(_SERIES, {"tenant": TENANT, "integration": INTEGRATION})
        connection.execute(_FACTS, {"count": count, "start": now - span, "span": span})
        connection.execute(_ROLL_UP)
    connection.close()


async def opened(path: Path, count: int) -> Board:
    """A board that was seeded, whose gauges are what its facts come to."""
    from engine.settings import Settings
    from engine.workspace import Workspace

    print(f"writing {count:,} facts", file=sys.stderr)
    seed(path, count)
    board = Board(path, Workspace.open(Settings(database=f"sqlite:///{path}")), count)
    gauges = await board.workspace.limits.gauges_of(TENANT, "integration", INTEGRATION)
    used = {gauge.measure: gauge.used for gauge in gauges}
    tokens, cost, _ = board.sum_of_facts()
    assert (used["tokens"], used["budget"]) == (tokens, cost), (used, tokens, cost)
    return board


async def mean(question: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds of one of some questions in a row."""
    begin = time.perf_counter()
    for _ in range(CALLS_A_ROUND):
        await question()
    return (time.perf_counter() - begin) * 1000 / CALLS_A_ROUND


def summing(board: Board) -> float:
    """Milliseconds to sum the month's facts up."""
    begin = time.perf_counter()
    board.sum_of_facts()
    return (time.perf_counter() - begin) * 1000


async def measure(figures: Figures, few: Board, many: Board, rounds: int) -> None:
    """Both boards in turn, then the sum of the facts."""
    for _ in range(2):  # statements are built at the first use
        for board in (few, many):
            await mean(board.gauges)
            await mean(board.check)
    for _ in range(rounds):
        for label, board in (("few", few), ("many", many)):
            figures.add(f"gauges at {label}", await mean(board.gauges))
            figures.add(f"check at {label}", await mean(board.check))
    figures.add("sum of the facts", *(summing(many) for _ in range(3)))


async def run(figures: Figures, folder: Path, few: int, many: int, rounds: int) -> None:
    """Seeds, measures and tells."""
    boards = [await opened(folder / f"{count}.db", count) for count in (few, many)]
    await measure(figures, boards[0], boards[1], rounds)
    for board in boards:
        await board.workspace.aclose()
    for what in ("gauges", "check"):
        figures.ratio(
            f"{what} at {many:,} facts against {few:,}",
            f"{what} at many",
            f"{what} at few",
            at_most=1.2,
            of=min,
        )
    figures.ratio(
        "the sum of the facts against three gauges",
        "sum of the facts",
        "gauges at many",
        at_least=100,
        of=statistics.median,
    )


def main() -> None:
    """Measures and prints the figures."""
    options = arguments(__doc__ or "", few=10_000, many=10_000_000, rounds=9)
    compile_tree()
    figures = Figures("gauges")
    with tempfile.TemporaryDirectory(prefix="bench-gauges-") as folder:
        asyncio.run(run(figures, Path(folder), options.few, options.many, options.rounds))
    figures.print()


if __name__ == "__main__":
    main()
