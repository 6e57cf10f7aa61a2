"""What becomes of a record: where it is counted, what it costs, and why it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from engine.usage import pricing
from engine.usage.recording import Recorder
from engine.usage.records import MAX_COST_NANOS, MAX_TOKENS, Recorded, UsageRecord
from storage.database import Database
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.limits.meters import MetersDriver
from storage.tenants import TenantsDriver
from storage.usage.driver import UsageDriver
from storage.usage.rows import FactRow
from storage.usage.windows import minutes_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONG = "x" * 201


class Desk:
    """A tenant with the integrations gpt (openai) and claude (anthropic), and a recorder."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FixedClock(NOW)
        with database.write() as connection:
            for tenant in ("acme", "other"):
                TenantsDriver(connection).ensure(tenant, tenant.title(), NOW)
        self.add("gpt", "openai")
        self.add("Claude", "anthropic")

    def add(self, name: str, provider: str) -> None:
        row = IntegrationRow(
            id=f"id-{name}",
            tenant_id="acme",
            name=name,
            provider_type=provider,
            status="enabled",
            created_at=NOW,
        )
        with self.database.write() as connection:
            IntegrationsDriver(connection).insert(row, active=False, interval_s=60)

    def recorder(self, *, origin: str = "api", **more: Any) -> Recorder:
        return Recorder("acme", origin=origin, clock=self.clock, **more)

    def record(self, *records: UsageRecord, origin: str = "api", **more: Any) -> Recorded:
        with self.database.write() as connection:
            return self.recorder(origin=origin, **more).record(connection, records)

    def facts(self) -> list[FactRow]:
        with self.database.read() as connection:
            driver = UsageDriver(connection)
            return driver.facts("acme", datetime(1999, 1, 1, tzinfo=UTC), NOW + timedelta(days=9))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.open(f"sqlite:///{tmp_path / 'usage.db'}")
    yield Desk(database)
    database.close()


def call(call_id: str = "c-1", **values: Any) -> UsageRecord:
    given: dict[str, Any] = {"at": NOW, "integration": "gpt", "model": "gpt-4o", **values}
    return UsageRecord(call_id=call_id, **given)


def reason_against(desk: Desk, record: UsageRecord, **more: Any) -> str:
    """The reason why one record is refused, beside another that must be counted."""
    done = desk.record(record, call("fine"), **more)
    assert (done.new, done.duplicate, done.refused) == (1, 0, 1)
    refusal = done.refusals[0]
    assert refusal.line == 1
    assert [fact.call_id for fact in desk.facts()] == ["fine"]
    return refusal.reason


def test_all_that_a_record_says_is_kept(desk: Desk) -> None:
    said = call(
        agent="support",
        session="s-1",
        tokens_in=30,
        tokens_out=20,
        tokens_cached=10,
        cost_nanos=123,
        latency_ms=45,
        policy="warned",
        error="timeout",
    )
    assert desk.record(said) == Recorded(new=1)
    (fact,) = desk.facts()
    assert fact == FactRow(
        number=1,
        call_id="c-1",
        at=NOW,
        integration_id="id-gpt",
        provider="openai",
        model="gpt-4o",
        agent="support",
        origin="api",
        session="s-1",
        calls=1,
        tokens_in=30,
        tokens_out=20,
        tokens_cached=10,
        cost_nanos=123,
        latency_ms=45,
        policy=1,
        error="timeout",
    )


@pytest.mark.parametrize("said", ["gpt", "GPT", "id-gpt"])
def test_an_integration_is_meant_by_id_or_name_in_any_case(desk: Desk, said: str) -> None:
    assert desk.record(call(integration=said)).new == 1
    assert desk.facts()[0].integration_id == "id-gpt"


def test_an_id_means_its_integration_even_when_another_is_called_so(desk: Desk) -> None:
    desk.add("id-gpt", "bedrock")
    desk.record(call(integration="id-gpt"))
    assert desk.facts()[0].integration_id == "id-gpt"


def test_the_import_says_which_integration_is_meant(desk: Desk) -> None:
    done = desk.record(call(integration=None), call("c-2", integration="claude"), integration="gpt")
    assert done.new == 2
    assert [fact.integration_id for fact in desk.facts()] == ["id-gpt", "id-Claude"]


def test_a_call_id_is_counted_once_a_tenant(desk: Desk) -> None:
    first = desk.record(call(tokens_in=5, cost_nanos=1), call(tokens_in=7, cost_nanos=2))
    again = desk.record(call(integration="claude", tokens_in=9))
    assert (first.new, first.duplicate, again.new, again.duplicate) == (1, 1, 0, 1)
    assert [fact.tokens_in for fact in desk.facts()] == [5]


def test_a_cost_that_is_told_is_kept_and_another_is_looked_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def price(*said: object) -> int | None:
        asked.append(said)
        return None if said[1] == "unheard-of" else 77

    monkeypatch.setattr("engine.usage.recording.price", price)
    done = desk.record(
        call("told", cost_nanos=5),
        call("free", cost_nanos=0),
        call("asked", tokens_in=9, tokens_out=4, tokens_cached=2),
        call("unknown", model="unheard-of", tokens_in=1),
        call("count", calls=6, model="unheard-of", tokens_in=1),
    )
    assert {fact.call_id: fact.cost_nanos for fact in desk.facts()} == {
        "told": 5,
        "free": 0,
        "asked": 77,
        "unknown": None,
        "count": None,
    }
    assert asked[0] == ("openai", "gpt-4o", NOW, 9, 4, 2, 1)
    assert done.unpriced == 7


def test_prices_are_the_list_prices(desk: Desk) -> None:
    desk.record(call(tokens_in=1_000, tokens_out=100))
    expected = pricing.price("openai", "gpt-4o", NOW, 1_000, 100)
    assert expected is not None
    assert desk.facts()[0].cost_nanos == expected > 0


@pytest.mark.parametrize("why", [{"policy": "blocked"}, {"error": "timeout"}])
def test_what_used_nothing_cost_nothing_even_without_a_price(desk: Desk, why: Any) -> None:
    done = desk.record(call(model="unheard-of", **why))
    assert (done.unpriced, desk.facts()[0].cost_nanos) == (0, 0)


def test_a_record_can_name_another_provider_than_its_integration(desk: Desk) -> None:
    desk.record(call(provider="anthropic"), call("c-2", provider=None))
    assert [fact.provider for fact in desk.facts()] == ["anthropic", "openai"]


def test_a_correction_takes_back(desk: Desk) -> None:
    desk.record(call(tokens_in=50, cost_nanos=500))
    done = desk.record(call("c-1-fix", calls=0, tokens_in=-20, cost_nanos=-200))
    assert done == Recorded(new=1)
    with desk.database.read() as connection:
        (tenant,) = UsageDriver(connection).top(
            "acme", by="tenant", first_day=0, end_day=10**6, limit=1
        )
    assert (tenant.calls, tenant.tokens_in, tenant.cost_nanos) == (1, 30, 300)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"call_id": ""}, "no call id"),
        ({"call_id": "  "}, "no call id"),
        ({"call_id": LONG}, "201 characters"),
        ({"call_id": 7}, "no call id"),
        ({"model": LONG}, "model has 201 characters"),
        ({"model": 5}, "model is no text"),
        ({"agent": ["a"]}, "agent is no text"),
        ({"session": LONG}, "session has 201 characters"),
        ({"session": ["s"]}, "session is no text"),
        ({"error": 500}, "error is no text"),
        ({"integration": 5}, "integration is no text"),
        ({"integration": None}, "names no integration"),
        ({"integration": "gpd"}, "no integration 'gpd'"),
        ({"at": datetime(2026, 11, 21, 12, 0)}, "no zone"),  # noqa: DTZ001 - the point
        ({"at": "2026-11-21"}, "no zone"),
        ({"at": datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)}, "before 2000"),
        ({"at": NOW + timedelta(hours=24, milliseconds=1)}, "more than a day ahead"),
        ({"tokens_in": -1}, "tokens_in is -1, less than 0; only a correction"),
        ({"tokens_out": MAX_TOKENS + 1}, "more than one record can have"),
        ({"tokens_in": 1.5}, "no whole number: 1.5"),
        ({"tokens_in": True}, "no whole number: True"),
        ({"tokens_in": 3, "tokens_cached": 4}, "more cached tokens than tokens in"),
        ({"cost_nanos": -1}, "cost_nanos is -1"),
        ({"cost_nanos": MAX_COST_NANOS + 1}, "more than one record can have"),
        ({"cost_nanos": 0.1}, "no whole number"),
        ({"latency_ms": -5}, "latency_ms is -5"),
        ({"latency_ms": 2**31}, "more than one record can have"),
        ({"calls": -1}, "calls is -1"),
        ({"calls": 0, "tokens_in": -MAX_TOKENS - 1}, "less than"),
        ({"policy": "maybe"}, "policy is 'maybe'; use allowed, warned, blocked"),
        ({"policy": ["a"]}, "policy is ['a']"),
        ({"tokens_in": MAX_TOKENS, "tokens_cached": 0}, "more than a million dollars"),
    ],
)
def test_what_cannot_be_counted_is_refused_alone(
    desk: Desk, values: dict[str, Any], said: str
) -> None:
    reason = reason_against(desk, call(**{"call_id": "odd", **values}))
    assert said in reason
    assert reason.endswith(".")
    assert len(reason) < 200


def test_other_tenants_integrations_are_unknown(desk: Desk) -> None:
    with desk.database.write() as connection:
        stranger = Recorder("other", origin="api", clock=desk.clock)
        done = stranger.record(connection, [call(), call(integration="id-gpt")])
    assert done.refused == 2


def test_deleted_integrations_are_unknown(desk: Desk) -> None:
    with desk.database.write() as connection:
        IntegrationsDriver(connection).soft_delete("acme", "id-gpt", NOW)
    assert "no integration" in desk.record(call()).refusals[0].reason


def test_text_that_no_database_keeps_is_mended(desk: Desk) -> None:
    odd = call("id-\ud800", model="m\0", session="s\0", error="bad\0" + "e" * 300)
    assert desk.record(odd).new == 1
    (fact,) = desk.facts()
    assert "\0" not in fact.call_id + fact.model + (fact.session or "") + (fact.error or "")
    assert len(fact.error or "") == 200
    assert desk.record(odd).duplicate == 1


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 1, 13, 59, 59, tzinfo=timezone(timedelta(hours=14))), "2026-10-31"),
        (datetime(2026, 11, 1, 14, 0, tzinfo=timezone(timedelta(hours=14))), "2026-11-01"),
        (datetime(2026, 10, 31, 12, 0, tzinfo=timezone(timedelta(hours=-12))), "2026-11-01"),
        (datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC), "2024-02-29"),
        (datetime(2024, 3, 1, tzinfo=UTC), "2024-03-01"),
        (datetime(2025, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "2025-12-31"),
        (datetime(2000, 1, 1, tzinfo=UTC), "2000-01-01"),
        (NOW + timedelta(hours=24), "2026-11-22"),
    ],
)
def test_a_call_belongs_to_its_day_in_utc(desk: Desk, at: datetime, day: str) -> None:
    assert desk.record(call(at=at)).new == 1
    number = (
        datetime.fromisoformat(day).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    ).days
    with desk.database.read() as connection:
        assert [row.day for row in UsageDriver(connection).days(1, 0, 10**6)] == [number]


def test_a_clock_that_jumps_counts_each_call_once(desk: Desk) -> None:
    desk.record(call("before"))
    desk.clock.advance(-86_400 * 3)
    assert "more than a day ahead" in desk.record(call("later")).refusals[0].reason
    assert desk.record(call("then", at=desk.clock.now())).new == 1
    desk.clock.advance(86_400 * 3)
    assert desk.record(call("before"), call("later")) == Recorded(new=1, duplicate=1)


def test_what_a_provider_counted_is_of_no_minute(desk: Desk) -> None:
    minute = int(NOW.timestamp()) // 60
    count = UsageRecord(call_id="day", at=NOW, integration="Claude", calls=900, tokens_in=10)
    call = UsageRecord(call_id="call", at=NOW, integration="gpt", tokens_in=10)
    desk.record(count, origin="anthropic_usage")
    desk.record(call)
    with desk.database.read() as connection:
        meters = MetersDriver(connection)
        ids = {name: f"id-{name}" for name in ("gpt", "Claude")}
        found = {name: meters.get("acme", "integration", thing) for name, thing in ids.items()}
        numbers = {name: meter.number for name, meter in found.items() if meter is not None}
        made = minutes_of(connection, [*numbers.values()], range(minute, minute + 1))
    assert len(numbers) == 2
    assert [(use.meter_number, use.calls) for use in made] == [(numbers["gpt"], 1)]


def test_a_transaction_that_fails_leaves_nothing_behind(desk: Desk) -> None:
    recorder = desk.recorder()

    def fail() -> None:
        with desk.database.write() as connection:
            recorder.record(connection, [call()])
            raise RuntimeError("the machine went away")

    with pytest.raises(RuntimeError):
        fail()
    recorder.forget()
    desk.add("another", "openai")
    with desk.database.write() as connection:
        assert recorder.record(connection, [call(integration="another")]).new == 1
        assert recorder.record(connection, [call("c-2", integration="another")]).new == 1
    assert {fact.integration_id for fact in desk.facts()} == {"id-another"}


def test_a_recorder_goes_on_with_what_it_knows(desk: Desk) -> None:
    recorder = desk.recorder()
    for name in ("a", "b"):
        with desk.database.write() as connection:
            recorder.record(connection, [call(name, cost_nanos=1)])
    assert len(recorder.series) == 1
    assert [fact.call_id for fact in desk.facts()] == ["a", "b"]


def test_lines_are_those_of_the_source(desk: Desk) -> None:
    with desk.database.write() as connection:
        done = desk.recorder().record(
            connection, [call("a"), call(""), call("b")], lines=[7, 9, 12]
        )
    assert [refusal.line for refusal in done.refusals] == [9]


class TestTwoFeedsOfOneIntegration:
    """A provider's own count and the calls themselves are the same calls."""

    def test_a_count_after_calls_is_refused(self, desk: Desk) -> None:
        desk.record(call("c-1"))
        reason = desk.record(call("day", calls=40), origin="openai_usage").refusals[0].reason
        assert "2026-11" in reason
        assert "keep to one of the two" in reason

    def test_a_call_after_a_count_is_refused(self, desk: Desk) -> None:
        desk.record(call("day", calls=40), origin="openai_usage")
        done = desk.record(call("c-1"), call("c-2", integration="claude"))
        assert (done.new, done.refused) == (1, 1)
        assert "own count of 2026-11" in done.refusals[0].reason

    def test_other_months_are_free(self, desk: Desk) -> None:
        desk.record(call("c-1", at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC)))
        assert desk.record(call("day", calls=40), origin="openai_usage").new == 1

    def test_two_of_a_kind_get_along(self, desk: Desk) -> None:
        desk.record(call("c-1"), origin="litellm")
        assert desk.record(call("c-2"), origin="otlp").new == 1
        desk.record(call("day", integration="claude"), origin="openai_usage")
        assert desk.record(call("d2", integration="claude"), origin="anthropic_usage").new == 1

    def test_what_was_counted_already_stays_as_it_was(self, desk: Desk) -> None:
        desk.record(call("c-1", tokens_in=5))
        desk.record(call("day", calls=9, tokens_in=500), origin="openai_usage")
        assert [fact.call_id for fact in desk.facts()] == ["c-1"]
