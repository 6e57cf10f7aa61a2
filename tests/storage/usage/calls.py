"""Calls to record, and what they come to by plain addition: what every sum is compared with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Any

from storage.tables import series
from storage.tenants import TenantsDriver
from storage.types import DAY_MS, to_millis
from storage.usage.driver import UsageDriver
from storage.usage.rows import SUMS, SeriesKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.database import Database
    from storage.usage.rows import Fact, Written

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KINDS = (
    ("openai", "gpt-5", "support"),
    ("openai", "gpt-5-mini", ""),
    ("anthropic", "claude-5", "support"),
    ("anthropic", "gpt-5", "coder"),
)
"""Provider, model and agent of the series of a board; two of them share a model."""

_tenants = count(1)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a board; `kind` is its place in KINDS."""

    kind: int = 0
    at: datetime = NOW
    calls: int = 1
    tokens_in: int = 10
    tokens_out: int = 5
    tokens_cached: int = 0
    cost_nanos: int | None = 100
    latency_ms: int | None = None
    policy: int | None = None
    error: str | None = None


class Board:
    """A tenant of its own on a database, with a series of each kind."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tenant_id = f"tenant-{next(_tenants)}"
        with database.write() as connection:
            TenantsDriver(connection).ensure(self.tenant_id, self.tenant_id, NOW)
            driver = UsageDriver(connection)
            self.series = [driver.series(self._key(*kind), NOW) for kind in KINDS]
            columns = [
                series.c[f"{scope}_meter"]
                for scope in ("tenant", "provider", "model", "agent", "integration")
            ]
            rows = connection.execute(
                series.select()
                .with_only_columns(series.c.number, *columns)
                .where(series.c.tenant_id == self.tenant_id)
            )
            self.meters = {number: [m for m in meters if m] for number, *meters in rows}

    def _key(self, provider: str, model: str, agent: str) -> SeriesKey:
        return SeriesKey(
            tenant_id=self.tenant_id,
            integration_id=f"{self.tenant_id}-{provider}",
            provider=provider,
            model=model,
            agent=agent,
            origin="api",
        )

    @property
    def numbers(self) -> list[int]:
        """The meters of all series."""
        return sorted({meter for meters in self.meters.values() for meter in meters})

    def fact(self, call_id: object, call: Call) -> Fact:
        """The fact that a call is stored as."""
        told = f"{self.tenant_id}\0{call_id}".encode()
        return (
            blake2b(told, digest_size=16).digest(),
            str(call_id),
            self.series[call.kind],
            None,
            to_millis(call.at),
            call.calls,
            call.tokens_in,
            call.tokens_out,
            call.tokens_cached,
            call.cost_nanos,
            call.latency_ms,
            call.policy,
            call.error,
        )

    def record(self, calls: Mapping[Any, Call] | Iterable[tuple[Any, Call]]) -> Written:
        """Records calls by their ids in one transaction."""
        given = calls.items() if hasattr(calls, "items") else calls
        facts = [self.fact(call_id, call) for call_id, call in given]
        with self.database.write() as connection:
            return UsageDriver(connection).record(facts, now=NOW)

    def expected(self, calls: Iterable[Call]) -> dict[tuple[int, int], dict[str, int]]:
        """What calls come to by meter and day, added up one by one."""
        found: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
        for call in calls:
            for meter in self.meters[self.series[call.kind]]:
                sums = found[meter, to_millis(call.at) // DAY_MS]
                for name, value in worth(call).items():
                    sums[name] += value
        return dict(found)

    def stored(self) -> dict[tuple[int, int], dict[str, int]]:
        """What the days of its meters hold."""
        with self.database.read() as connection:
            driver = UsageDriver(connection)
            return {
                (number, day.day): {name: getattr(day, name) for name in SUMS}
                for number in self.numbers
                for day in driver.days(number, 0, 10**6)
            }


def worth(call: Call) -> dict[str, int]:
    """What one call adds to its day."""
    return {
        "facts": 1,
        "calls": call.calls,
        "errors": call.calls if call.error is not None else 0,
        "warned": call.calls if call.policy == 1 else 0,
        "blocked": call.calls if call.policy == 2 else 0,
        "unpriced": call.calls if call.cost_nanos is None else 0,
        "tokens_in": call.tokens_in,
        "tokens_out": call.tokens_out,
        "tokens_cached": call.tokens_cached,
        "cost_nanos": call.cost_nanos or 0,
        "timed": 0 if call.latency_ms is None else 1,
        "latency_ms": call.latency_ms or 0,
    }
