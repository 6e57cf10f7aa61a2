from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import FixedClock
from engine.usage.period import day_of
from engine.usage.recording import Recorder
from engine.usage.records import UsageRecord
from storage.usage.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database


def test_sums_are_of_one_integration_and_origin_by_day_and_model(
    database: Database, add: Callable[..., int]
) -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    add("one")
    add("two")

    def record(origin: str, name: str, *records: dict[str, Any]) -> None:
        recorder = Recorder("acme", origin=origin, clock=FixedClock(now), integration=name)
        made = [
            UsageRecord(call_id=f"{origin}/{name}/{n}", **{"at": now, "model": "m", **told})
            for n, told in enumerate(records)
        ]
        with database.write() as connection:
            assert recorder.record(connection, made).refused == 0

    record(
        "acme_usage",
        "one",
        {"calls": 5, "tokens_in": 10, "tokens_cached": 4, "cost_nanos": 100},
        {"calls": 0, "tokens_in": -2, "tokens_out": 3, "cost_nanos": -40},
        {"model": "other", "cost_nanos": 7},
        {"at": now - timedelta(days=1), "cost_nanos": 9},
    )
    record("acme_usage", "two", {"tokens_in": 99, "cost_nanos": 0})
    today = day_of(now)
    with database.read() as connection:
        found = counted(connection, "id-acme-one", "acme_usage", first=today, end=today + 1)
        assert counted(connection, "id-acme-one", "api", first=0, end=today + 1) == {}
    assert {key[1] for key in found} == {"m", "other"}
    sums = found[today, "m"]
    assert (sums.facts, sums.calls, sums.tokens_in, sums.tokens_out) == (2, 5, 8, 3)
    assert (sums.tokens_cached, sums.cost_nanos) == (4, 60)
