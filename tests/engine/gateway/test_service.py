"""The service by itself: what it lets through to the driver, and what it refuses before."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.credentials import Credential
from engine.errors import NotFound
from engine.gateway import (
    ParameterSpec,
    ParameterType,
    QueryTemplate,
    SqlGatewayConfig,
    SqlGatewayError,
    SqlGatewayService,
    SqlInjectionAttemptError,
    SqlQueryRequest,
    TemplateRefused,
    TemplateRegistry,
)
from tests.engine.gateway.conftest import nothing_found

if TYPE_CHECKING:
    from pathlib import Path

    from engine.gateway import SqlQueryResult
    from engine.gateway.executing import Plan

TEMPLATE = QueryTemplate(
    id="t",
    name="By name",
    description="",
    sql="SELECT id FROM orders WHERE who IN (:names) AND id > :least",
    parameters=(
        ParameterSpec("names", ParameterType.STRING_LIST),
        ParameterSpec("least", ParameterType.INTEGER, required=False, default=0),
    ),
)
CONFIG = SqlGatewayConfig(
    id="g", name="orders", connection_string_ref="env://ORDERS", allowed_templates=frozenset({"t"})
)
ATTACK = "x' OR '1'='1' --"


class Noting:
    """A driver that notes what it is asked for, and brings nothing."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.plans: list[Plan] = []
        self.closed = 0

    async def run(self, plan: Plan) -> SqlQueryResult:
        self.plans.append(plan)
        return nothing_found(plan)

    async def close(self) -> None:
        self.closed += 1


class Strings:
    """Gives one connection string for any reference."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.asked: list[str] = []

    async def get(self, credential_ref: str) -> Credential:
        self.asked.append(credential_ref)
        return Credential(self.text)


@pytest.fixture
def driver() -> Noting:
    return Noting()


def service(driver: Noting, *templates: QueryTemplate, **config: Any) -> SqlGatewayService:
    known = {one.id: one for one in templates or (TEMPLATE,)}
    return SqlGatewayService(replace(CONFIG, **config), known, Strings(), driver)


async def test_values_are_coerced_and_bounds_are_the_narrower(driver: Noting) -> None:
    narrow = replace(TEMPLATE, max_rows=5, timeout_seconds=2.0)
    found = service(driver, narrow, max_rows=10, timeout_seconds=1.0)
    assert found.id == "g"
    await found.execute("t", {"names": ["a", "b"]}, "acme")
    (plan,) = driver.plans
    assert plan.values == {"names": ("a", "b"), "least": 0}
    assert plan.order == ("names", "least")
    assert (plan.max_rows, plan.timeout_seconds) == (5, 1.0)
    assert plan.max_result_bytes == CONFIG.max_result_bytes


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, "missing_parameter"),
        (None, "missing_parameter"),
        ({"names": ["a"], "other": 1}, "unknown_parameter"),
        ({"names": "a"}, "invalid_parameter"),
        ({"names": ["a"], "least": True}, "invalid_parameter"),
        (["names"], "invalid_parameter"),
    ],
)
async def test_a_wrong_value_never_reaches_the_driver(
    driver: Noting, payload: Any, code: str
) -> None:
    with pytest.raises(SqlGatewayError) as caught:
        await service(driver).execute("t", payload)
    assert caught.value.code == code
    assert not driver.plans


async def test_what_is_not_allowed_or_not_there_or_anothers_looks_the_same(driver: Noting) -> None:
    other = replace(TEMPLATE, id="other")
    cases = (
        (service(driver, TEMPLATE, other), "other", None),
        (service(driver), "missing", None),
        (service(driver, allowed_templates=frozenset({"missing"})), "missing", None),
        (service(driver, tenant_id="acme"), "t", "other"),
        (service(driver, tenant_id="acme"), "t", None),
    )
    told = set()
    for found, action, tenant in cases:
        with pytest.raises(NotFound) as caught:
            await found.execute(action, {"names": ["a"]}, tenant)
        told.add(str(caught.value))
    assert len(told) == 1
    await service(driver, tenant_id="acme").execute("t", {"names": ["a"]}, "acme")


async def test_a_text_that_looks_like_an_injection_is_an_alarm_also_in_a_list(
    driver: Noting,
) -> None:
    with pytest.raises(SqlInjectionAttemptError) as caught:
        await service(driver).execute("t", {"names": ["fine", ATTACK]})
    assert caught.value.field == "names"
    assert ATTACK not in str(caught.value.to_dict())
    assert not driver.plans
    await service(driver, tripwire=False).execute("t", {"names": ["fine", ATTACK]})
    assert driver.plans[0].values["names"] == ("fine", ATTACK)


async def test_a_long_text_is_looked_at_too(driver: Noting) -> None:
    with pytest.raises(SqlInjectionAttemptError):
        await service(driver).execute("t", {"names": ["a" * 30_000, ATTACK]})


@pytest.mark.parametrize(
    "sql", ["DELETE FROM orders", "SELECT 1; SELECT 2", "SELECT :names, :least, :more", "SELECT 1"]
)
async def test_a_statement_is_judged_before_its_first_run(driver: Noting, sql: str) -> None:
    with pytest.raises(TemplateRefused) as caught:
        await service(driver, replace(TEMPLATE, sql=sql)).execute("t", {"names": ["a"]})
    assert not caught.value.verdict.accepted
    assert not driver.plans


async def test_one_judged_once_is_judged_again_when_it_is_another(driver: Noting) -> None:
    known = {"t": TEMPLATE}
    found = SqlGatewayService(CONFIG, known, Strings(), driver)
    await found.execute("t", {"names": ["a"]})
    known["t"] = replace(TEMPLATE, sql="DROP TABLE orders -- :names :least")
    with pytest.raises(TemplateRefused):
        await found.execute("t", {"names": ["a"]})


async def test_only_the_tables_that_were_given_are_read(driver: Noting) -> None:
    known = {"t": TEMPLATE}
    allowed = SqlGatewayService(CONFIG, known, Strings(), driver, tables=("orders",))
    await allowed.execute("t", {"names": ["a"]})
    other = SqlGatewayService(CONFIG, known, Strings(), driver, tables=("customers",))
    with pytest.raises(TemplateRefused):
        await other.execute("t", {"names": ["a"]})


async def test_what_says_that_it_is_not_for_reading_is_refused(driver: Noting) -> None:
    for found in (
        service(driver, replace(TEMPLATE, read_only=False)),
        service(driver, read_only=False),
    ):
        with pytest.raises(SqlGatewayError) as caught:
            await found.execute("t", {"names": ["a"]})
        assert caught.value.code == "not_reading"
    assert not driver.plans


async def test_a_request_may_name_the_version(driver: Noting) -> None:
    registry = TemplateRegistry("sqlite")
    registry.register(TEMPLATE)
    newer = registry.register(replace(TEMPLATE, max_rows=1))
    assert newer.version == 2
    assert registry.versions("t") == (2, 1)
    found = SqlGatewayService(CONFIG, registry, Strings(), driver)
    await found.execute("t", {"names": ["a"]})
    await found.execute("t", SqlQueryRequest("t", {"names": ["a"]}, version=1))
    assert [plan.version for plan in driver.plans] == [2, 1]
    with pytest.raises(NotFound):
        await found.execute("t", SqlQueryRequest("t", {"names": ["a"]}, version=3))
    with pytest.raises(NotFound):
        await service(driver).execute("t", SqlQueryRequest("t", {"names": ["a"]}, version=9))


def test_a_registry_takes_nothing_that_is_refused() -> None:
    registry = TemplateRegistry("postgres", tables=("orders",))
    for sql in ("DELETE FROM orders", "SELECT * FROM customers WHERE :names = :least"):
        with pytest.raises(TemplateRefused):
            registry.register(replace(TEMPLATE, sql=sql))
    with pytest.raises(SqlGatewayError):
        registry.register(replace(TEMPLATE, read_only=False))
    assert registry.get("t") is None
    with pytest.raises(SqlGatewayError):
        TemplateRegistry("cobol")


async def test_a_connection_string_is_asked_for_by_its_reference_and_once(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE orders (id INTEGER, who TEXT)")
        made.execute("INSERT INTO orders VALUES (1, 'ann'), (2, 'bob')")
    made.close()
    strings = Strings(f"sqlite:///{path}")
    found = SqlGatewayService(CONFIG, {"t": TEMPLATE}, strings)
    for _ in range(2):
        result = await found.execute("t", {"names": ["bob"]})
        assert result.rows == ((2,),)
    assert strings.asked == ["env://ORDERS"]
    await found.aclose()
    await found.aclose()


async def test_a_gateway_without_a_connection_string_says_so() -> None:
    config = replace(CONFIG, connection_string_ref=None)
    with pytest.raises(SqlGatewayError) as caught:
        await SqlGatewayService(config, {"t": TEMPLATE}, Strings()).execute("t", {"names": ["a"]})
    assert caught.value.code == "not_configured"


async def test_a_driver_that_was_given_stays_open(driver: Noting) -> None:
    await service(driver).aclose()
    assert not driver.closed
