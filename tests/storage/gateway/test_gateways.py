"""Gateways: one for a source or connector, its caps, its role's password in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.errors import StaleWrite, StorageError
from storage.gateway.gateways import GatewaysDriver
from storage.gateway.templates import TemplatesDriver
from storage.sources import SourcesDriver
from storage.tables import secret_uses
from tests.storage.gateway.conftest import NOW, gateway_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database


def test_a_thing_has_one_gateway(database: Database, add_source: Callable[..., int]) -> None:
    add_source("orders")
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        first = driver.ensure(gateway_row("orders"))
        again = driver.ensure(gateway_row("orders", id="another", max_rows=7))
        assert again == first
        assert len(driver.of_tenant("acme")) == 1


def test_caps_are_changed_by_who_read_the_newest(
    database: Database, add_source: Callable[..., int]
) -> None:
    add_source("orders")
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        row = driver.ensure(gateway_row("orders"))
        driver.change(row, {"max_rows": 5, "tables": ("a", "b"), "updated_at": NOW}, row.version)
        found = driver.get("acme", row.id)
        assert found is not None
        assert (found.gateway.max_rows, found.gateway.tables) == (5, ("a", "b"))
        assert found.gateway.version == 2
        assert driver.get("other", row.id) is None
        with pytest.raises(StaleWrite):
            driver.change(row, {"max_rows": 9}, row.version)


@pytest.mark.parametrize("field", ["max_rows", "max_result_bytes", "timeout_seconds"])
def test_a_cap_is_more_than_nothing(
    database: Database, add_source: Callable[..., int], field: str
) -> None:
    add_source("orders")
    with database.write() as connection:
        row = GatewaysDriver(connection).ensure(gateway_row("orders"))
    with pytest.raises(StorageError), database.write() as connection:
        GatewaysDriver(connection).change(row, {field: 0}, row.version)


def test_the_roles_password_is_in_use_while_it_is_pointed_to(
    database: Database, add_source: Callable[..., int]
) -> None:
    add_source("orders")

    def used() -> list[tuple[str, str]]:
        with database.read() as connection:
            found = connection.execute(secret_uses.select())
            return [(row.kind, row.credential_ref) for row in found]

    with database.write() as connection:
        driver = GatewaysDriver(connection)
        row = driver.ensure(gateway_row("orders"))
        driver.change(row, {"credential_ref": "encrypted://one"}, 1)
    assert used() == [("gateway", "encrypted://one")]
    with database.write() as connection:
        GatewaysDriver(connection).change(row, {"credential_ref": None}, 2)
    assert used() == []


def test_lists_have_every_gateway_by_name_also_of_what_was_deleted(
    database: Database, add_source: Callable[..., int]
) -> None:
    for name in ("b", "a", "c"):
        add_source(name)
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        for name in ("b", "a"):
            driver.ensure(gateway_row(name))
        SourcesDriver(connection).soft_delete("acme", "a", NOW)
        found = driver.of_tenant("acme")
        assert [(row.thing.name, row.thing.retired_at) for row in found] == [
            ("a", NOW),
            ("b", None),
        ]
        assert driver.of_tenant("other") == []


def test_offers_are_the_databases_that_there_are(
    database: Database, add_source: Callable[..., int]
) -> None:
    add_source("orders")
    add_source("snow", technology="snowflake")
    add_source("vectors", type="vector", technology="pgvector")
    add_source("files", type="file", technology="s3")
    add_source("payroll", access_roles=("hr",))
    add_source("theirs", tenant="other")
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        made = driver.ensure(gateway_row("orders"))
        offered = {one.name: one for one in driver.offers("acme", ("pgvector",), roles=())}
        assert list(offered) == ["orders", "snow", "vectors"]
        assert offered["orders"].gateway_id == made.id
        assert offered["snow"].gateway_id is None
        assert [one.name for one in driver.offers("acme", (), word="SNOW")] == ["snow"]
        assert [one.name for one in driver.offers("acme", (), roles=("hr",), limit=2)] == [
            "orders",
            "payroll",
        ]


def test_one_that_was_deleted_is_found_by_nobody_and_makes_room(
    database: Database, add_source: Callable[..., int], template: Callable[..., None]
) -> None:
    template("by-day")
    template("by-month", status="retired")
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        row = driver.ensure(gateway_row("orders"))
        driver.change(row, {"credential_ref": "env://ROLE"}, 1)
        with pytest.raises(StaleWrite):
            driver.delete(row, NOW)
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        found = driver.get("acme", row.id)
        assert found is not None
        driver.delete(found.gateway, NOW)
        gone = TemplatesDriver(connection).delete_over("acme", row.id, NOW)
        assert gone == [("by-day", "by-day", 1), ("by-month", "by-month", 1)]
    with database.write() as connection:
        driver = GatewaysDriver(connection)
        assert driver.get("acme", row.id) is None
        assert driver.of_tenant("acme") == []
        assert [one.gateway_id for one in driver.offers("acme", ())] == [None]
        assert connection.execute(secret_uses.select()).all() == []
        assert TemplatesDriver(connection).count("acme") == 0
        with pytest.raises(StaleWrite):
            driver.change(found.gateway, {"max_rows": 3}, 2)
        again = driver.ensure(gateway_row("orders", id="another"))
        assert again.id == "another"


def test_two_who_make_the_first_gateway_at_once_get_the_same(
    database: Database, add_source: Callable[..., int]
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    add_source("orders")

    def make(number: int) -> str:
        with database.write() as connection:
            return GatewaysDriver(connection).ensure(gateway_row("orders", id=f"g{number}")).id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(make, range(8)))) == 1
