"""A query reads, whatever it says: what keeps it from writing is the database itself."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ConnectorError

from .conftest import ROWS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.connectors.conftest import Make


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "/* select */ DROP TABLE orders",
        "-- select\nUPDATE orders SET note = ''",
        "SELECT 1; DELETE FROM orders",
        "SELECT ';'; COMMIT; DELETE FROM orders",
        "",
        "selection",
    ],
)
async def test_a_query_that_does_not_only_read_changes_nothing(
    make: Make, place: dict[str, Any], statement: str
) -> None:
    connector = make("sql", **place)
    with pytest.raises(ConnectorError):
        await connector.query(statement)
    assert (await connector.query("SELECT count(*) FROM orders")).rows == ((ROWS,),)


# What begins as reading statements do, and writes.
_WRITING = {
    "sqlite": ("WITH x AS (SELECT 1) INSERT INTO orders SELECT 9999, 'x' FROM x",),
    "postgres": (
        "WITH gone AS (DELETE FROM orders RETURNING 1) SELECT * FROM gone",
        "SELECT * INTO copied FROM orders",
        "SELECT nextval('counter')",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "EXPLAIN ANALYZE DELETE FROM orders",
        "SELECT emptied()",
    ),
    "mysql": (
        "SELECT emptied()",
        "SELECT * FROM orders INTO OUTFILE '/tmp/lampboard-never'",
        "SELECT note FROM orders LIMIT 1 INTO/**/DUMPFILE '/tmp/lampboard-never'",
        "SELECT nextval(counter)",
        "WITH x AS (SELECT 1) DELETE FROM orders",
    ),
    "duckdb": (
        "WITH x AS (SELECT 1) DELETE FROM orders",
        "SELECT nextval('counter')",
    ),
}
# What a tenant's database may have, for its own reasons.
_PREPARED = {
    "sqlite": (),
    "postgres": (
        "CREATE SEQUENCE counter",
        "CREATE FUNCTION emptied() RETURNS void LANGUAGE sql AS 'DELETE FROM orders'",
    ),
    "mysql": ("CREATE SEQUENCE counter",),
    "duckdb": ("CREATE SEQUENCE counter",),
}


@pytest.mark.parametrize(
    ("technology", "statement"),
    [(name, statement) for name, listed in _WRITING.items() for statement in listed],
)
async def test_a_statement_that_reads_and_writes_is_refused_by_the_database(
    request: pytest.FixtureRequest, make: Make, technology: str, statement: str
) -> None:
    connector = make("sql", **request.getfixturevalue(f"{technology}_place"))
    for prepared in _PREPARED[technology]:
        await connector.execute(prepared)
    with pytest.raises(ConnectorError) as told:
        await connector.query(statement)
    assert told.value.code in {"not_allowed", "statement_failed"}, told.value.message
    assert (await connector.query("SELECT count(*) FROM orders")).rows == ((ROWS,),)


async def test_writing_is_allowed_again_after_a_query(make: Make, place: dict[str, Any]) -> None:
    connector = make("sql", **place)
    await connector.query("SELECT 1")
    assert (await connector.execute("DELETE FROM orders WHERE id = 1")).row_counts == (1,)
    assert (await connector.query("SELECT count(*) FROM orders")).rows == ((ROWS - 1,),)


async def test_a_query_of_duckdb_reads_no_other_file(
    make: Make, duckdb_place: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text("never,to be seen")
    connector = make("sql", **duckdb_place)
    for source in (
        f"read_csv('{tmp_path}/secret.csv')",
        f"'{tmp_path}/secret.csv'",
        "read_csv('http://169.254.169.254/latest')",
    ):
        with pytest.raises(ConnectorError) as told:
            await connector.query(f"SELECT * FROM {source}")  # noqa: S608 - our own
        assert "never" not in told.value.message


async def test_what_postgresql_lets_a_query_do_is_not_kept(
    make: Make, postgres_place: dict[str, Any]
) -> None:
    connector = make("sql", **postgres_place, config={"timeout_seconds": 50})
    with suppress(ConnectorError):  # PostgreSQL 16 refuses it
        await connector.query("SELECT lo_create(4711)")
    await connector.query("SELECT set_config('statement_timeout', '0', false)")
    assert (await connector.query("SELECT count(*) FROM pg_largeobject_metadata")).rows == ((0,),)
    assert (await connector.query("SHOW statement_timeout")).rows == (("50s",),)
