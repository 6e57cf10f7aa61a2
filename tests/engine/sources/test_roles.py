"""A source with roles is there only for who has one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import NameTaken, NotFound
from engine.sources import SourceDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sources import DataSourcesFacade


async def test_without_a_role_it_is_as_if_it_were_not_there(
    sources: DataSourcesFacade, seen_by: Callable[..., DataSourcesFacade]
) -> None:
    made = await sources.register_source("acme", "salaries", "database", access_roles=["dba"])
    await sources.register_source("acme", "open", "database")
    outsider, found = seen_by("on-call"), made.source_id
    assert [one.name for one in (await outsider.list_sources("acme")).items] == ["open"]
    assert await outsider.count_sources("acme", query="salaries") == 0
    assert (await outsider.get_statistics("acme")).total_sources == 1
    for call in (
        outsider.get_source("acme", found),
        outsider.update_source("acme", found, description="x"),
        outsider.activate_source("acme", found),
        outsider.add_tag("acme", found, "x"),
        outsider.grant_access("acme", found, "on-call"),
        outsider.revoke_access("acme", found, "dba"),
        outsider.test_connection("acme", found),
        outsider.test_draft(SourceDraft(tenant_id="acme", source_type="database", source_id=found)),
        outsider.delete_source("acme", found),
    ):
        with pytest.raises(NotFound):
            await call
    assert [one.name for one, _ in await outsider.test_all("acme")] == ["open"]


async def test_with_a_role_it_is_there(
    sources: DataSourcesFacade, seen_by: Callable[..., DataSourcesFacade]
) -> None:
    made = await sources.register_source("acme", "salaries", "database", access_roles=["dba"])
    insider = seen_by("on-call", "dba")
    assert (await insider.get_source("acme", made.source_id)).name == "salaries"
    assert (await insider.add_tag("acme", made.source_id, "pii")).tags == ["pii"]
    opened = await insider.revoke_access("acme", made.source_id, "dba")
    assert opened.access_roles == []
    assert (await sources.get_source("acme", made.source_id)).tags == ["pii"]


async def test_a_name_is_taken_also_by_what_one_may_not_see(
    sources: DataSourcesFacade, seen_by: Callable[..., DataSourcesFacade]
) -> None:
    await sources.register_source("acme", "salaries", "database", access_roles=["dba"])
    with pytest.raises(NameTaken):
        await seen_by().register_source("acme", "Salaries", "database")


async def test_who_gives_a_source_to_others_is_told_what_came_of_it(
    sources: DataSourcesFacade,
) -> None:
    made = await sources.register_source("acme", "salaries", "database")
    assert (await sources.grant_access("acme", made.source_id, "dba")).access_roles == ["dba"]
    with pytest.raises(NotFound):
        await sources.get_source("acme", made.source_id)
