"""What bounds a run: rows, bytes and time; nothing is left out without saying so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.gateway.errors import SqlGatewayError
from tests.engine.gateway.executing.worlds import plan
from tests.timing import within

if TYPE_CHECKING:
    from engine.gateway.executing.pool import PooledDriver
    from tests.engine.gateway.executing.worlds import World

NUMBERS = {
    "postgres": "SELECT i FROM generate_series(1, {0}) AS g (i)",
    "mysql": "SELECT seq FROM world.seq_1_to_1000000000 WHERE seq <= {0}",
    "sqlite": "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT {0})"
    " SELECT n FROM r",
    "duckdb": "SELECT i + 1 FROM range({0}) AS g (i)",
}
ENDLESS = {
    "postgres": "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
    " SELECT count(*) FROM r",
    "mysql": "SELECT count(*) FROM world.seq_1_to_1000000 a, world.seq_1_to_1000000 b",
    "sqlite": "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
    " SELECT count(*) FROM r",
    "duckdb": "SELECT count(*) FROM range(1000000000000)",
}
BILLION = 1_000_000_000
WIDE = {
    "postgres": "SELECT i, repeat('é', 5000) FROM generate_series(1, 400) AS g (i)",
    "mysql": "SELECT seq, repeat('é', 5000) FROM world.seq_1_to_400",
    "sqlite": "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 400)"
    " SELECT n, replace(printf('%5000s', ''), ' ', 'é') FROM r",
    "duckdb": "SELECT i, repeat('é', 5000) FROM range(400) AS g (i)",
}
# One value of 64 MB between small ones; DuckDB's and SQLite's own bounds refuse to make it.
HUGE = {
    "postgres": "SELECT CASE WHEN i = 50 THEN repeat('x', 64000000) ELSE 'x' END"
    " FROM generate_series(1, 100) AS g (i)",
    "mysql": "SELECT IF(seq = 50, repeat('x', 16000000), 'x') FROM world.seq_1_to_100",
}


def numbers(world: World, count: int) -> str:
    """A statement of so many rows."""
    return NUMBERS[world.dialect].format(count)


@pytest.mark.parametrize("most", [1, 7, 8, 9, 40, 263, 264, 265, 1000])
async def test_rows_are_cut_at_their_cap_and_not_before(
    world: World, driver: PooledDriver, most: int
) -> None:
    for count in (most - 1, most, most + 1):
        result = await driver.run(plan(numbers(world, count), max_rows=most))
        assert [row[0] for row in result.rows] == list(range(1, min(count, most) + 1))
        assert result.row_count == len(result.rows)
        assert result.truncated == (count > most)
        assert result.truncated_by == ("rows" if count > most else None)
        assert result.result_bytes == 8 * result.row_count


async def test_a_billion_rows_are_not_fetched(world: World, driver: PooledDriver) -> None:
    if world.dialect == "postgres":
        pytest.skip("generate_series is worked out as a whole; the next test ends it")
    with within(5):
        result = await driver.run(plan(numbers(world, BILLION), max_rows=10))
    assert (result.row_count, result.truncated_by) == (10, "rows")


async def test_bytes_are_cut_at_their_cap(world: World, driver: PooledDriver) -> None:
    each = 8 + 10_000
    result = await driver.run(plan(WIDE[world.dialect], max_result_bytes=40 * each + 5))
    assert (result.row_count, result.truncated_by) == (40, "bytes")
    assert result.result_bytes == 40 * each
    whole = await driver.run(plan(WIDE[world.dialect], max_result_bytes=400 * each))
    assert (whole.row_count, whole.truncated) == (400, False)


async def test_a_row_that_is_too_large_is_not_brought(world: World, driver: PooledDriver) -> None:
    if world.dialect not in HUGE:
        pytest.skip("it makes no such value")
    result = await driver.run(plan(HUGE[world.dialect], max_result_bytes=100_000))
    assert result.truncated_by == "bytes"
    assert 0 < result.row_count < 50
    assert result.result_bytes <= 100_000
    again = await driver.run(plan("SELECT a FROM t ORDER BY a", max_result_bytes=100_000))
    assert again.row_count == 3


async def test_a_large_value_in_a_file_is_left_where_it_is(
    world: World, driver: PooledDriver
) -> None:
    if world.dialect != "sqlite":
        pytest.skip("SQLite's own")
    for size, kept in ((200_000, 5), (2_000_000, 2), (20_000_000, 0)):
        sql = numbers(world, 5).replace("SELECT n FROM", "SELECT zeroblob(:size) FROM")
        result = await driver.run(plan(sql, values={"size": size}))
        assert (result.row_count, result.truncated) == (kept, kept < 5)


async def test_what_takes_too_long_is_ended(world: World, driver: PooledDriver) -> None:
    await driver.run(plan("SELECT a FROM t"))  # to connect takes what it takes
    with within(1.3), pytest.raises(SqlGatewayError, match=r"ended after 0\.3 s") as caught:
        await driver.run(plan(ENDLESS[world.dialect], timeout_seconds=0.3))
    assert caught.value.code == "timeout"
    result = await driver.run(plan("SELECT a FROM t WHERE a = 1"))
    assert result.rows == ((1,),)


async def test_columns_are_told_in_the_databases_words(world: World, driver: PooledDriver) -> None:
    result = await driver.run(plan("SELECT a AS x, b AS x FROM t WHERE a = 1"))
    types = {
        "postgres": ["integer", "character varying(20)"],
        "mysql": ["int", "varchar"],
        "sqlite": ["integer", "text"],
        "duckdb": ["INTEGER", "VARCHAR"],
    }
    assert [column.name for column in result.columns] == ["x", "x"]
    assert [column.type for column in result.columns] == types[world.dialect]
    assert (result.template_id, result.version) == ("template", 1)
    assert result.duration_ms >= 0
