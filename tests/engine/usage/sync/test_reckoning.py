"""Whatever a provider tells, in whatever order: the sums are what it told last."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from engine.usage.refusing import reason_against
from engine.usage.sync.reckoning import Reckoner, Told
from engine.usage.sync.source import ToldCost, ToldUsage
from storage.usage.rows import Sums

if TYPE_CHECKING:
    from engine.usage.records import UsageRecord

DAYS = (20_000, 20_001)
SETTLED = 20_001
MODELS = ("gpt-a", "gpt-b", "gpt-of-tomorrow")
COUNT = st.integers(0, 10**9)


@st.composite
def usage(draw: st.DrawFn) -> ToldUsage:
    tokens_in = draw(COUNT)
    return ToldUsage(
        day=draw(st.sampled_from(DAYS)),
        model=draw(st.sampled_from(MODELS)),
        calls=draw(st.one_of(st.none(), st.integers(0, 10**6))),
        tokens_in=tokens_in,
        tokens_out=draw(COUNT),
        tokens_cached=draw(st.integers(0, tokens_in)),
    )


@st.composite
def costs(draw: st.DrawFn) -> ToldCost:
    nanos = draw(st.integers(-(10**9), 10**12))
    model = draw(st.sampled_from((*MODELS, "Image models")))
    return ToldCost(day=draw(st.sampled_from(DAYS)), model=model, nanos=nanos)


ANSWERS = st.lists(st.lists(st.one_of(usage(), costs()), max_size=8), min_size=1, max_size=4)


def _price(provider: str, model: str, at: Any, *tokens: int) -> int | None:
    if model == "gpt-of-tomorrow":
        return None
    tokens_in, tokens_out, cached, _ = tokens
    return 150 * (tokens_in - cached) + 75 * cached + 600 * tokens_out


RECKONER = Reckoner(
    origin="acme_usage", integration_id="i-1", provider="acme", settled_before=SETTLED, price=_price
)


class Ledger:
    """Adds records as the database does: each id once."""

    def __init__(self) -> None:
        self.sums: dict[tuple[int, str], Sums] = defaultdict(Sums)
        self.ids: set[str] = set()

    def add(self, record: UsageRecord) -> None:
        assert reason_against(record) == ""
        if record.call_id in self.ids:
            return
        self.ids.add(record.call_id)
        key = (int(record.at.timestamp()) // 86_400, record.model)
        before = self.sums[key]
        self.sums[key] = Sums(
            facts=before.facts + 1,
            calls=before.calls + record.calls,
            tokens_in=before.tokens_in + record.tokens_in,
            tokens_out=before.tokens_out + record.tokens_out,
            tokens_cached=before.tokens_cached + record.tokens_cached,
            cost_nanos=before.cost_nanos + (record.cost_nanos or 0),
        )


def _told(items: list[Any]) -> Told:
    told = Told()
    told.add(items)
    return told


@given(ANSWERS)
def test_after_every_answer_the_sums_are_what_it_says(answers: list[list[Any]]) -> None:
    ledger = Ledger()
    for items in answers:
        told = _told(items)
        records = list(RECKONER.records(told, ledger.sums))
        for record in (*records, *records):  # a second copy changes nothing
            ledger.add(record)
        for key, said in told.usage.items():
            sums = ledger.sums[key]
            tokens = (sums.tokens_in, sums.tokens_out, sums.tokens_cached)
            assert tokens == (said.tokens_in, said.tokens_out, said.tokens_cached)
            assert said.calls is None or sums.calls >= said.calls
        for day in {day for day, _ in told.costs if day < SETTLED}:
            charged = sum(nanos for (other, _), nanos in told.costs.items() if other == day)
            kept = [sums.cost_nanos for (other, _), sums in ledger.sums.items() if other == day]
            assert sum(kept) == charged
        assert list(RECKONER.records(told, ledger.sums)) == []


@given(ANSWERS)
def test_of_two_who_reckon_from_the_same_sums_one_counts(answers: list[list[Any]]) -> None:
    one, both = Ledger(), Ledger()
    for items in answers:
        told = _told(items)
        for record in RECKONER.records(told, one.sums):
            one.add(record)
        twice = [list(RECKONER.records(told, both.sums)) for _ in range(2)]
        for record in (*twice[0], *twice[1]):
            both.add(record)
    assert one.sums == both.sums


def test_ids_of_long_names_stay_within_what_is_stored() -> None:
    model = "ft:" + "x" * 190
    told = _told(
        [ToldUsage(day=DAYS[1], model=model, calls=1, tokens_in=1, tokens_out=1, tokens_cached=0)]
    )
    (record,) = RECKONER.records(told, {})
    assert len(record.call_id) <= 200
