"""Which silences hold, and what they keep quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.silences.matching import ActiveSilence, active, silence_for, silence_of
from engine.silences.model import SilenceDraft, Subject

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from engine.workspace import Workspace

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ALL = ActiveSilence(
    id="s",
    tenant_id=None,
    kind=None,
    thing_id=None,
    tag=None,
    technology=None,
    reason="Maintenance",
    until=NOON,
)
LAMP = Subject(
    tenant_id="acme", kind="source", thing_id="s1", technology="postgresql", tags=("Prod", "pii")
)


@pytest.mark.parametrize(
    ("narrowed", "covers"),
    [
        ({}, True),
        ({"tenant_id": "acme"}, True),
        ({"tenant_id": "globex"}, False),
        ({"kind": "source"}, True),
        ({"kind": "connector"}, False),
        ({"thing_id": "s1"}, True),
        ({"thing_id": "s2"}, False),
        ({"tag": "prod"}, True),
        ({"tag": "pro"}, False),
        ({"technology": "postgresql"}, True),
        ({"technology": "redis"}, False),
        ({"tag": "prod", "technology": "redis"}, False),
    ],
)
def test_what_is_said_narrows_it(narrowed: dict[str, str], covers: bool) -> None:
    silence = replace(ALL, **narrowed)  # type: ignore[arg-type]
    assert (silence_of(LAMP, [silence]) == "s") is covers


def test_what_belongs_to_no_tenant_is_kept_quiet_by_all_tenants_alone() -> None:
    monitor = Subject(tenant_id=None)
    assert silence_of(monitor, [replace(ALL, tenant_id="acme")]) is None
    assert silence_of(monitor, [ALL]) == "s"


async def test_those_that_hold_now_the_longest_first(
    workspace: Workspace, clock: FixedClock
) -> None:
    await workspace.tenants.ensure("acme")
    base = SilenceDraft(tenant_id="acme", reason="Maintenance")
    now = clock.now()  # a Saturday at noon
    drafts = {
        "short": replace(base, ends_at=now + timedelta(minutes=5)),
        "long": replace(base, ends_at=now + timedelta(hours=2), tag="PROD"),
        "later": replace(
            base, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=3)
        ),
        "weekly": replace(base, schedule="weekly", days=("sat",), minute=660, duration_s=7200),
        "endless": replace(base, tenant_id=None, schedule="cron", cron="* * * * *", duration_s=90),
        "over": replace(base, ends_at=now + timedelta(hours=9)),
    }
    ids = {name: (await workspace.silences.add("acme", one)).id for name, one in drafts.items()}
    await workspace.silences.end("acme", ids["over"])

    async def held() -> list[tuple[str, datetime | None]]:
        found = await workspace.read(lambda connection: active(connection, clock.now()))
        names = {made: name for name, made in ids.items()}
        return [(names[one.id], one.until) for one in found]

    one = timedelta(hours=1)
    assert await held() == [
        ("endless", None),
        ("long", now + 2 * one),
        ("weekly", now + one),
        ("short", now + timedelta(minutes=5)),
    ]
    found = await workspace.read(lambda connection: active(connection, clock.now()))
    chosen = silence_for(replace(LAMP, tags=("prod",)), found[1:])
    assert chosen is not None
    assert (chosen.id, chosen.until) == (ids["long"], now + 2 * one)
    clock.advance(3600)
    assert [name for name, _ in await held()] == ["endless", "later", "long"]
