"""What tokens cost at the providers' list prices, from the tables of `genai-prices`.

The tables come with the package and are never fetched. An unknown model has no price, which is
not a price of 0. What a contract or a service tier makes cheaper is not known here: a record that
brings its own cost keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

# As genai-prices calls the providers that Lampboard calls otherwise. What is not here is looked
# up by its own name; `custom` is found by the model's name alone, where that is unmistakable.
_NAMES: dict[str, str | None] = {
    "azure_openai": "azure",
    "bedrock": "aws",
    "google": "google",
    "custom": None,
    "": None,
}
_PICOS_PER_NANO = 1_000
# A dollar for a million tokens is a millionth of a dollar, a million picos, for each.
_PICOS_PER_TOKEN = 1_000_000
_PICOS_PER_CALL = 1_000_000_000
_KNOWN_MODELS = 8_192


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rate:
    """Picodollars for one token, and more of them above a length of the prompt."""

    base: int = 0
    tiers: tuple[tuple[int, int], ...] = ()

    def at(self, prompt: int) -> int:
        """Return what one token costs in a call with a prompt of that many tokens."""
        found = self.base
        for start, price in self.tiers:
            if prompt > start:
                found = price
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rates:
    """What the tokens of one model cost at one time."""

    fresh: _Rate
    cached: _Rate
    answer: _Rate
    call: int
    flat: bool

    def nanos(self, tokens_in: int, tokens_out: int, tokens_cached: int, calls: int) -> int:
        """Return the price in nano-dollars, rounded half up, of calls of average length."""
        # A correction may be negative all through, and then nothing is out of bounds.
        cached = min(tokens_cached, tokens_in) if tokens_in >= 0 else tokens_cached
        # The length that a tier goes by is that of one prompt, not that of several together.
        prompt = 0 if self.flat else tokens_in // max(calls, 1)
        picos = (
            (tokens_in - cached) * self.fresh.at(prompt)
            + cached * self.cached.at(prompt)
            + tokens_out * self.answer.at(prompt)
            + calls * self.call
        )
        return (picos + _PICOS_PER_NANO // 2) // _PICOS_PER_NANO


def price(  # noqa: PLR0913, PLR0917
    provider: str,
    model: str,
    at: datetime,
    tokens_in: int,
    tokens_out: int,
    tokens_cached: int = 0,
    calls: int = 1,
) -> int | None:
    """Return what calls cost at list prices in nano-dollars; None where no price is known.

    Args:
        provider: As Lampboard names it.
        model: As the provider names it.
        at: When the call was made: prices change, and some differ by the time of day.
        tokens_in: Tokens of the prompt, cached ones included.
        tokens_out: Tokens of the answer.
        tokens_cached: Those of `tokens_in` that were read from a cache.
        calls: How many calls the tokens belong to.
    """
    rates = _rates_of(provider, model)
    if rates is None:
        return None
    known = rates(at) if callable(rates) else rates
    if known is None:
        return None
    return known.nanos(tokens_in, tokens_out, tokens_cached, calls)


def load() -> None:
    """Load the tables now, which takes a sixth of a second, and not with the first price."""
    _rates_of("", "")


@lru_cache(maxsize=_KNOWN_MODELS)
def _rates_of(provider: str, model: str) -> _Rates | Callable[[datetime], _Rates | None] | None:
    """Look a model up; what it costs may depend on the moment."""
    found = _find(_NAMES.get(provider, provider), model)
    if found is None:
        return None
    if not isinstance(found.prices, list):
        return _read(found.prices)
    return _by_time(found)


def _find(provider: str | None, model: str) -> ModelInfo | None:
    """Look a model up by its name, and without what stands before a slash in it."""
    from genai_prices.data_snapshot import get_snapshot

    for name in (model, model.rpartition("/")[2]):
        try:
            return get_snapshot().find_provider_model(name, None, provider, None)[1]
        except LookupError:
            continue
    return None


def _by_time(model: ModelInfo) -> Callable[[datetime], _Rates | None]:
    """Return what gives a model's prices at a moment; the last that holds counts."""
    conditions = model.prices if isinstance(model.prices, list) else []
    known = [(one.constraint, _read(one.prices)) for one in reversed(conditions)]

    def rates(at: datetime) -> _Rates | None:
        for constraint, read in known:
            if constraint is None or constraint.active(at):
                return read
        return known[-1][1] if known else None

    return rates


def _read(prices: ModelPrice) -> _Rates | None:
    """Take the prices of text out of all that a model may charge for.

    A model without a price for tokens (one that charges for seconds or pictures) has none here:
    what its calls cost does not follow from tokens.
    """
    if prices.input_mtok is None and prices.output_mtok is None and not prices.requests_kcount:
        return None
    fresh, answer = _rate(prices.input_mtok), _rate(prices.output_mtok)
    cached = fresh if prices.cache_read_mtok is None else _rate(prices.cache_read_mtok)
    call = _rate(prices.requests_kcount, _PICOS_PER_CALL).base
    flat = not (fresh.tiers or cached.tiers or answer.tiers)
    return _Rates(fresh=fresh, cached=cached, answer=answer, call=call, flat=flat)


def _rate(price: Decimal | TieredPrices | None, picos: int = _PICOS_PER_TOKEN) -> _Rate:
    """Make a rate of what the tables say in dollars for a million tokens."""
    from genai_prices.types import TieredPrices

    if price is None:
        return _Rate()
    if not isinstance(price, TieredPrices):
        return _Rate(base=round(price * picos))
    tiers = tuple((tier.start, round(tier.price * picos)) for tier in price.tiers)
    return _Rate(base=round(price.base * picos), tiers=tiers)
