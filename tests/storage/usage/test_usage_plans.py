"""What gauges and exports ask costs the same however many calls there are: the planner's word."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from storage.usage import windows
from storage.usage.driver import UsageDriver
from storage.usage.places import places
from storage.usage.rows import FeedRow, SeriesKey
from tests.storage.test_plans import plans
from tests.storage.usage.calls import NOW, Board, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from storage.database import Database

LARGE = ("usage", "usage_days", "usage_series_days", "usage_minutes", "series", "meters")
EARLY = datetime(2000, 1, 1, tzinfo=UTC)
KEY = SeriesKey(tenant_id="t", integration_id="i", provider="p", model="m", agent="a", origin="api")
SPAN = {"first_day": 20_000, "end_day": 20_030, "limit": 10}


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: windows.days_of(c, [1, 2], range(20_000, 20_030)),
        lambda c: UsageDriver(c).days(1, 20_000, 20_030),
        lambda c: windows.minutes_of(c, [1, 2], range(29_000_000, 29_000_060)),
        lambda c: windows.first_days(c, [1, 2]),
        lambda c: UsageDriver(c).top("t", by="model", **SPAN),
        lambda c: UsageDriver(c).facts("t", EARLY, NOW, after=5),
        lambda c: UsageDriver(c).told_otherwise(["i"], "api"),
        lambda c: UsageDriver(c).told_otherwise(["i"], "openai_usage"),
        lambda c: UsageDriver(c).get_feed("t", "f"),
        lambda c: UsageDriver(c).due_feeds(NOW),
        lambda c: places(c, "t", ["gpt"]),
    ],
    ids=(
        *("windows", "days", "minutes", "measured", "top", "facts", "told_calls"),
        *("told_counts", "feed", "due_feeds", "places"),
    ),
)
def test_nothing_that_is_read_goes_through_a_table(
    sqlite: Database, ask: Callable[[Connection], object]
) -> None:
    for plan in plans(sqlite, ask):
        assert not re.search(rf"SCAN ({'|'.join(LARGE)})\b", plan), plan


def test_recording_looks_at_new_calls_alone(sqlite: Database) -> None:
    board = Board(sqlite)
    board.record({"a": Call()})

    def again(connection: Connection) -> None:
        UsageDriver(connection).record([board.fact("b", Call())], now=NOW)

    found = plans(sqlite, again)
    assert any("SEARCH usage USING INTEGER PRIMARY KEY" in plan for plan in found), found
    for plan in found:
        assert not re.search(r"SCAN (usage|usage_days|usage_series_days|usage_minutes)\b", plan), (
            plan
        )


def test_feeds(database: Database) -> None:
    board = Board(database)
    feed = FeedRow(
        tenant_id=board.tenant_id,
        name="openai",
        origin="openai_usage",
        config={"every": 60},
        cursor={"page": "p1"},
        due_at=NOW,
    )
    later = FeedRow(tenant_id=board.tenant_id, name="a-file", origin="jsonl")
    with database.write() as connection:
        driver = UsageDriver(connection)
        driver.put_feed(feed)
        driver.put_feed(later)
        driver.put_feed(later)
    with database.write() as connection:
        driver = UsageDriver(connection)
        assert driver.get_feed(board.tenant_id, "openai") == feed
        assert driver.get_feed("another", "openai") is None
        assert driver.feeds(board.tenant_id) == [later, feed]
        assert driver.due_feeds(NOW) == [feed]
        assert driver.due_feeds(EARLY) == []
        assert driver.drop_feed(board.tenant_id, "openai")
        assert not driver.drop_feed(board.tenant_id, "openai")
        assert driver.feeds(board.tenant_id) == [later]


def test_old_minutes_are_forgotten(database: Database) -> None:
    board = Board(database)
    board.record({"a": Call()})
    minute = int(NOW.timestamp()) // 60
    meter = board.meters[board.series[0]][0]
    with database.write() as connection:
        driver = UsageDriver(connection)
        span = range(minute, minute + 1)
        assert [use.calls for use in windows.minutes_of(connection, [meter], span)] == [1]
        assert driver.purge_minutes(minute) == 0
        assert driver.purge_minutes(minute + 1) == len(board.meters[board.series[0]])
        assert windows.minutes_of(connection, [meter], span) == []
        assert set(windows.first_days(connection, [meter, 10**9])) == {meter}


def test_a_series_is_numbered_once(database: Database) -> None:
    board = Board(database)
    key = board._key("openai", "gpt-5", "support")
    with database.write() as connection:
        driver = UsageDriver(connection)
        assert driver.series(key, NOW) == board.series[0]
        assert len(set(board.series)) == 4
