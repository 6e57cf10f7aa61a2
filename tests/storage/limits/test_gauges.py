"""Pages of gauges in any order and with any words, and writing what was reckoned."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import paging, revisions
from storage.filters import Term
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.limits.gauges import GaugesDriver, Reckoned
from storage.limits.meters import MetersDriver
from storage.limits.rows import GaugeRow, Sort
from storage.tables import series

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
STATES = ("over", "warned", "ok", "unmeasured", "unlimited")
KEYS: dict[str, Callable[[GaugeRow], object]] = {
    "urgency": lambda row: row.urgency,
    "name": lambda _row: "",
    "percent": lambda row: row.percent,
    "used": lambda row: row.used,
    "limit": lambda row: row.limit_value,
}


@pytest.fixture
def filled(database: Database) -> Database:
    """Forty integrations and their provider, reckoned at random; ties are many."""
    chance = random.Random(7)  # noqa: S311  (the same in every run)
    rows = [
        IntegrationRow(
            id=f"i{place}",
            tenant_id="acme" if place % 4 else "other",
            name=f"N{place % 15}-{place // 15}",
            provider_type=("openai", "anthropic")[place % 2],
            status="enabled",
            created_at=NOW,
            token_limit_month=place % 3,
        )
        for place in range(40)
    ]
    with database.write() as connection:
        IntegrationsDriver(connection).insert_many(rows, active=False, interval_s=60, due_at=NOW)
        driver = GaugesDriver(connection)
        MetersDriver(connection).ensure("acme", "provider", "openai", name="openai", now=NOW)
        found = driver.page(None, sort="name", limit=1000).rows
        driver.reckon(
            [
                Reckoned(
                    meter_number=row.meter_number,
                    measure=row.measure,
                    state=chance.choice(STATES),
                    used=chance.randrange(4),
                    percent=chance.randrange(4) / 2 - 1,
                    urgency=chance.randrange(-5, 5),
                )
                for row in found
            ],
            NOW,
        )
    return database


def page(database: Database, **values: Any) -> list[GaugeRow]:
    with database.read() as connection:
        return list(GaugesDriver(connection).page("acme", limit=1000, **values).rows)


@pytest.mark.parametrize("sort", get_args(Sort))
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_is_whole_and_pages_follow_each_other(
    filled: Database, sort: Sort, descending: bool
) -> None:
    found = page(filled, sort=sort, descending=descending)
    expected = sorted(
        page(filled, sort="name"),
        key=lambda row: (KEYS[sort](row), row.name.casefold(), row.number),
        reverse=descending,
    )
    assert found == expected
    forward: list[GaugeRow] = []
    anchor = paging.start()
    with filled.read() as connection:
        driver = GaugesDriver(connection)
        while rows := (
            part := driver.page("acme", sort=sort, descending=descending, anchor=anchor, limit=7)
        ).rows:
            forward += rows
            anchor = paging.after(part.keys[-1])
        last = driver.page("acme", sort=sort, descending=descending, anchor=paging.end(), limit=7)
        before = driver.page(
            "acme", sort=sort, descending=descending, anchor=paging.before(last.keys[0]), limit=7
        )
        middle = driver.page("acme", sort=sort, descending=descending, anchor=paging.at(9), limit=7)
    assert forward == found
    assert [*before.rows, *last.rows] == found[-14:]
    assert list(middle.rows) == found[9:16]


@pytest.mark.parametrize(
    ("term", "holds"),
    [
        (Term(value="N3"), lambda row: "n3" in row.name.casefold()),
        (Term(field="name", value="n3"), lambda row: "n3" in row.name.casefold()),
        (Term(field="state", value="over"), lambda row: row.state == "over"),
        (Term(field="status", value="un"), lambda row: row.state.startswith("un")),
        (Term(field="scope", value="prov"), lambda row: row.scope == "provider"),
        (Term(field="measure", value="rate"), lambda row: row.measure == "rate"),
        (Term(field="provider", value="OPENAI"), lambda row: row.provider == "openai"),
        (Term(field="tenant", value="other"), lambda _row: False),
        (Term(value="openai over"), lambda row: row.provider == "openai" and row.state == "over"),
        (Term(value="%"), lambda _row: False),
    ],
    ids=lambda one: f"{one.field}:{one.value}" if isinstance(one, Term) else "",
)
@pytest.mark.parametrize("negated", [False, True])
def test_words_filter_pages_and_counts(
    filled: Database, term: Term, holds: Callable[[GaugeRow], bool], negated: bool
) -> None:
    asked = Term(field=term.field, value=term.value, negated=negated)
    found = page(filled, terms=[asked])
    assert found == [row for row in page(filled) if holds(row) != negated]
    with filled.read() as connection:
        assert GaugesDriver(connection).count("acme", terms=[asked]) == len(found)


def test_scope_and_measure_are_meant_whole(filled: Database) -> None:
    everything = page(filled)
    found = page(filled, scope="integration", measure="tokens")
    wanted = ("integration", "tokens")
    assert found == [row for row in everything if (row.scope, row.measure) == wanted]
    assert page(filled, measure="token") == []
    with filled.read() as connection:
        driver = GaugesDriver(connection)
        assert driver.count("acme", scope="provider") == 3
        assert driver.count(None) == driver.count("acme") + driver.count("other")


def test_a_name_that_reads_like_a_measure_is_no_measure(
    database: Database, add: Callable[..., int]
) -> None:
    add("a budget integration ok over openai")
    assert [row.measure for row in page(database, measure="budget")] == ["budget"]
    assert page(database, scope="model") == []
    assert page(database, terms=[Term(field="state", value="over")]) == []


def use(database: Database, integration: str, model: str, agent: str, tenant: str = "acme") -> None:
    """Says that an integration was called so."""
    with database.write() as connection:
        driver = MetersDriver(connection)
        meter = driver.get(tenant, "integration", integration)
        assert meter is not None
        numbers = {
            f"{scope}_meter": driver.ensure(tenant, scope, subject, name=subject, now=NOW)
            for scope, subject in (("model", model), ("agent", agent))
        }
        connection.execute(
            series.insert().values(
                tenant_id=tenant,
                integration_id=integration,
                provider="openai",
                model=model,
                agent=agent,
                origin="api",
                tenant_meter=0,
                provider_meter=0,
                integration_meter=meter.number,
                **numbers,
            )
        )


def test_models_and_agents_find_their_own_gauges_and_their_callers(
    database: Database, add: Callable[..., int]
) -> None:
    for name in ("a", "b"):
        add(name)
    add("c", tenant="other")
    use(database, "id-acme-a", "GPT-4o", "shop")
    use(database, "id-acme-b", "claude", "shop-2")
    use(database, "id-other-c", "gpt-5", "shop", tenant="other")
    with database.write() as connection:
        driver = MetersDriver(connection)
        number = driver.ensure("acme", "model", "GPT-4o", name="GPT-4o", now=NOW)
        driver.set_limits(number, rate_limit_rpm=1, now=NOW)

    def names(*terms: Term) -> set[str]:
        return {row.name for row in page(database, terms=terms)}

    assert names(Term(field="model", value="gpt")) == {"a", "GPT-4o"}
    assert names(Term(field="agent", value="shop")) == {"a", "b"}
    assert names(Term(field="agent", value="shop-2")) == {"b"}
    assert names(Term(field="model", value="gpt", negated=True)) == {"b"}
    assert names(Term(field="model", value="gpt"), Term(field="name", value="a")) == {"a"}
    with database.read() as connection:
        lister = GaugesDriver(connection)
        assert lister.count(None, terms=[Term(field="model", value="gpt")]) == 9


def test_states_and_the_most_urgent_are_of_the_tenant(filled: Database) -> None:
    rows = page(filled)
    with filled.read() as connection:
        driver = GaugesDriver(connection)
        counted = {state: sum(row.state == state for row in rows) for state in STATES}
        assert driver.states("acme") == {state: n for state, n in counted.items() if n}
        assert sum(driver.states(None).values()) == driver.count(None)
        assert driver.most_urgent("acme") == rows[0]
        assert driver.most_urgent("nobody") is None


def test_a_gauge_that_is_not_there_is_left_out(database: Database) -> None:
    gone = Reckoned(meter_number=99, measure="rate", state="ok", used=1, percent=1.0, urgency=1)
    with database.write() as connection:
        GaugesDriver(connection).reckon([gone], NOW)
        GaugesDriver(connection).reckon([], NOW)
    with database.read() as connection:
        assert GaugesDriver(connection).count(None) == 0
        assert revisions.read(connection)["limits"] == 1


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.builds(
            Term,
            value=st.text(max_size=6) | st.sampled_from(["'", "%", "\ud800", "\0", "N1"]),
            field=st.sampled_from([None, "name", "state", "model", "agent", "none", "provider"]),
            negated=st.booleans(),
        ),
        max_size=3,
    )
)
def test_no_word_breaks_a_list(sqlite: Database, terms: list[Term]) -> None:
    with sqlite.read() as connection:
        driver = GaugesDriver(connection)
        found = driver.page("acme", terms=terms, limit=1000).rows
        assert driver.count("acme", terms=terms) == len(found)
