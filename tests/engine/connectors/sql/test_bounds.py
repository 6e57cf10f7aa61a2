"""However large a value or an answer is, it takes no more memory and time than is allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError
from tests.timing import within

if TYPE_CHECKING:
    from tests.engine.connectors.conftest import Make

MIB = 2**20
HUGE = 200 * MIB
# One value, made by the database when it is asked for.
_VALUES = {
    "postgres": f"SELECT repeat('x', {HUGE})",
    "sqlite": f"SELECT hex(zeroblob({HUGE // 2}))",
    # No server is asked for more than its packets may hold: 16 MiB by default.
    "mysql": f"SELECT repeat('x', {15 * MIB})",
}


def _peak_from_now_on() -> None:
    """Have the system begin anew with the most memory that this process had."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (found,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024


@pytest.mark.parametrize("technology", _VALUES)
async def test_a_huge_value_is_not_brought(
    request: pytest.FixtureRequest, make: Make, technology: str
) -> None:
    place = request.getfixturevalue(f"{technology}_place")
    connector = make("sql", **place, config={"timeout_seconds": 300})
    await connector.query("SELECT 1")  # the driver is loaded
    _peak_from_now_on()
    before = _peak_bytes()
    with pytest.raises(ConnectorError) as told:
        await connector.query(_VALUES[technology])
    assert told.value.code == "too_large"
    assert _peak_bytes() - before < 64 * MIB
    assert (await connector.query("SELECT 1")).rows == ((1,),)


async def test_a_huge_value_that_a_change_returns_is_not_brought(
    make: Make, postgres_place: dict[str, Any]
) -> None:
    connector = make("sql", **postgres_place, config={"timeout_seconds": 300})
    _peak_from_now_on()
    before = _peak_bytes()
    with pytest.raises(ConnectorError) as told:
        await connector.execute(
            "UPDATE orders SET note = 'x' WHERE id = 1 RETURNING repeat('x', :huge)", {"huge": HUGE}
        )
    assert told.value.code == "too_large", told.value.message
    assert _peak_bytes() - before < 64 * MIB
    kept = await connector.query("SELECT length(note) FROM orders WHERE id = 1")
    assert kept.rows == ((100,),)


async def test_rows_before_a_huge_one_are_kept(make: Make, postgres_place: dict[str, Any]) -> None:
    connector = make("sql", **postgres_place, config={"max_bytes": MIB})
    found = await connector.query(
        "SELECT repeat('x', 300000) FROM generate_series(1, 1000) AS row ORDER BY row"
    )
    assert (len(found.rows), found.truncated) == (3, True)


async def test_what_is_within_a_structure_counts(
    make: Make, postgres_place: dict[str, Any]
) -> None:
    connector = make("sql", **postgres_place, config={"max_bytes": 10_000})
    found = await connector.query(
        "SELECT jsonb_build_object('a', array_fill(repeat('x', 100), ARRAY[20])), row"
        " FROM generate_series(1, 100) AS row"
    )
    assert len(found.rows) < 6
    assert found.truncated


async def test_rows_that_nobody_reads_are_not_brought(make: Make, place: dict[str, Any]) -> None:
    connector = make("sql", **place, config={"max_rows": 10})
    await connector.query("SELECT 1")  # the driver is loaded
    _peak_from_now_on()
    before = _peak_bytes()
    with within(4):
        found = await connector.query("SELECT a.id, b.note FROM orders AS a, orders AS b")
    assert _peak_bytes() - before < 64 * MIB  # all of them are 600 MB
    assert (len(found.rows), found.truncated) == (10, True)
    assert (await connector.query("SELECT count(*) FROM orders")).rows == ((2500,),)


async def test_an_answer_without_rows_has_its_columns(make: Make, place: dict[str, Any]) -> None:
    found = await make("sql", **place).query("SELECT id, note AS text FROM orders WHERE id < 0")
    assert (found.columns, found.rows, found.truncated) == (("id", "text"), (), False)
