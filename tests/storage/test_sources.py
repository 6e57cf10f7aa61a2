from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from storage import paging, revisions
from storage.errors import Conflict, StaleWrite
from storage.filters import Term
from storage.health import CheckRow, HealthDriver
from storage.references import ReferencesDriver
from storage.sources import SourceRow, SourcesDriver
from storage.things import Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SORTS = get_args(Sort)
WHOLE = SourceRow(
    id="1",
    tenant_id="acme",
    name="Große Quelle",
    type="vector",
    technology="qdrant",
    status="pending",
    created_at=NOW,
    description="what customers asked",
    config={"host": "db.example", "port": 6333, "options": {"deep": [1, 2]}},
    secrets={"api_key": "encrypted://k", "oauth_config.client_secret": "env://S"},
    tags=("PII", "prod"),
    metadata={"team": "search"},
    access_roles=("dba", "on call"),
    owner_id="Ann",
    interval_s=30,
    created_by="bob",
)


def test_what_is_stored_comes_back(database: Database) -> None:
    with database.write() as connection:
        number = SourcesDriver(connection).insert(WHOLE, active=False, interval_s=60)
    with database.read() as connection:
        driver = SourcesDriver(connection)
        found = driver.get("acme", "1")
        assert driver.get_many(["1", "2"]) == {"1": WHOLE}
        assert driver.get_by_name("acme", "GROSSE QUELLE") == found == driver.get(None, "1")
        assert driver.get("other", "1") is None
        assert driver.page("acme").rows == (found,)
    assert found is not None
    for name in (field.name for field in fields(SourceRow)):
        assert getattr(found, name) == getattr(WHOLE, name)
    assert (found.number, found.state, found.active, found.passes) == (number, "unknown", False, 0)


def test_many_at_once_are_as_those_added_one_by_one(database: Database) -> None:
    with database.write() as connection:
        driver = SourcesDriver(connection)
        assert driver.insert_many([WHOLE], active=True, interval_s=60, due_at=NOW) == 1
        assert driver.get_many(["1"]) == {"1": WHOLE}
        assert driver.count("acme", tag="pii", terms=[Term(field="owner", value="an")]) == 1
        assert len(ReferencesDriver(connection).used_by("acme", "env://S")) == 1
        assert HealthDriver(connection).due_count(NOW) == 1


def test_words_find_what_they_name_and_nothing_else(
    database: Database, add_source: Callable[..., int]
) -> None:
    add_source("a", type="vector", technology="qdrant", tags=("PII", "Old Data"), owner_id="ann")
    add_source("b #pii @ann", type="vector", technology="pgvector", tags=("piiless",))
    add_source("c", status="pending", owner_id="Anna", tags=("prod",))

    def found(*terms: Term, **given: str) -> str:
        with database.read() as connection:
            driver = SourcesDriver(connection)
            page = driver.page("acme", terms=terms, **given)  # type: ignore[arg-type]
            assert driver.count("acme", terms=terms, **given) == len(page.rows)  # type: ignore[arg-type]
            return "".join(row.name[0] for row in page.rows)

    def term(field: str, value: str, *, negated: bool = False) -> Term:
        return Term(field=field, value=value, negated=negated)

    assert found(term("tag", "pii")) == "ab"
    assert found(term("tag", "pii", negated=True)) == "c"
    assert found(term("tag", "old d")) == "a"
    assert found(tag="Pii") == "a"
    assert found(tag="pi") == ""
    assert found(term("owner", "ANN")) == "ac"
    assert found(term("type", "vec"), term("technology", "pg")) == "b"
    assert found(type="vector", technology="qdrant", status="active") == "a"
    assert found(term("type", "vector"), term("status", "active", negated=True)) == ""
    assert found(term("type", "vector", negated=True), term("owner", "ann")) == "c"
    assert found(Term(value="#pii")) == "ab"
    assert found(Term(value="qdrant")) == "a"


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_meet_in_every_order(
    database: Database, add_source: Callable[..., int], sort: str, *, descending: bool
) -> None:
    numbers = [
        add_source(
            f"thing {place}",
            type=("database", "vector")[place % 2],
            technology=("mysql", "qdrant", "oracle")[place % 3],
            owner_id=(None, "Zoe", "ann")[place % 3],
            status=("active", "pending")[place % 2],
        )
        for place in range(7)
    ]
    results = [
        CheckRow(
            target_number=number,
            checked_at=NOW + timedelta(seconds=number % 3),
            state=("healthy", "failing")[number % 2],
            latency_ms=number % 3 + 0.5,
        )
        for number in numbers[:5]
    ]
    with database.write() as connection:
        HealthDriver(connection).record(results)

    def page(anchor: paging.Anchor, limit: int = 3) -> paging.Page:
        with database.read() as connection:
            return SourcesDriver(connection).page(
                "acme", sort=sort, descending=descending, anchor=anchor, limit=limit
            )

    whole = page(paging.start(), 100)
    assert len(whole.rows) == 7
    assert list(whole.keys) == sorted(whole.keys, reverse=descending)
    assert page(paging.end()).rows == whole.rows[-3:]
    for place, key in enumerate(whole.keys):
        assert page(paging.after(key)).rows == whole.rows[place + 1 : place + 4]
        assert page(paging.before(key)).rows == whole.rows[max(0, place - 3) : place]


def test_a_change_reaches_lists_and_the_uses_of_secrets(database: Database) -> None:
    changes = {
        "name": "New",
        "status": "inactive",
        "tags": ("other",),
        "owner_id": None,
        "secrets": {"password": "encrypted://new"},
        "config": {},
        "active": False,
        "due_at": None,
        "check_interval_s": 90,
        "last_error": "x",
    }
    with database.write() as connection:
        driver = SourcesDriver(connection)
        driver.insert(WHOLE, active=True, interval_s=60, due_at=NOW)
        found = driver.update("acme", "1", changes, expected_version=1)
        assert found is not None
        assert (found.version, found.name, found.status) == (2, "New", "inactive")
        assert (found.tags, found.owner_id, found.last_error) == (("other",), None, "x")
        assert driver.count("acme", tag="other", status="inactive") == 1
        assert driver.count("acme", terms=[Term(field="owner", value="ann")]) == 0
        credentials = ReferencesDriver(connection)
        assert credentials.used_by("acme", "encrypted://k") == ()
        (user,) = credentials.used_by("acme", "encrypted://new")
        assert (user.kind, user.id, user.name) == ("source", "1", "New")
        target = HealthDriver(connection).target("source", "1")
        assert target is not None
        assert (target.interval_s, target.type, target.status) == (90, "vector", "inactive")
        with pytest.raises(StaleWrite, match="This source was changed"):
            driver.update("acme", "1", {"tags": ()}, expected_version=1)
        with pytest.raises(KeyError):
            driver.update("acme", "1", {"deleted_at": NOW})


def test_one_secret_in_two_fields_is_one_use(
    database: Database, add_source: Callable[..., int]
) -> None:
    add_source("a", secrets={"password": "env://X", "api_key": "env://X"})
    add_source("b", tenant="other", secrets={"password": "env://X"})
    with database.read() as connection:
        (user,) = ReferencesDriver(connection).used_by("acme", "env://X")
        assert user.name == "a"


def test_a_name_is_taken_within_its_kind(
    database: Database, add: Callable[..., int], add_source: Callable[..., int]
) -> None:
    add("same")
    add_source("same")
    with pytest.raises(Conflict) as caught:
        add_source("Same")
    assert caught.value.field == "name"
    with database.write() as connection:
        assert SourcesDriver(connection).soft_delete("acme", "same", NOW)
    add_source("Same")


def test_deletion_keeps_the_story_and_frees_the_secrets(
    database: Database, add_source: Callable[..., int]
) -> None:
    number = add_source("a", secrets={"password": "encrypted://k"})
    add_source("b")
    add_source("c", tenant="other")
    with database.write() as connection:
        HealthDriver(connection).record(
            [CheckRow(target_number=number, checked_at=NOW, state="healthy")]
        )
        driver = SourcesDriver(connection)
        assert not driver.soft_delete("other", "a", NOW)
        assert driver.soft_delete("acme", "a", NOW)
        assert not driver.soft_delete("acme", "a", NOW)
        assert driver.get("acme", "a") is None
        assert ReferencesDriver(connection).used_by("acme", "encrypted://k") == ()
        assert len(HealthDriver(connection).transitions("acme")) == 1
        assert driver.delete_all("acme", NOW) == 1
        assert (driver.count("acme"), driver.count("other"), driver.count(None)) == (0, 1, 1)
        assert driver.delete_all(None, NOW) == 1
        assert driver.count(None) == 0
        assert HealthDriver(connection).next_due() is None


def test_statistics(database: Database, add_source: Callable[..., int]) -> None:
    numbers = [add_source("a"), add_source("b", type="vector", status="pending")]
    add_source("c", tenant="other")
    with database.write() as connection:
        driver = SourcesDriver(connection)
        states = ("healthy", "failing", "degraded")
        for place, state in enumerate(states):
            at = NOW + timedelta(seconds=place)
            checks = [CheckRow(target_number=n, checked_at=at, state=state) for n in numbers]
            HealthDriver(connection).record(checks)
        found = driver.statistics("acme")
        assert (found.total, found.passes, found.failures) == (2, 4, 2)
        assert found.by_status == {"active": 1, "pending": 1}
        assert found.by_type == {"database": 1, "vector": 1}
        assert driver.statistics(None).total == 3
        none = driver.statistics("missing")
        assert (none.total, none.by_type, none.passes) == (0, {}, 0)


def test_a_screen_is_told_of_each_change(
    database: Database, add_source: Callable[..., int]
) -> None:
    add_source("a")
    with database.read() as connection:
        before = revisions.read(connection)
    with database.write() as connection:
        SourcesDriver(connection).update("acme", "a", {"description": "new"})
    with database.read() as connection:
        after = revisions.read(connection)
    assert {name for name in after if after[name] != before[name]} == {"sources"}
