"""Pages of templates in any order and with any words, their versions, and what runs came to."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

import pytest

from storage import paging, revisions
from storage.activity import ActivityDriver, ActivityRow
from storage.errors import Conflict, StaleWrite
from storage.filters import Term
from storage.gateway.rows import Sort, TemplateListRow, VersionRow
from storage.gateway.templates import TemplatesDriver
from storage.sources import SourcesDriver
from tests.storage.gateway.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

KEYS: dict[str, Callable[[TemplateListRow], object]] = {
    "name": lambda _row: "",
    "status": lambda row: row.status,
    "outcome": lambda row: row.last_outcome or "",
    "last_run": lambda row: row.last_run_at or NOW - timedelta(days=9999),
    "runs": lambda row: row.runs,
    "created": lambda row: row.created_at,
}
Filled = tuple["Database", list[str]]


@pytest.fixture
def filled(database: Database, template: Callable[..., None]) -> Database:
    """Thirty templates on three sources, some of them run; ties are many."""
    chance = random.Random(3)  # noqa: S311  (the same in every run)
    for place in range(30):
        template(
            f"T{place % 10}-{place // 10}",
            on=("orders", "billing", "users")[place % 3],
            tenant="other" if place % 7 == 0 else "acme",
            status="retired" if place % 5 == 0 else "active",
            created_at=NOW + timedelta(minutes=chance.randrange(3)),
        )
    with database.write() as connection:
        driver = TemplatesDriver(connection)
        for row in driver.page("acme").rows:
            if chance.random() < 0.5:
                outcome = chance.choice(("ok", "alarm", "truncated"))
                driver.ran("acme", row.id, outcome, NOW + timedelta(hours=chance.randrange(3)))
    return database


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", get_args(Sort))
def test_pages_by_key_are_the_whole_list_in_order(
    filled: Database, sort: Sort, descending: bool
) -> None:
    with filled.read() as connection:
        driver = TemplatesDriver(connection)
        whole = driver.page("acme", sort=sort, descending=descending, limit=1000).rows
        found: list[TemplateListRow] = []
        anchor = paging.start()
        while page := driver.page("acme", sort=sort, descending=descending, anchor=anchor, limit=7):
            found += page.rows
            if len(page.rows) < 7:
                break
            anchor = paging.after(page.keys[-1])
        back = driver.page(
            "acme", sort=sort, descending=descending, anchor=paging.end(), limit=5
        ).rows
        assert driver.count("acme") == len(whole)
    assert found == list(whole)
    assert list(back) == list(whole[-5:])
    keyed = sorted(
        whole, key=lambda row: (KEYS[sort](row), row.name.casefold(), row.number),
        reverse=descending,
    )  # fmt: skip
    assert list(whole) == keyed
    assert {row.tenant_id for row in whole} == {"acme"}
    assert len(whole) == 25


@pytest.mark.parametrize(
    ("term", "fits"),
    [
        (Term(value="t3"), lambda row: "t3" in row.name.lower()),
        (Term(field="name", value="-1"), lambda row: row.name.endswith("-1")),
        (Term(field="status", value="ret"), lambda row: row.status == "retired"),
        (Term(value="retired"), lambda row: row.status == "retired"),
        (Term(field="gateway", value="BILL"), lambda row: row.thing_name == "billing"),
        (Term(field="technology", value="postgres"), lambda _row: True),
        (Term(field="outcome", value="never"), lambda row: row.last_outcome is None),
        (Term(field="outcome", value="alarm"), lambda row: row.last_outcome == "alarm"),
        (Term(field="gateway", value="orders", negated=True), lambda r: r.thing_name != "orders"),
        (Term(field="nothing", value="x"), lambda _row: False),
    ],
)
def test_words(filled: Database, term: Term, fits: Callable[[TemplateListRow], bool]) -> None:
    with filled.read() as connection:
        driver = TemplatesDriver(connection)
        every = driver.page("acme", limit=1000).rows
        found = driver.page("acme", terms=(term,), limit=1000).rows
        assert driver.count("acme", terms=(term,)) == len(found)
    assert list(found) == [row for row in every if fits(row)]


def test_the_tally_is_what_a_list_counts(filled: Database) -> None:
    with filled.read() as connection:
        driver = TemplatesDriver(connection)
        rows = driver.page("acme", limit=1000).rows
        counted = Counter((row.status, row.last_outcome) for row in rows)
        assert {(status, said): count for status, said, count in driver.tally("acme")} == counted
        assert len(counted) > 2
        assert driver.tally("nobody") == []


def test_descriptions_are_searched(database: Database, template: Callable[..., None]) -> None:
    template("a", description="Totals by DAY")
    template("b")
    with database.read() as connection:
        driver = TemplatesDriver(connection)
        found = driver.page("acme", terms=(Term(field="description", value="by day"),)).rows
    assert [row.name for row in found] == ["a"]


def test_a_template_is_found_by_id_and_name_in_its_tenant(
    database: Database, template: Callable[..., None]
) -> None:
    template("Straße")
    with database.read() as connection:
        driver = TemplatesDriver(connection)
        found = driver.get("acme", "Straße")
        assert found is not None
        assert (found.thing.name, found.thing.technology) == ("orders", "postgresql")
        assert driver.get_by_name("acme", "STRASSE") == found
        assert driver.get("other", "Straße") is None
        assert driver.get_by_name("other", "Straße") is None


def test_a_name_is_taken_until_its_owner_is_deleted(
    database: Database, template: Callable[..., None]
) -> None:
    template("Totals")
    with pytest.raises(Conflict):
        template("other-id", name="TOTALS")
    with database.write() as connection:
        driver = TemplatesDriver(connection)
        row = driver.get("acme", "Totals")
        assert row is not None
        driver.change(row, {"deleted_at": NOW})
        assert driver.get("acme", "Totals") is None
        assert driver.count("acme") == 0
    template("other-id", name="TOTALS")


def test_an_edit_adds_a_version_and_the_old_one_stays(
    database: Database, template: Callable[..., None]
) -> None:
    template("a")
    second = VersionRow(
        template_id="a",
        version=2,
        sql="SELECT :x",
        parameters={"declared": [{"name": "x", "param_type": "int"}]},
        max_rows=5,
        timeout_seconds=1.5,
        written_at=NOW,
        written_by="ann",
    )
    with database.write() as connection:
        driver = TemplatesDriver(connection)
        row = driver.get("acme", "a")
        assert row is not None
        driver.change(row, {"parameters": 1, "name": "Ä"}, second)
    with database.read() as connection:
        driver = TemplatesDriver(connection)
        assert driver.numbers("a") == (2, 1)
        assert driver.version("a", 2) == second
        assert [one.sql for one in driver.versions("a")] == ["SELECT :x", "SELECT 1"]
        assert driver.version("a", 3) is None
        now = driver.get_by_name("acme", "ä")
        assert now is not None
        assert (now.version, now.parameters) == (2, 1)


def test_of_two_edits_of_one_version_only_one_is_stored(
    database: Database, template: Callable[..., None]
) -> None:
    template("a")
    second = VersionRow(template_id="a", version=2, sql="SELECT 2", written_at=NOW)
    with database.read() as connection:
        row = TemplatesDriver(connection).get("acme", "a")
    assert row is not None
    with database.write() as connection:
        TemplatesDriver(connection).change(row, {}, second)
    with pytest.raises(StaleWrite), database.write() as connection:
        TemplatesDriver(connection).change(row, {"name": "b"}, second)
    with database.read() as connection:
        assert TemplatesDriver(connection).numbers("a") == (2, 1)


def test_a_run_is_counted_unless_the_template_is_gone(
    database: Database, template: Callable[..., None]
) -> None:
    template("a")
    with database.write() as connection:
        driver = TemplatesDriver(connection)
        driver.ran("acme", "a", "ok", NOW)
        driver.ran("other", "a", "alarm", NOW)
        driver.ran("acme", "a", "truncated", NOW + timedelta(seconds=1))
        row = driver.get("acme", "a")
        assert row is not None
        assert (row.runs, row.last_outcome) == (2, "truncated")
        assert row.last_run_at == NOW + timedelta(seconds=1)
        driver.change(row, {"deleted_at": NOW})
        driver.ran("acme", "a", "ok", NOW)


def test_what_is_over_a_source_with_roles_is_there_for_who_has_one(
    database: Database, template: Callable[..., None]
) -> None:
    template("open")
    template("secret", on="payroll", roles=("hr",))
    with database.read() as connection:
        driver = TemplatesDriver(connection)
        for roles, names in (
            ((), ["open"]),
            (("it",), ["open"]),
            (("it", "hr"), ["open", "secret"]),
        ):
            assert [row.name for row in driver.page("acme", roles=roles).rows] == names
            assert driver.count("acme", roles=roles) == len(names)
            assert sum(row[2] for row in driver.tally("acme", roles=roles)) == len(names)
            assert (driver.get("acme", "secret", roles=roles) is not None) == ("secret" in names)
            seen = driver.get_by_name("acme", "secret", roles=roles) is not None
            assert seen == ("secret" in names)
        assert driver.count("acme") == 2


def test_templates_of_a_deleted_source_say_so(
    database: Database, template: Callable[..., None]
) -> None:
    template("a")
    with database.write() as connection:
        SourcesDriver(connection).soft_delete("acme", "orders", NOW)
    with database.read() as connection:
        (row,) = TemplatesDriver(connection).page("acme").rows
    assert row.thing.retired_at == NOW


def test_changes_are_seen_by_watchers(database: Database, template: Callable[..., None]) -> None:
    with database.read() as connection:
        before = revisions.read(connection)["gateway"]
    template("a")
    with database.read() as connection:
        assert revisions.read(connection)["gateway"] > before


def test_deeds_about_what_is_over_a_hidden_source_are_hidden(
    database: Database, template: Callable[..., None]
) -> None:
    template("open")
    template("secret", on="payroll", roles=("hr",))
    about = {"open": "open", "secret": "secret", "g-orders": "orders", "g-payroll": "payroll"}
    with database.write() as connection:
        driver = ActivityDriver(connection)
        for thing, name in about.items():
            driver.append(
                ActivityRow(
                    tenant_id="acme",
                    at=NOW,
                    actor="ann",
                    origin="cli",
                    action="gateway.run",
                    concept="gateway",
                    thing_id=thing,
                    thing_name=name,
                )
            )

        def seen(*roles: str) -> set[str]:
            rows = driver.page("acme", roles=roles).rows
            assert driver.count("acme", roles=roles) == len(rows)
            return {row.thing_name or "" for row in rows}

        assert seen("it") == {"open", "orders"}
        assert seen("hr") == {"open", "orders", "secret", "payroll"}
