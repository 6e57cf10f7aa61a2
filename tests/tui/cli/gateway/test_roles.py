"""`lampboard gateway role-sql`, as an operator calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run


def test_statements_are_printed_ready_to_run(run: Run) -> None:
    done = run("gateway", "role-sql", "reader", "--schema", "public", "--connect-to", "shop")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0].startswith('CREATE ROLE "reader" LOGIN NOSUPERUSER')
    assert 'GRANT CONNECT ON DATABASE "shop" TO "reader";' in lines
    assert all(line.endswith(";") for line in lines[:-1])
    assert lines[-1].startswith("-- ")


def test_mysql_has_its_own(run: Run) -> None:
    done = run("gateway", "role-sql", "reader", "--dialect", "mysql", "--table", "shop.orders")
    assert "GRANT SELECT ON `shop`.`orders` TO `reader`@'%';" in done.out


def test_files_need_no_role(run: Run) -> None:
    done = run("gateway", "role-sql", "reader", "--dialect", "duckdb")
    assert (done.code, done.out[:21]) == (0, "-- DuckDB has no role")


def test_json_has_the_statements(run: Run) -> None:
    done = run("gateway", "role-sql", "reader", "--schema", "public", "-o", "json")
    assert done.json["dialect"] == "postgres"
    assert done.json["statements"][0].startswith("CREATE ROLE")


def test_nothing_to_read_is_refused(run: Run) -> None:
    done = run("gateway", "role-sql", "reader")
    assert done.code == 2
    assert "may read" in done.err
