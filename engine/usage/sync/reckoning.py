"""What is missing between what a provider told and what is recorded. Pure.

The daily sums of what is recorded are the only state: records are made so that, added, the sums
are what the provider says. So a run that was killed, or run twice, or by two at once, changes
nothing that is right already, and a day that grew becomes one correction.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

from engine.usage.period import date_of
from engine.usage.records import UsageRecord
from engine.usage.refusing import MAX_WORD
from engine.usage.sync.source import ToldCost, ToldUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from storage.usage.rows import Sums

Key: TypeAlias = tuple[int, str]
"""A day and a model."""

Price: TypeAlias = "Callable[[str, str, datetime, int, int, int, int], int | None]"
"""What tokens cost at list prices; see `engine.usage.pricing.price`."""


@dataclass(slots=True)
class Told:
    """All that a provider said of a span of days, summed up by day and model."""

    usage: dict[Key, ToldUsage] = field(default_factory=dict)
    costs: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, items: Iterable[ToldUsage | ToldCost]) -> None:
        """Add what one page holds; several lines of one model are one."""
        for item in items:
            key = (item.day, item.model)
            if isinstance(item, ToldCost):
                self.costs[key] += item.nanos
            else:
                before = self.usage.get(key)
                self.usage[key] = item if before is None else _together(before, item)


def _together(one: ToldUsage, other: ToldUsage) -> ToldUsage:
    calls = None if one.calls is None or other.calls is None else one.calls + other.calls
    return ToldUsage(
        day=one.day,
        model=one.model,
        calls=calls,
        tokens_in=one.tokens_in + other.tokens_in,
        tokens_out=one.tokens_out + other.tokens_out,
        tokens_cached=one.tokens_cached + other.tokens_cached,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoner:
    """Makes the records of one integration from what its provider told.

    Attributes:
        origin: Of the source; with the integration's id it makes the records' ids.
        integration_id: Whose usage it is.
        provider: For list prices, while the provider's own are not final.
        settled_before: The first day whose costs are not final yet.
        price: List prices.
    """

    origin: str
    integration_id: str
    provider: str
    settled_before: int
    price: Price

    def records(self, told: Told, recorded: Mapping[Key, Sums]) -> Iterator[UsageRecord]:
        """Yield what is to be added to `recorded` so that it says what was told."""
        from storage.usage.rows import Sums

        nothing = Sums()
        charged = {day for day, _ in told.costs}
        keys = {*told.usage, *told.costs}
        # What was estimated for a model that its provider then charged under another name.
        keys |= {key for key in recorded if key[0] in charged and key[0] < self.settled_before}
        for key in sorted(keys):
            cost = self._cost(key, told, charged)
            yield from self._of(key, told.usage.get(key), cost, recorded.get(key, nothing))

    def _cost(self, key: Key, told: Told, charged: set[int]) -> int | None:
        """Return what a model's day costs: as charged once that is final, else at list price."""
        day = key[0]
        if day < self.settled_before and day in charged:
            return told.costs.get(key, 0)
        usage = told.usage.get(key)
        listed = None if usage is None else self._listed(usage)
        if listed is not None:
            return listed
        if key in told.costs and not _named_otherwise(key, told):
            return told.costs[key]
        return None

    def _listed(self, usage: ToldUsage) -> int | None:
        return self.price(
            self.provider,
            usage.model,
            _moment(usage.day),
            usage.tokens_in,
            usage.tokens_out,
            min(usage.tokens_cached, usage.tokens_in),
            # Where calls are not counted, a day must not be priced like one huge prompt.
            usage.calls or max(1, usage.tokens_in // 1000),
        )

    def _of(
        self, key: Key, usage: ToldUsage | None, cost: int | None, sums: Sums
    ) -> Iterator[UsageRecord]:
        missing = _missing(usage, sums)
        priced = None if cost is None else cost - sums.cost_nanos
        if not (any(missing) or priced):
            return
        calls, tokens_in, tokens_out, cached = missing
        if priced is None and not sums.facts and not calls:
            calls = 1  # without a call there would be nothing to count as unpriced
        plain = calls > 0 and 0 <= cached <= tokens_in and tokens_out >= 0 and (priced or 0) >= 0
        if plain:
            yield self._record(key, sums.facts, calls, (tokens_in, tokens_out, cached), priced)
            return
        number = sums.facts
        if calls > 0:
            yield self._record(key, number, calls, (0, 0, 0), None if priced is None else 0)
            number += 1
        if tokens_in or tokens_out or cached or priced:
            yield self._record(key, number, 0, (tokens_in, tokens_out, cached), priced)

    def _record(
        self, key: Key, number: int, calls: int, tokens: tuple[int, int, int], cost: int | None
    ) -> UsageRecord:
        day, model = key
        tokens_in, tokens_out, cached = tokens
        return UsageRecord(
            call_id=self._id(day, model, number),
            at=_moment(day),
            integration=self.integration_id,
            model=model,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            tokens_cached=cached,
            cost_nanos=cost,
            calls=calls,
        )

    def _id(self, day: int, model: str, number: int) -> str:
        """Return an id that the same state gives again: two who add at once add once."""
        whole = f"{self.origin}/{self.integration_id}/{date_of(day)}/{model}/{number}"
        if len(whole) <= MAX_WORD:
            return whole
        digest = blake2b(model.encode(), digest_size=16).hexdigest()
        return f"{self.origin}/{self.integration_id}/{date_of(day)}/{digest}/{number}"


def _missing(usage: ToldUsage | None, sums: Sums) -> tuple[int, int, int, int]:
    """Return calls and tokens that are told and not recorded; calls never become fewer."""
    if usage is None:
        return 0, 0, 0, 0
    calls = 0 if usage.calls is None else max(0, usage.calls - sums.calls)
    return (
        calls,
        usage.tokens_in - sums.tokens_in,
        usage.tokens_out - sums.tokens_out,
        usage.tokens_cached - sums.tokens_cached,
    )


def _named_otherwise(key: Key, told: Told) -> bool:
    """Tell whether an item seems to be a model whose tokens were told under a longer name."""
    day, model = key
    names = (name for other, name in told.usage if other == day and name != model)
    return any(name.startswith(model) or model.startswith(name) for name in names if name)


def _moment(day: int) -> datetime:
    return datetime.combine(date_of(day), time(), UTC)
