"""From records to facts: what each means here, what it cost, and why one is refused.

Records of every source go this way, one from a caller as a million from a file. Loaded in the
worker thread only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.usage.period import date_of
from engine.usage.pricing import price
from engine.usage.records import (
    MAX_COST_NANOS,
    MAX_TOKENS,
    POLICIES,
    Recorded,
    Refusal,
)
from engine.usage.refusing import MAX_CALLS, MAX_WORD, Refused, reason_against
from storage.rows import storable
from storage.types import DAY_MS
from storage.usage.driver import UsageDriver
from storage.usage.places import places
from storage.usage.rows import COUNTED, SeriesKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.usage.records import UsageRecord
    from storage.limits.rows import IntegrationKey
    from storage.usage.rows import Fact

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""A time before this is a mistake, such as a zero."""

AHEAD = timedelta(hours=24)
"""How far another clock may be ahead."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_MIN_MS = (EARLIEST - _EPOCH) // _MS
_POLICY: dict[str | None, int | None] = {None: None} | {
    name: number for number, name in enumerate(POLICIES)
}
_NAMED = 60


class Recorder:
    """Records the usage of one tenant, batch by batch, each in its caller's transaction.

    It remembers the series that it found, so that the next batch needs not ask again; call
    `forget` when a transaction fails, because what was numbered in it is gone. It serves one
    thread at a time.

    Args:
        tenant_id: Whose usage it is.
        origin: Where the records come from; one that ends in `_usage` tells a provider's counts.
        clock: Says what lies in the future.
        integration: Id or name of the integration of records that name none.
        known: Series that somebody else found, all of them committed.
    """

    def __init__(
        self,
        tenant_id: str,
        *,
        origin: str,
        clock: Clock,
        integration: str | None = None,
        known: Mapping[SeriesKey, int] = MappingProxyType({}),
    ) -> None:
        self.tenant_id = tenant_id
        self.origin = origin
        self.clock = clock
        self.integration = integration
        self.known = known
        self.series: dict[SeriesKey, int] = {}

    def number_of(self, key: SeriesKey, driver: UsageDriver, now: datetime) -> int:
        """Return the number of a series."""
        number = self.known.get(key) or self.series.get(key)
        if number is None:
            number = self.series[key] = driver.series(key, now)
        return number

    def forget(self) -> None:
        """Ask the database again about everything."""
        self.series.clear()

    def record(
        self,
        connection: Connection,
        records: Sequence[UsageRecord],
        *,
        lines: Iterable[int] | None = None,
    ) -> Recorded:
        """Count each record once, and say what became of them.

        Nothing is raised for a record that cannot be counted; the others are.

        Args:
            connection: In a writing transaction.
            records: A batch; `records.BATCH` of them are a good size.
            lines: Where each stands, for what is said of it; by default from 1 on.
        """
        now = self.clock.now()
        driver = UsageDriver(connection)
        driver.take_turn(self.tenant_id)
        batch = _Batch(self, driver, records, now)
        batch.take(records, range(1, len(records) + 1) if lines is None else lines)
        written = driver.record(
            batch.facts, now=now, settling=batch.settled, tenant_id=self.tenant_id
        )
        return Recorded(
            new=written.new,
            duplicate=len(batch.facts) - written.new,
            refused=len(batch.refusals),
            unpriced=written.unpriced,
            refusals=tuple(batch.refusals),
        )


class _Batch:
    """What becomes of the records of one transaction."""

    def __init__(
        self,
        recorder: Recorder,
        driver: UsageDriver,
        records: Sequence[UsageRecord],
        now: datetime,
    ) -> None:
        self._recorder, self._driver, self._now = recorder, driver, now
        self._latest = (now + AHEAD - _EPOCH) // _MS
        # The same call id is another call in another tenant.
        self._digest = blake2b(recorder.tenant_id.encode() + b"\0", digest_size=16)
        self._places = self._find_places(records)
        self._told = self._find_told()
        # By what records say, so that one look finds the number and the provider.
        self._known: dict[tuple[object, ...], tuple[int, str, str]] = {}
        self._sessions: set[str] = set()
        self.facts: list[Fact] = []
        self.refusals: list[Refusal] = []
        self.settled: list[str] = []

    def _find_places(self, records: Sequence[UsageRecord]) -> dict[str | None, IntegrationKey]:
        default = self._recorder.integration
        said = {*(record.integration for record in records), default}
        words = {word for word in said if isinstance(word, str)}
        found: dict[str | None, IntegrationKey] = {}
        found.update(places(self._driver.connection, self._recorder.tenant_id, words))
        if default is not None and default in found:
            found[None] = found[default]
        return found

    def _find_told(self) -> set[tuple[str, str]]:
        """Return integrations and months that another kind of source has told of already."""
        ids = {place.integration_id for place in self._places.values()}
        if not ids:
            return set()
        told = self._driver.told_otherwise(ids, self._recorder.origin)
        return {(thing_id, _month(day)) for thing_id, day in told}

    def take(self, records: Sequence[UsageRecord], lines: Iterable[int]) -> None:
        """Make each record a fact or a refusal."""
        fact_of, keep = self._fact_of, self.facts.append
        for line, record in zip(lines, records, strict=True):
            try:
                keep(fact_of(record))
            except Refused as refused:
                self.refusals.append(Refusal(line=line, reason=str(refused)))
            except TypeError:
                reason = reason_against(record)  # a value that is not of its type
                if not reason:
                    raise
                self.refusals.append(Refusal(line=line, reason=reason))
            else:
                if record.reservation_id is not None:
                    self.settled.append(record.reservation_id)

    def _fact_of(self, record: UsageRecord) -> Fact:
        """Return the fact that a record tells: in one piece, because it is done a million times."""
        call_id, session, error = record.call_id, record.session, record.error
        tokens_in, tokens_out, cached = record.tokens_in, record.tokens_out, record.tokens_cached
        calls, cost, latency = record.calls, record.cost_nanos, record.latency_ms
        # As nearly all are; what is not is judged one by one.
        if not (
            type(call_id) is str
            and 0 < len(call_id) <= MAX_WORD
            and call_id.isascii()
            and "\0" not in call_id
            and type(tokens_in) is int
            and type(tokens_out) is int
            and type(cached) is int
            and 0 <= cached <= tokens_in <= MAX_TOKENS
            and 0 <= tokens_out <= MAX_TOKENS
            and type(calls) is int
            and calls == 1
            and (cost is None or (type(cost) is int and 0 <= cost <= MAX_COST_NANOS))
            and (latency is None or (type(latency) is int and 0 <= latency <= MAX_CALLS))
            and (session is None or session in self._sessions or self._is_plain(session))
            and error is None
            and record.policy in _POLICY
        ):
            call_id, session, error = _judged(record)
        at = self._millis(record.at)
        key = (record.integration, record.provider, record.model, record.agent)
        number, provider, integration_id = self._known.get(key) or self._look_up(key, record)
        if self._told:
            self._refuse_told(integration_id, at)
        if cost is None:
            cost = _cost(record, provider)
        digest = self._digest.copy()
        digest.update(call_id.encode())
        return (
            digest.digest(),
            call_id,
            number,
            session,
            at,
            calls,
            tokens_in,
            tokens_out,
            cached,
            cost,
            latency,
            _POLICY[record.policy],
            error,
        )

    def _is_plain(self, session: str) -> bool:
        plain = type(session) is str and len(session) <= MAX_WORD
        plain = plain and session.isascii() and "\0" not in session
        if plain:
            self._sessions.add(session)
        return plain

    def _millis(self, at: datetime) -> int:
        try:
            millis = (at - _EPOCH) // _MS
        except TypeError:
            raise Refused("Its time has no zone, or there is none; write one such as Z.") from None
        if _MIN_MS <= millis <= self._latest:
            return millis
        if millis < _MIN_MS:
            raise Refused(f"Its time is before {EARLIEST:%Y}; correct it.")
        raise Refused("Its time is more than a day ahead; set the clock that it came from.")

    def _look_up(self, said: tuple[object, ...], record: UsageRecord) -> tuple[int, str, str]:
        """Return the number of a record's series, its provider and its integration; keep them."""
        _judged(record)
        place = self._place(record.integration)
        key = SeriesKey(
            tenant_id=self._recorder.tenant_id,
            integration_id=place.integration_id,
            provider=storable(record.provider) or place.provider,
            model=storable(record.model) or "",
            agent=storable(record.agent) or "",
            origin=self._recorder.origin,
        )
        number = self._recorder.number_of(key, self._driver, self._now)
        found = self._known[said] = number, key.provider, place.integration_id
        return found

    def _place(self, said: str | None) -> IntegrationKey:
        place = self._places.get(said)
        if place is not None:
            return place
        name = said or self._recorder.integration
        if not name:
            raise Refused("It names no integration; say which one is meant.")
        raise Refused(
            f"There is no integration {name[:_NAMED]!r} in this tenant; add it, or say which one "
            "is meant."
        )

    def _refuse_told(self, integration_id: str, at: int) -> None:
        month = _month(at // DAY_MS)
        if (integration_id, month) not in self._told:
            return
        if self._recorder.origin.endswith(COUNTED):
            raise Refused(
                f"Calls of {month} were recorded one by one for this integration, and the provider "
                "counts the same ones; keep to one of the two."
            )
        raise Refused(
            f"The provider's own count of {month} was recorded for this integration, and this call "
            "is in it; keep to one of the two."
        )


def _judged(record: UsageRecord) -> tuple[str, str | None, str | None]:
    """Return the call id, session and error of a record as they can be stored.

    Raises:
        Refused: It cannot be counted.
    """
    reason = reason_against(record)
    if reason:
        raise Refused(reason)
    error = storable(record.error)
    return (
        storable(record.call_id) or "",
        storable(record.session),
        None if error is None else error[:MAX_WORD],
    )


def _cost(record: UsageRecord, provider: str) -> int | None:
    """Return what a record costs that does not say so; None where no price is known.

    What was blocked, or failed without a token, cost nothing whatever the price.
    """
    if not (record.tokens_in or record.tokens_out) and (
        record.error is not None or record.policy == "blocked"
    ):
        return 0
    cost = price(
        provider,
        record.model,
        record.at,
        record.tokens_in,
        record.tokens_out,
        record.tokens_cached,
        record.calls,
    )
    if cost is not None and abs(cost) > MAX_COST_NANOS:
        raise Refused("At list prices it would cost more than a million dollars; correct it.")
    return cost


def _month(day: int) -> str:
    return f"{date_of(day):%Y-%m}"
