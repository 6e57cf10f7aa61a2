"""What is refused before or while it runs, and how it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput
from engine.gateway.errors import SqlGatewayError
from engine.gateway.executing import driver_for, driver_of_string
from engine.gateway.executing.calling import called, spells_names_out
from engine.probes.place import Place
from tests.engine.gateway.executing.worlds import files_in, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.gateway.executing.pool import PooledDriver
    from engine.workspace import Workspace
    from tests.engine.gateway.executing.worlds import World

NO_QUERY = ["COMMIT", "  ;  ", "SELECT 1; SELECT 2", "DELETE FROM t"]
ERRANT = {
    "postgres": ["SHOW ALL", "SELECT 1 INTO x", "COPY t TO STDOUT", "SELECT a FROM t FOR UPDATE"],
    "mysql": [
        *("SHOW TABLES", "SELECT 1 INTO OUTFILE '/tmp/x'", "SELECT 1 /*! INTO DUMPFILE 'x' */"),
        *("WITH x AS (SELECT 1) UPDATE t SET a = 1", "/* with */ SET GLOBAL general_log = 1"),
    ],
    "sqlite": ["PRAGMA user_version", "ATTACH ':memory:' AS m", "VACUUM INTO '/tmp/x'"],
    "duckdb": ["PRAGMA version", "CREATE TABLE memory.x (a INT)", "COPY t TO '/tmp/x'"],
}
CALLS = {
    "postgres": [
        *('SELECT "pg_sleep"(1)', "SELECT pg_sleep/**/(1)", "SELECT PG_CATALOG . PG_SLEEP\n(1)"),
        *('SELECT U&"pg\\005fsleep"(1)', "SELECT dblink_connect('x')", "SELECT nextval('s')"),
        *("SELECT lo_export(1, '/tmp/x')", "SELECT set_config('role', 'postgres', true)"),
    ],
    "mysql": ["SELECT SLEEP(1)", "SELECT GET_LOCK ('x', 1)", "SELECT load_file('/etc/passwd')"],
    "sqlite": ["SELECT load_extension('x')", "SELECT sqlite_log(1, 'x')"],
    "duckdb": [
        *("SELECT write_log('x')", "SELECT setseed(0.5)", "FROM read_csv('/etc/passwd')"),
        *("FROM checkpoint()", "FROM query('SELECT 1')"),
    ],
}
CALM = {
    "postgres": [
        "SELECT random() < 2, count(*), now(), gen_random_uuid() IS NULL FROM t",
        "SELECT 'pg_sleep' AS a, 'x' AS \"nextval\" FROM t WHERE a IN (1) -- pg_sleep",
        "SELECT round(1.5), coalesce(b, 'x'), pg_relation_size('t') FROM t",
    ],
    "mysql": ["SELECT NOW(), UUID(), COUNT(*), 'sleep' FROM t", "SELECT RAND() AS sleep FROM t"],
    "sqlite": [
        "SELECT random(), upper('a'), count(*) FROM t",
        "SELECT value FROM json_each('[1]')",
    ],
    "duckdb": ["SELECT random(), uuid(), upper('a')", "SELECT * FROM range(3), unnest([1])"],
}


async def test_what_is_no_query_does_not_run(world: World, driver: PooledDriver) -> None:
    before = world.state()
    for sql in [*NO_QUERY, *ERRANT[world.dialect]]:
        with pytest.raises(SqlGatewayError):
            await driver.run(plan(sql))
    assert world.state() == before
    assert (await driver.run(plan("SELECT a FROM t"))).row_count == 3


async def test_functions_that_may_do_more_than_compute_are_not_called(
    world: World, driver: PooledDriver
) -> None:
    for sql in CALLS[world.dialect]:
        with pytest.raises(SqlGatewayError, match=r"may not call|unicode escapes") as caught:
            await driver.run(plan(sql))
        assert caught.value.code == "not_reading"
    for sql in CALM[world.dialect]:
        assert (await driver.run(plan(sql))).columns


async def test_a_superuser_reads_as_one_who_may_only_read(
    world_of: Callable[[str], World],
) -> None:
    driver = world_of("postgres").driver()
    (row,) = (await driver.run(plan("SELECT current_user, current_setting('TimeZone')"))).rows
    assert row == ("pg_read_all_data", "UTC")
    await driver.close()


async def test_errors_of_the_text_are_told_in_the_databases_words(
    world: World, driver: PooledDriver
) -> None:
    for sql in ("SELECT * FROM nowhere_at_all", "SELECT nothing_at_all FROM t"):
        with pytest.raises(SqlGatewayError, match=r"nowhere_at_all|nothing_at_all") as caught:
            await driver.run(plan(sql))
        assert caught.value.code in {"not_found", "statement_failed"}


def test_every_word_that_may_be_called_is_found() -> None:
    sql = 'SELECT a(1), "B" (2), c/**/(3), d -- (\n(4), x.e\n( 5), `f`(6), [g](7), h FROM "i"'
    assert called(sql) >= {"a", "B", "b", "c", "d", "e", "f", "g"}
    assert not {"h", "i"} & called(sql)
    assert spells_names_out('SELECT u&"x"(1)')
    assert not spells_names_out("SELECT u & x(1)")


@pytest.mark.parametrize("technology", ["mongodb", "redis", "mssql", "oracle", "snowflake"])
async def test_a_technology_without_rules_is_refused(workspace: Workspace, technology: str) -> None:
    with pytest.raises(SqlGatewayError, match="no rules") as caught:
        driver_for(Place(technology=technology), workspace.tools())
    assert caught.value.code == "not_offered"


@pytest.mark.parametrize("text", ["mssql://u:secret-1@h/d", "redis://:secret-1@h", "https://h/x"])
async def test_so_is_a_connection_string_that_leads_to_one(text: str) -> None:
    with pytest.raises(SqlGatewayError, match="no rules") as caught:
        driver_of_string(text)
    assert "secret-1" not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(InvalidInput):
        driver_of_string("not a connection string")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_addresses_are_judged_as_those_of_checks_are(scheme: str) -> None:
    driver = driver_of_string(f"{scheme}://user:secret-1@169.254.169.254/x")
    with pytest.raises(SqlGatewayError) as caught:
        await driver.run(plan("SELECT 1"))
    assert caught.value.code == "address_blocked"
    assert "secret-1" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_a_closed_port_is_told(scheme: str, closed_port: int) -> None:
    driver = driver_of_string(f"{scheme}://user:secret-1@127.0.0.1:{closed_port}/x")
    with pytest.raises(SqlGatewayError) as caught:
        await driver.run(plan("SELECT 1"))
    assert caught.value.code in {"refused", "connection_refused"}
    assert "secret-1" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
async def test_a_file_that_is_not_there_is_not_made(scheme: str, tmp_path: Path) -> None:
    driver = driver_of_string(f"{scheme}:///{tmp_path / 'none.db'}")
    with pytest.raises(SqlGatewayError) as caught:
        await driver.run(plan("SELECT 1"))
    assert caught.value.code == "not_found"
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
async def test_a_file_that_is_no_database_is_told(scheme: str, tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("no database " * 1000)
    driver = driver_of_string(f"{scheme}:///{path}")
    with pytest.raises(SqlGatewayError) as caught:
        await driver.run(plan("SELECT 1"))
    assert caught.value.code in {"wrong_protocol", "statement_failed", "open_failed"}
    await driver.close()


async def test_a_check_may_look_at_a_duckdb_file_meanwhile(
    world_of: Callable[[str], World],
) -> None:
    import duckdb

    world = world_of("duckdb")
    driver = world.driver()
    await driver.run(plan("SELECT a FROM t"))
    path = world.url.removeprefix("duckdb:///")
    with duckdb.connect(path, read_only=True, config={"threads": 1}) as other:
        assert other.execute("SELECT count(*) FROM t").fetchone() == (3,)
    assert (await driver.run(plan("SELECT a FROM t"))).row_count == 3
    await driver.close()
