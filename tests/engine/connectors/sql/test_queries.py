from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError
from tests.timing import within

from .conftest import ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.connectors.conftest import Make


async def test_rows_come_by_named_values(make: Make, place: dict[str, Any]) -> None:
    result = await make("sql", **place).query(
        "SELECT id, note FROM orders WHERE id < :limit ORDER BY id", {"limit": 2}
    )
    assert result.columns == ("id", "note")
    assert result.rows == ((0, "n" * 100), (1, "n" * 100))
    assert not result.truncated


async def test_rows_are_capped_and_said_to_be(make: Make, place: dict[str, Any]) -> None:
    result = await make("sql", **place, config={"max_rows": 100}).query("SELECT * FROM orders")
    assert (len(result.rows), result.truncated) == (100, True)


async def test_bytes_are_capped_and_said_to_be(make: Make, place: dict[str, Any]) -> None:
    result = await make("sql", **place, config={"max_bytes": 5_000}).query("SELECT * FROM orders")
    assert 30 < len(result.rows) < 50
    assert result.truncated


async def test_as_many_rows_as_are_allowed_are_not_called_more(
    make: Make, place: dict[str, Any]
) -> None:
    connector = make("sql", **place, config={"max_rows": ROWS})
    result = await connector.query("SELECT * FROM orders")
    assert (len(result.rows), result.truncated) == (ROWS, False)


async def test_a_change_is_kept_and_counted(make: Make, place: dict[str, Any]) -> None:
    connector = make("sql", **place)
    result = await connector.execute("UPDATE orders SET note = :note WHERE id < 3", {"note": "x"})
    assert result.row_counts == (3,)
    found = await connector.query("SELECT count(*) FROM orders WHERE note = 'x'")
    assert found.rows == ((3,),)


async def test_a_transaction_is_all_or_nothing(make: Make, place: dict[str, Any]) -> None:
    connector = make("sql", **place)
    insert = "INSERT INTO orders VALUES (:id, 'new')"
    with pytest.raises(ConnectorError):
        await connector.transaction([(insert, {"id": 9000}), (insert, {"id": 9000})])
    assert (await connector.query("SELECT count(*) FROM orders")).rows == ((ROWS,),)
    await connector.transaction([(insert, {"id": 9000}), (insert, {"id": 9001})])
    assert (await connector.query("SELECT count(*) FROM orders")).rows == ((ROWS + 2,),)


async def test_tables_are_discovered_with_their_columns(make: Make, place: dict[str, Any]) -> None:
    found = await make("sql", **place).discover()
    assert [table["name"] for table in found.found["tables"]] == ["orders"]
    names = [column["name"] for column in found.found["tables"][0]["columns"]]
    assert names == ["id", "note"]


async def test_an_endless_query_ends_with_its_time(make: Make, place: dict[str, Any]) -> None:
    connector = make("sql", **place, config={"timeout_seconds": 1})
    # Some 10^10 rows to be made: hours.
    endless = "SELECT max(length(concat(a.note, b.note, c.id))) FROM orders a, orders b, orders c"
    if place["technology"] == "sqlite":
        endless = endless.replace("concat(a.note, b.note, c.id)", "a.note || b.note || c.id")
    with within(4), pytest.raises(ConnectorError) as told:
        await connector.query(endless)
    assert told.value.code in {"timeout", "statement_failed"}
    await connector.close()
    connector = make("sql", **place)
    assert (await connector.query("SELECT 1")).rows == ((1,),)


async def test_a_failing_statement_tells_why_without_its_values(
    make: Make, place: dict[str, Any]
) -> None:
    with pytest.raises(ConnectorError) as told:
        await make("sql", **place).query(
            "SELECT nope FROM orders WHERE note = :n", {"n": "secret-n"}
        )
    assert told.value.code == "statement_failed"
    assert "nope" in told.value.message
    assert "secret-n" not in f"{told.value!r} {told.value.hint}"


async def test_a_database_that_is_not_there_is_told_as_its_check_tells_it(
    make: Make, postgres_place: dict[str, Any]
) -> None:
    connector = make("sql", **{**postgres_place, "database": "lampboard_nope"})
    with pytest.raises(ConnectorError) as told:
        await connector.query("SELECT 1")
    assert told.value.code == "not_found"


async def test_a_file_that_is_not_there_is_not_made(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "nope.db"
    with pytest.raises(ConnectorError) as told:
        await make("sql", "sqlite", database=str(path)).query("SELECT 1")
    assert told.value.code == "not_found"
    assert not path.exists()


async def test_a_metadata_address_is_never_connected_to(make: Make) -> None:
    with pytest.raises(ConnectorError) as told:
        await make("sql", "postgresql", host="169.254.169.254").query("SELECT 1")
    assert told.value.code == "address_blocked"


async def test_a_silent_server_is_waited_for_no_longer_than_allowed(make: Make) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        connector = make("sql", "mysql", host="127.0.0.1", port=port, config={"timeout_seconds": 1})
        with within(4), pytest.raises(ConnectorError) as told:
            await asyncio.wait_for(connector.query("SELECT 1"), 60)
    assert told.value.code == "timeout"
