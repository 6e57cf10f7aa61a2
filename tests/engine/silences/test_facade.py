"""Silences through their facade: added, listed, changed, ended, and told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import EditConflict, InvalidInput, LifecycleRefused, NotFound, ReadOnlyRefused
from engine.silences import SilenceDraft
from engine.workspace import Workspace, set_default_workspace

if TYPE_CHECKING:
    from datetime import datetime

    from engine.clock import FixedClock
    from engine.settings import Settings
    from engine.silences import Silence

HOUR = timedelta(hours=1)
WEEKLY: dict[str, Any] = {
    "schedule": "weekly", "days": ("sun",), "minute": 120, "duration_s": 7200,
    "timezone": "Europe/Berlin",
}  # fmt: skip


def draft(**said: Any) -> SilenceDraft:
    return SilenceDraft(**{"tenant_id": "acme", "reason": "Maintenance", **said})


async def add(workspace: Workspace, **said: Any) -> Silence:
    once = {} if "schedule" in said else {"ends_at": workspace.clock.now() + HOUR}
    return await workspace.silences.add("acme", draft(**{**once, **said}))


async def told(workspace: Workspace) -> list[tuple[str, str | None, dict[str, Any]]]:
    found = await workspace.activity.page("acme", concept="silences")
    return [(one.action, one.thing_name, dict(one.detail)) for one in found.items]


async def test_one_is_added_and_read_back(workspace: Workspace, clock: FixedClock) -> None:
    made = await add(workspace, tag=" Staging ", technology="OpenAI")
    assert made == await workspace.silences.get("acme", made.id)
    assert (made.tag, made.technology, made.created_by) == ("Staging", "openai", "olga")
    assert (made.starts_at, made.until) == (clock.now(), clock.now() + HOUR)
    assert (made.active, made.next_at, made.version) == (True, None, 1)
    action, name, detail = (await told(workspace))[0]
    assert (action, name, detail["silence"]) == ("silence.added", "openai, tag Staging", made.id)
    assert made.to_dict()["until"] == "2026-11-21T13:00:00Z"


async def test_the_list_begins_with_what_holds(workspace: Workspace, clock: FixedClock) -> None:
    longer = await add(workspace, ends_at=clock.now() + 3 * HOUR)
    weekly = await add(workspace, **WEEKLY)
    soon = await add(workspace, starts_at=clock.now() + HOUR, ends_at=clock.now() + 2 * HOUR)
    short = await add(workspace)
    over = await add(workspace)
    await workspace.silences.end("acme", over.id)

    async def listed(**how: bool) -> list[str]:
        return [one.id for one in await workspace.silences.list_silences("acme", **how)]

    assert await listed() == [short.id, longer.id, soon.id, weekly.id]
    assert await listed(ended=True) == [short.id, longer.id, soon.id, weekly.id, over.id]
    clock.advance(3 * 3600)
    assert await listed() == [weekly.id]


async def test_tenants_see_their_own_and_those_of_all(workspace: Workspace) -> None:
    await workspace.tenants.ensure("globex")
    own, everybody = await add(workspace), await add(workspace, tenant_id=None)
    assert [one.id for one in await workspace.silences.list_silences("globex")] == [everybody.id]
    for refused in (
        workspace.silences.get("globex", own.id),
        workspace.silences.end("globex", own.id),
        workspace.silences.edit("globex", own.id, draft()),
        workspace.silences.add("globex", draft(ends_at=workspace.clock.now() + HOUR)),
        workspace.silences.add("nobody", draft(tenant_id="nobody", **WEEKLY)),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_a_thing_is_kept_quiet_from_the_board(
    workspace: Workspace, clock: FixedClock
) -> None:
    source = await workspace.sources.register_source("acme", "orders", "database")
    made = await workspace.silences.add_for("acme", "source", source.source_id, HOUR, "New disk")
    assert (made.kind, made.thing_name, made.until) == ("source", "orders", clock.now() + HOUR)
    (entry,) = (await workspace.activity.page("acme", concept="silences")).items
    # Under the thing's id, so that who may not see it is not told of it either.
    assert (entry.thing_id, entry.thing_name) == (source.source_id, "source orders")
    await workspace.tenants.ensure("globex")
    with pytest.raises(NotFound):
        await workspace.silences.add_for("globex", "source", source.source_id, HOUR, "Theirs")
    with pytest.raises(NotFound):
        await workspace.silences.add_for("acme", "connector", source.source_id, HOUR, "No")


async def test_what_roles_do_not_show_is_not_there(
    workspace: Workspace, settings: Settings, clock: FixedClock
) -> None:
    source = await workspace.sources.register_source(
        "acme", "payroll", "database", access_roles=["hr"]
    )
    insider = Workspace.open(replace(settings, roles=("hr",)), clock=clock)
    try:
        secret = await insider.silences.add_for("acme", "source", source.source_id, HOUR, "Audit")
        assert await insider.silences.list_silences("acme") == (secret,)
    finally:
        await insider.aclose()
    assert await workspace.silences.list_silences("acme") == ()
    with pytest.raises(NotFound):
        await workspace.silences.get("acme", secret.id)
    with pytest.raises(NotFound):
        await workspace.silences.add_for("acme", "source", source.source_id, HOUR, "Guess")
    assert await told(workspace) == []


async def test_it_is_changed_as_a_whole_and_what_differs_is_told(
    workspace: Workspace, clock: FixedClock
) -> None:
    made = await add(workspace, tag="staging")
    begun = clock.now()
    clock.advance(600)
    longer = draft(tag="staging", ends_at=begun + 3 * HOUR)
    changed = await workspace.silences.edit("acme", made.id, longer, expected_version=1)
    assert (changed.starts_at, changed.until, changed.version) == (begun, begun + 3 * HOUR, 2)
    action, _, detail = (await told(workspace))[0]
    assert action == "silence.updated"
    assert detail["changed"] == {"ends_at": ["2026-11-21T13:00:00Z", "2026-11-21T15:00:00Z"]}
    same = await workspace.silences.edit("acme", made.id, longer)
    assert (same.version, len(await told(workspace))) == (2, 2)
    with pytest.raises(EditConflict):
        await workspace.silences.edit("acme", made.id, draft(**WEEKLY), expected_version=1)
    with pytest.raises(EditConflict):
        await workspace.silences.end("acme", made.id, expected_version=1)


async def test_what_was_ended_is_over_for_good(workspace: Workspace, clock: FixedClock) -> None:
    made = await add(workspace, **WEEKLY)
    ended = await workspace.silences.end("acme", made.id)
    assert (ended.ended_at, ended.ended_by, ended.next_at) == (clock.now(), "olga", None)
    assert (await told(workspace))[0][0] == "silence.ended"
    with pytest.raises(LifecycleRefused):
        await workspace.silences.end("acme", made.id)
    with pytest.raises(LifecycleRefused):
        await workspace.silences.edit("acme", made.id, draft(**WEEKLY))
    once = await add(workspace)
    clock.advance(7200)
    with pytest.raises(LifecycleRefused):
        await workspace.silences.end("acme", once.id)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"reason": " "}, "reason"),
    ({"reason": "a\nb"}, "reason"),
    ({"kind": "tenant"}, "kind"),
    ({"thing_id": "x"}, "kind"),
    ({"kind": "source", "thing_id": "x", "tenant_id": None}, "thing_id"),
    ({"tag": ""}, "tag"),
    ({"schedule": "daily"}, "schedule"),
    ({"schedule": "once"}, "ends_at"),
    ({"schedule": "once", "ends_at": -1}, "ends_at"),
    ({"schedule": "once", "starts_at": 2, "ends_at": 1}, "ends_at"),
    ({"schedule": "once", "ends_at": 1, "duration_s": 60}, "duration_s"),
    ({"schedule": "once", "ends_at": 1, "cron": "* * * * *"}, "cron"),
    ({**WEEKLY, "days": ()}, "days"),
    ({**WEEKLY, "days": ("sunday",)}, "days"),
    ({**WEEKLY, "minute": 1440}, "minute"),
    ({**WEEKLY, "minute": None}, "minute"),
    ({**WEEKLY, "duration_s": 59}, "duration_s"),
    ({**WEEKLY, "duration_s": 604_801}, "duration_s"),
    ({**WEEKLY, "timezone": "Europe/Atlantis"}, "timezone"),
    # Nothing begins on a Sunday before Saturday is over.
    ({**WEEKLY, "ends_at": 2}, "days"),
    ({"schedule": "cron", "duration_s": 60}, "cron"),
    ({"schedule": "cron", "duration_s": 60, "cron": "* * * *"}, "cron"),
    ({"schedule": "cron", "duration_s": 60, "cron": "* * * * * *"}, "cron"),
    ({"schedule": "cron", "duration_s": 60, "cron": "61 * * * *"}, "cron"),
    ({"schedule": "cron", "duration_s": 60, "cron": "0 0 30 2 *"}, "cron"),
    ({"schedule": "cron", "cron": "0 2 * * 0"}, "duration_s"),
]


async def test_what_cannot_hold_is_refused(workspace: Workspace) -> None:
    now = workspace.clock.now()
    for said, field in REFUSED:
        given = dict(said)
        for name in given.keys() & {"starts_at", "ends_at"}:
            given[name] = now + given[name] * HOUR
        with pytest.raises(InvalidInput) as caught:
            await add(workspace, **given)
        assert caught.value.field == field, said
    assert await workspace.silences.list_silences("acme", ended=True) == ()


async def test_times_without_a_zone_are_utc(workspace: Workspace, clock: FixedClock) -> None:
    bare: datetime = (clock.now() + HOUR).replace(tzinfo=None)
    assert (await add(workspace, ends_at=bare)).until == clock.now() + HOUR


async def test_a_board_that_only_reads_changes_nothing(
    settings: Settings, workspace: Workspace, clock: FixedClock
) -> None:
    made = await add(workspace)
    reading = Workspace.open(replace(settings, read_only=True), clock=clock)
    try:
        assert await reading.silences.get("acme", made.id) == made
        for refused in (
            reading.silences.add("acme", draft(**WEEKLY)),
            reading.silences.edit("acme", made.id, draft(**WEEKLY)),
            reading.silences.end("acme", made.id),
        ):
            with pytest.raises(ReadOnlyRefused):
                await refused
    finally:
        await reading.aclose()


async def test_the_default_workspace_has_a_way_in(workspace: Workspace) -> None:
    from engine.silences.facade import get_silences_facade

    set_default_workspace(workspace)
    try:
        assert get_silences_facade() is workspace.silences
    finally:
        set_default_workspace(None)
