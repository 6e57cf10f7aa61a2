"""A source with roles is nowhere for an operator who has none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import labels
from storage.activity import ActivityDriver, ActivityRow
from storage.health import CheckRow, HealthDriver
from storage.sources import SourcesDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
EVERYBODY = None


def seen_everywhere(connection: Connection, roles: tuple[str, ...] | None) -> dict[str, set[str]]:
    """Gives the names that each list shows, and the totals where there are only numbers."""
    sources, health = SourcesDriver(connection), HealthDriver(connection)
    activity = ActivityDriver(connection)
    names: Callable[[Any], set[str]] = lambda rows: {row.name for row in rows}  # noqa: E731
    tenant = TenantsDriver(connection).list(roles=roles)[0]
    found = {
        "page": names(sources.page("acme", roles=roles).rows),
        "everybody's page": names(sources.page(None, roles=roles).rows),
        "by id": {x for x in "abc" if sources.get("acme", x, roles=roles)},
        "by name": {x for x in "abc" if sources.get_by_name("acme", x, roles=roles)},
        "lamps": names(health.lamps("acme", limit=9, roles=roles).rows),
        "target": {x for x in "abc" if health.target("source", x, roles=roles)},
        "changes": names(health.transitions("acme", roles=roles)),
        "activity": {row.thing_name or "" for row in activity.page("acme", roles=roles).rows},
    }
    totals = {
        "count": sources.count("acme", roles=roles),
        "statistics": sources.statistics("acme", roles=roles).total,
        "passes": sources.statistics("acme", roles=roles).passes,
        "lamp count": health.count("acme", roles=roles),
        "state counts": sum(health.counts("acme", roles=roles).values()),
        "kind counts": sum(health.counts("acme", kind="source", roles=roles).values()),
        "stale": health.stale_count("acme", before=LATER, roles=roles),
        "tenant": tenant.sources,
        "tenant states": sum(tenant.states.values()),
        "activity count": activity.count("acme", roles=roles),
    }
    assert len(set(totals.values())) == 1, totals
    return {**found, "totals": {str(total) for total in totals.values()}}


@pytest.fixture
def three(database: Database, add_source: Callable[..., int]) -> Database:
    """The sources a (open to all), b (for dba) and c (for dba and on call), each checked once."""
    numbers = [
        add_source("a"),
        add_source("b", access_roles=("dba",)),
        add_source("c", access_roles=("dba", "on call")),
    ]
    with database.write() as connection:
        HealthDriver(connection).record(
            [CheckRow(target_number=n, checked_at=NOW, state="healthy") for n in numbers]
        )
        for name in "abc":
            ActivityDriver(connection).append(
                ActivityRow(
                    tenant_id="acme",
                    at=NOW,
                    actor="ann",
                    origin="cli",
                    action="source.created",
                    concept="sources",
                    thing_id=name,
                    thing_name=name,
                )
            )
    return database


@pytest.mark.parametrize(
    ("roles", "visible"),
    [
        (EVERYBODY, "abc"),
        ((), "a"),
        (("dba",), "abc"),
        (("ops", "on call"), "ac"),
        (("DBA",), "a"),
        (("db",), "a"),
        (("call",), "a"),
        (("%",), "a"),
        ((f"dba{labels.SEPARATOR}on call",), "a"),
    ],
)
def test_every_list_and_count_shows_the_same(
    three: Database, roles: tuple[str, ...] | None, visible: str
) -> None:
    with three.read() as connection:
        for where, names in seen_everywhere(connection, roles).items():
            assert names == ({str(len(visible))} if where == "totals" else set(visible)), where


def test_what_was_hidden_stays_so_when_it_is_gone(three: Database) -> None:
    with three.write() as connection:
        SourcesDriver(connection).soft_delete("acme", "b", LATER)
        names = {row.thing_name for row in ActivityDriver(connection).page("acme", roles=()).rows}
        changes = {row.name for row in HealthDriver(connection).transitions("acme", roles=())}
    assert names == changes == {"a"}


def test_roles_follow_a_change_at_once(three: Database) -> None:
    with three.write() as connection:
        driver = SourcesDriver(connection)
        driver.update("acme", "b", {"access_roles": ()})
        driver.update("acme", "a", {"access_roles": ("dba",)})
        assert [row.name for row in driver.page("acme", roles=()).rows] == ["b"]
