"""The way in to usage: recording, who used most, day by day, and out again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import InvalidInput, ReadOnlyRefused
from engine.settings import Settings
from engine.usage import facade as facade_module
from engine.usage.records import Recorded, UsageRecord
from engine.workspace import Workspace, set_default_workspace
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from engine.usage.results import UsageEntry

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
async def board(workspace: Workspace) -> Workspace:
    with workspace.database.write() as connection:
        for tenant in ("acme", "other"):
            TenantsDriver(connection).ensure(tenant, tenant.title(), NOON)
            row = IntegrationRow(
                id=f"{tenant}-gpt",
                tenant_id=tenant,
                name="gpt",
                provider_type="openai",
                status="enabled",
                created_at=NOON,
            )
            IntegrationsDriver(connection).insert(row, active=False, interval_s=60)
    return workspace


def call(call_id: object, **values: Any) -> UsageRecord:
    given = {"at": NOON, "integration": "gpt", "model": "gpt-4o", "cost_nanos": 10, **values}
    return UsageRecord(call_id=str(call_id), **given)


async def exported(board: Workspace, *span: datetime) -> list[UsageEntry]:
    return [entry async for page in board.usage.export("acme", *span) for entry in page]


async def test_recording_says_what_became_of_each(board: Workspace) -> None:
    done = await board.usage.record("acme", [call("a"), call("a"), call(""), call("b")])
    assert (done.new, done.duplicate, done.refused) == (2, 1, 1)
    assert done.refusals[0].line == 3
    assert await board.usage.record("acme", [call("b")]) == Recorded(duplicate=1)
    assert await board.usage.record("acme", []) == Recorded()


async def test_many_records_take_several_transactions(
    board: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facade_module, "BATCH", 10)
    records = [call(n) for n in range(25)] + [call("")]
    done = await board.usage.record("acme", records)
    assert (done.new, done.refused) == (25, 1)
    assert done.refusals[0].line == 26


async def test_callers_at_once_count_each_call_once(board: Workspace) -> None:
    records = [call(n, agent=f"agent-{n % 3}", tokens_in=n) for n in range(60)]
    parts = [records[first : first + 30] for first in (0, 10, 20, 30)]
    done = await asyncio.gather(*(board.usage.record("acme", part) for part in parts))
    assert sum(one.new for one in done) == 60
    (total,) = await board.usage.top("acme", by="tenant")
    assert (total.calls, total.tokens_in) == (60, sum(range(60)))


async def test_recording_raises_the_revision(board: Workspace) -> None:
    before = await board.revisions()
    await board.usage.record("acme", [call("a")])
    after = await board.revisions()
    assert after["usage"] > before.get("usage", 0)
    await board.usage.record("acme", [call("a")])
    assert (await board.revisions())["usage"] == after["usage"]


async def test_a_reading_run_records_nothing(board: Workspace) -> None:
    settings = Settings(database=board.settings.database, read_only=True)
    reading = Workspace.open(settings, clock=board.clock)
    with pytest.raises(ReadOnlyRefused):
        await reading.usage.record("acme", [call("a")])
    await reading.aclose()


async def test_who_used_most_by_cost(board: Workspace) -> None:
    await board.usage.record(
        "acme",
        [
            call("a", model="cheap", cost_nanos=1, tokens_in=9),
            call("b", model="dear", cost_nanos=50, tokens_in=1, latency_ms=10),
            call("c", model="dear", cost_nanos=50, tokens_out=1, latency_ms=21),
            call("d", model="unknown", cost_nanos=None),
        ],
    )
    await board.usage.record("other", [call("a", model="theirs", cost_nanos=999)])
    found = await board.usage.top("acme")
    assert [(one.key, one.cost_nanos) for one in found] == [
        ("dear", 100),
        ("cheap", 1),
        ("unknown", 0),
    ]
    assert found[0].latency_ms == 15.5
    assert found[1].latency_ms is None
    assert found[2].unpriced == 1
    assert len(await board.usage.top("acme", limit=1)) == 1
    (mine,) = await board.usage.top("acme", by="integration")
    assert (mine.key, mine.name, mine.tokens) == ("acme-gpt", "gpt", 11)
    everybody = await board.usage.top(None, by="tenant")
    assert [(one.key, one.name) for one in everybody] == [("other", "Other"), ("acme", "Acme")]


async def test_spans_are_whole_days(board: Workspace) -> None:
    october = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    november = datetime(2026, 11, 1, tzinfo=UTC)
    await board.usage.record("acme", [call("o", at=october), call("n", at=november)])
    for span, calls in (
        ({}, 1),
        ({"start": october}, 2),
        ({"start": october, "end": november}, 1),
        ({"start": october, "end": november + timedelta(seconds=1)}, 2),
        ({"start": NOON}, 0),
    ):
        found = await board.usage.top("acme", by="tenant", **span)  # type: ignore[arg-type]
        assert sum(one.calls for one in found) == calls, span


@pytest.mark.parametrize("asked", [{"by": "colour"}, {"limit": 0}, {"limit": 1_001}])
async def test_what_cannot_be_asked(board: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        await board.usage.top("acme", **asked)


async def test_every_day_of_a_span_is_there(board: Workspace) -> None:
    await board.usage.record("acme", [call("a", at=NOON - timedelta(days=1), tokens_in=4)])
    found = await board.usage.days("acme", "model", "gpt-4o")
    assert [day.key for day in found] == [f"2026-11-{day:02}" for day in range(1, 22)]
    assert {day.key: day.tokens for day in found if day.calls} == {"2026-11-20": 4}
    nothing = await board.usage.days("acme", "agent", "nobody")
    assert {day.calls for day in nothing} == {0}
    with pytest.raises(InvalidInput):
        await board.usage.days("acme", "colour", "red")


async def test_a_leap_february_has_its_day(board: Workspace) -> None:
    start, end = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
    await board.usage.record("acme", [call("a", at=datetime(2024, 2, 29, 23, 59, tzinfo=UTC))])
    found = await board.usage.days("acme", "tenant", "acme", start, end)
    assert (len(found), found[-1].key, found[-1].calls) == (29, "2024-02-29", 1)


async def test_what_goes_out_can_come_in_again(
    board: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.usage.exporting.PAGE", 4)
    calls = [
        call(n, session=f"s-{n}", policy="allowed", tokens_in=n, cost_nanos=None if n == 3 else n)
        for n in range(11)
    ]
    await board.usage.record("acme", calls)
    await board.usage.record("other", [call("theirs")])
    await board.usage.record("acme", [call("old", at=NOON - timedelta(days=40))])
    found = await exported(board)
    assert [entry.call_id for entry in found] == [str(n) for n in range(11)]
    assert found[2].to_dict() == {
        "call_id": "2",
        "at": "2026-11-21T12:00:00Z",
        "integration": "acme-gpt",
        "provider": "openai",
        "model": "gpt-4o",
        "agent": "",
        "session": "s-2",
        "calls": 1,
        "tokens_in": 2,
        "tokens_out": 0,
        "tokens_cached": 0,
        "cost_nanos": 2,
        "latency_ms": None,
        "policy": "allowed",
        "error": None,
        "origin": "api",
    }
    again = [
        UsageRecord(**{n: getattr(entry, n) for n in entry.__slots__ if n != "origin"})
        for entry in found
    ]
    assert await board.usage.record("acme", again) == Recorded(duplicate=11)


async def test_an_export_leaves_its_end_out(board: Workspace) -> None:
    await board.usage.record("acme", [call("a"), call("b", at=NOON + timedelta(seconds=1))])
    found = await exported(board, NOON, NOON + timedelta(seconds=1))
    assert [entry.call_id for entry in found] == ["a"]
    assert await exported(board, NOON + timedelta(days=1), NOON + timedelta(days=2)) == []


async def test_the_process_has_one_way_in(board: Workspace) -> None:
    from engine.usage import get_usage_facade

    set_default_workspace(board)
    try:
        assert get_usage_facade() is board.usage
    finally:
        set_default_workspace(None)
