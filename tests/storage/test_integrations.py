from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import paging, revisions
from storage.errors import Conflict, StaleWrite, StorageError
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.integrations import IntegrationRow, IntegrationsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def names(page: paging.Page) -> list[str]:
    return [row.name for row in page.rows]


def test_what_is_stored_comes_back(database: Database) -> None:
    row = IntegrationRow(
        id="1",
        tenant_id="acme",
        name="Große Lampe",
        provider_type="bedrock",
        status="created",
        created_at=NOW,
        credential_ref="env://KEY",
        base_url="http://127.0.0.1:9/v1",
        config={"region": "eu-central-1", "n": 1},
        default_model="m",
        budget_limit_cents=2**40,
        token_limit_month=2**50,
        rate_limit_rpm=60,
        interval_s=30,
        created_by="ann",
    )
    with database.write() as connection:
        number = IntegrationsDriver(connection).insert(row, active=False, interval_s=60)
    with database.read() as connection:
        found = IntegrationsDriver(connection).get("acme", "1")
        many = IntegrationsDriver(connection).get_many(["1", "2"])
        target = HealthDriver(connection).target("integration", "1")
    assert many == {"1": row}
    assert found is not None
    assert found.config == {"region": "eu-central-1", "n": 1}
    assert (found.number, found.state, found.active, found.version) == (number, "unknown", False, 1)
    assert target is not None
    assert (target.interval_s, target.due_at, target.technology) == (30, None, "bedrock")


def test_another_tenants_id_is_a_missing_one(database: Database, add: Callable[..., int]) -> None:
    add("gpt", tenant="other")
    with database.write() as connection:
        driver = IntegrationsDriver(connection)
        assert driver.get("acme", "id-other-gpt") is None
        assert driver.update("acme", "id-other-gpt", {"status": "x"}) is None
        assert driver.soft_delete("acme", "id-other-gpt", at=NOW) is False
        assert driver.get("other", "id-other-gpt") is not None


def test_a_name_is_taken_in_any_case_until_its_owner_is_deleted(
    database: Database, add: Callable[..., int]
) -> None:
    add("GPT")
    with pytest.raises(Conflict) as caught:
        add("gpt")
    assert caught.value.field == "name"
    add("gpt", tenant="other")
    with database.write() as connection:
        assert IntegrationsDriver(connection).soft_delete("acme", "id-acme-GPT", at=NOW)
    add("gpt")
    with database.read() as connection:
        assert IntegrationsDriver(connection).get("acme", "id-acme-GPT") is None
        assert IntegrationsDriver(connection).count("acme") == 1


def test_a_change_reaches_the_target_too(database: Database, add: Callable[..., int]) -> None:
    number = add("gpt")
    later = NOW + timedelta(hours=1)
    changes = {
        "name": "Claude",
        "provider_type": "anthropic",
        "status": "disabled",
        "updated_at": later,
        "active": False,
        "due_at": None,
        "check_interval_s": 120,
        "config": {"a": 1},
    }
    with database.write() as connection:
        found = IntegrationsDriver(connection).update("acme", "id-acme-gpt", changes)
    assert found is not None
    assert (found.version, found.name, found.config) == (2, "Claude", {"a": 1})
    with database.read() as connection:
        target = HealthDriver(connection).target_by_number(number)
        assert target is not None
        assert (target.name, target.technology, target.status) == (
            "Claude",
            "anthropic",
            "disabled",
        )
        assert (target.active, target.due_at, target.interval_s) == (False, None, 120)
        term = Term(value="CLAUDE")
        assert IntegrationsDriver(connection).count("acme", terms=[term]) == 1


def test_a_stale_change_is_refused(database: Database, add: Callable[..., int]) -> None:
    add("gpt")
    with database.write() as connection:
        driver = IntegrationsDriver(connection)
        assert driver.update("acme", "id-acme-gpt", {"status": "a"}, expected_version=1)
        with pytest.raises(StaleWrite):
            driver.update("acme", "id-acme-gpt", {"status": "b"}, expected_version=1)
        with pytest.raises(KeyError):
            driver.update("acme", "id-acme-gpt", {"version": 9})


def test_a_refused_change_leaves_nothing_behind(
    database: Database, add: Callable[..., int]
) -> None:
    add("gpt")
    add("claude")
    with pytest.raises(Conflict), database.write() as connection:  # noqa: PT012  (the same)
        driver = IntegrationsDriver(connection)
        driver.update("acme", "id-acme-gpt", {"status": "disabled"})
        driver.update("acme", "id-acme-gpt", {"name": "CLAUDE"})
    with database.read() as connection:
        found = IntegrationsDriver(connection).get("acme", "id-acme-gpt")
        assert found is not None
        assert found.status == "enabled"


@pytest.mark.parametrize(
    "sort", ["name", "provider", "status", "health", "latency", "checked", "created"]
)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_meet_in_every_order(
    database: Database, add: Callable[..., int], sort: str, *, descending: bool
) -> None:
    numbers = [
        add(
            f"thing {place}",
            provider_type=("openai", "google")[place % 2],
            created_at=NOW + timedelta(seconds=place % 3),
        )
        for place in range(11)
    ]
    states = ["healthy", "failing", "degraded", "unknown"]
    with database.write() as connection:
        HealthDriver(connection).record(
            [
                CheckRow(
                    target_number=number,
                    checked_at=NOW + timedelta(seconds=place % 4),
                    state=states[place % 4],
                    latency_ms=place % 3 + 0.1,
                )
                for place, number in enumerate(numbers[:8])
            ]
        )

    def page(anchor: paging.Anchor, limit: int = 4) -> paging.Page:
        with database.read() as connection:
            return IntegrationsDriver(connection).page(
                "acme", sort=sort, descending=descending, anchor=anchor, limit=limit
            )  # type: ignore[arg-type]

    whole = page(paging.start(), 100)
    assert len(whole.rows) == 11
    assert list(whole.keys) == sorted(whole.keys, reverse=descending)
    assert page(paging.end()).rows == whole.rows[-4:]
    assert page(paging.at(5)).rows == whole.rows[5:9]
    for place, key in enumerate(whole.keys):
        assert page(paging.after(key)).rows == whole.rows[place + 1 : place + 5]
        assert page(paging.before(key)).rows == whole.rows[max(0, place - 4) : place]


def test_words_filter_in_any_case(database: Database, add: Callable[..., int]) -> None:
    number = add("GPT Prod")
    add("Straße 50%", provider_type="azure_openai", status="disabled")
    add("eu:prod", provider_type="google")
    with database.write() as connection:
        row = CheckRow(target_number=number, checked_at=NOW, state="failing", error="http_500")
        HealthDriver(connection).record([row])

    def found(*terms: Term, **given: str) -> list[str]:
        with database.read() as connection:
            driver = IntegrationsDriver(connection)
            page = driver.page("acme", terms=terms, **given)  # type: ignore[arg-type]
            assert driver.count("acme", terms=terms, **given) == len(page.rows)  # type: ignore[arg-type]
            return names(page)

    assert found(Term(value="PROD")) == ["eu:prod", "GPT Prod"]
    assert found(Term(value="STRASSE")) == ["Straße 50%"]
    assert found(Term(value="50%")) == ["Straße 50%"]
    assert found(Term(value="%")) == ["Straße 50%"]
    assert found(Term(value="_rod")) == []
    assert found(Term(value="http_5")) == ["GPT Prod"]
    assert found(Term(value="openai")) == ["GPT Prod", "Straße 50%"]
    assert found(Term(field="provider", value="openai")) == ["GPT Prod"]
    assert found(Term(field="provider", value="azure")) == ["Straße 50%"]
    assert found(Term(field="health", value="fail")) == ["GPT Prod"]
    assert found(Term(field="status", value="enabled")) == ["eu:prod", "GPT Prod"]
    assert found(Term(field="status", value="enabled", negated=True)) == ["Straße 50%"]
    assert found(Term(field="error", value="500", negated=True)) == ["eu:prod", "Straße 50%"]
    assert found(Term(field="eu", value="prod")) == ["eu:prod"]
    assert found(Term(value="prod"), Term(value="gpt", negated=True)) == ["eu:prod"]
    assert found(Term(value="'; DROP TABLE targets; --\ud800\0")) == []
    assert found(status="disabled") == ["Straße 50%"]
    assert found(technology="google") == ["eu:prod"]


def test_many_at_once(database: Database) -> None:
    rows = [
        IntegrationRow(
            id=str(place),
            tenant_id="acme",
            name=f"n{place}",
            provider_type="custom",
            status="enabled",
            created_at=NOW,
        )
        for place in range(30)
    ]
    with database.write() as connection:
        driver = IntegrationsDriver(connection)
        assert driver.insert_many(rows, active=True, interval_s=60, due_at=NOW) == 30
    with database.read() as connection:
        assert IntegrationsDriver(connection).count("acme") == 30
        assert HealthDriver(connection).due_count(NOW) == 30
        assert revisions.read(connection)["integrations"] == 1
    with pytest.raises(Conflict), database.write() as connection:
        IntegrationsDriver(connection).insert_many(rows, active=True, interval_s=60, due_at=NOW)


def test_rules_of_the_schema_hold(database: Database, add: Callable[..., int]) -> None:
    with pytest.raises(StorageError):
        add("negative", budget_limit_cents=-1)
    with pytest.raises(StorageError):
        add("nobody's", tenant="missing")


def test_text_that_no_database_keeps_is_refused(
    database: Database, add: Callable[..., int]
) -> None:
    with pytest.raises(StorageError):
        add("lone \ud800")
    del database
