"""Values on their way: they are bound, so they come back as they were, and do nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from engine.gateway.errors import SqlGatewayError
from tests.engine.gateway.executing.worlds import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from engine.gateway.executing.pool import PooledDriver
    from tests.engine.gateway.executing.worlds import World

AT_ONCE = 50
AT = datetime(2026, 11, 21, 9, 30, 15, 250_000, tzinfo=UTC)
TOKEN = UUID("123e4567-e89b-12d3-a456-426614174000")
ODD = [
    "",
    " ",
    "é",
    "e\u0301",
    "\u202e",
    "\U0001f600",
    "%s %(x)s {0} :a ?1 $1 $$",
    "\\'\"`",
    "\r\n\t\x1b",
]
CAST = {"mysql": "CHAR(9000)", "sqlite": "TEXT"}


def hostile(corpora: Path) -> Iterator[str]:
    """Every attack and evasion that a text can hold."""
    for name in ("sqli_attacks.jsonl", "sqli_evasions.jsonl"):
        for line in (corpora / name).read_text().splitlines():
            value = json.loads(line)["value"]
            if "\0" not in value:
                yield value


async def test_attacks_come_back_byte_for_byte_and_change_nothing(
    world: World, driver: PooledDriver, corpora: Path
) -> None:
    before = world.state()
    values = [*ODD, *hostile(corpora)]
    kind = CAST.get(world.dialect, "VARCHAR")
    for start in range(0, len(values), AT_ONCE):
        part = values[start : start + AT_ONCE]
        told = {f"v{at}": value for at, value in enumerate(part)}
        sql = f"SELECT {', '.join(f'CAST(:{name} AS {kind})' for name in told)}"
        result = await driver.run(plan(sql, values=told))
        assert [value.encode() for value in result.rows[0]] == [value.encode() for value in part]
    assert world.state() == before


async def test_values_of_every_type_are_what_they_were(world: World, driver: PooledDriver) -> None:
    values = {
        "whole": -(2**63),
        "real": 0.1,
        "flag": True,
        "day": date(2026, 11, 1),
        "moment": AT,
        "token": TOKEN,
        "nothing": None,
    }
    sql = "SELECT :whole, :real, :flag, :day, :moment, :token, :nothing"
    (row,) = (await driver.run(plan(sql, values=values))).rows
    whole, real, flag, day, moment, token, nothing = row
    assert (whole, real, bool(flag), nothing) == (-(2**63), 0.1, True, None)
    assert str(day) == "2026-11-01"
    told = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    assert (told if told.tzinfo else told.replace(tzinfo=UTC)) == AT
    assert UUID(str(token)) == TOKEN


@pytest.mark.parametrize(
    ("values", "found"), [((1, 3), [1, 3]), ((2,), [2]), ((), []), ((7, 8), [])]
)
async def test_a_list_is_spelled_out_and_an_empty_one_finds_nothing(
    driver: PooledDriver, values: tuple[int, ...], found: list[int]
) -> None:
    sql = "SELECT a FROM t WHERE a IN (:some) ORDER BY a"
    result = await driver.run(plan(sql, values={"some": values}))
    assert [row[0] for row in result.rows] == found
    result = await driver.run(plan(sql.replace("IN", "NOT IN"), values={"some": ()}))
    assert result.rows == ()


async def test_positions_stand_for_parameters_in_their_order(driver: PooledDriver) -> None:
    result = await driver.run(
        plan(
            "SELECT a FROM t WHERE a > $2 AND a < $1 AND a <> $2",
            values={"low": 1, "high": 3},
            order=("high", "low"),
        )
    )
    assert result.rows == ((2,),)


async def test_no_error_repeats_a_value(world: World, driver: PooledDriver) -> None:
    secret = "hunter-2-hunter"
    asked = {
        "postgres": "SELECT CAST(:v AS INTEGER)",
        "mysql": "SELECT a FROM t WHERE a = CAST(:v AS JSON) OR :v",
        "sqlite": "SELECT json_extract(:v, '$.a')",
        "duckdb": "SELECT CAST(:v AS INTEGER)",
    }
    with pytest.raises(SqlGatewayError) as caught:
        await driver.run(plan(asked[world.dialect], values={"v": secret}))
    assert secret not in f"{caught.value} {caught.value.hint}"


async def test_a_placeholder_without_a_value_is_refused(driver: PooledDriver) -> None:
    for sql, order in (("SELECT :a", ()), ("SELECT $1", ()), ("SELECT $2", ("a",))):
        with pytest.raises(SqlGatewayError) as caught:
            await driver.run(plan(sql, values={"b": 1}, order=order))
        assert caught.value.code == "missing_parameter"


async def test_too_many_values_are_refused_before_the_database_is_asked(
    world_of: Callable[[str], World],
) -> None:
    driver = world_of("sqlite").driver()
    values = {f"l{at}": tuple(range(10_000)) for at in range(4)}
    sql = f"SELECT {' + '.join(f'1 IN (:{name})' for name in values)}"
    with pytest.raises(SqlGatewayError, match="at most 30,000 values"):
        await driver.run(plan(sql, values=values))
    await driver.close()
