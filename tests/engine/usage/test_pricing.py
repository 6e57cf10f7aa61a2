"""What calls cost at list prices, held against the package whose tables they are."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers

from engine.usage.pricing import price

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, 0, 40, tzinfo=UTC)


def _told(provider: str, model: str, at: datetime, tokens: tuple[int, int, int]) -> Decimal | None:
    """Ask the package itself."""
    usage = Usage(input_tokens=tokens[0], output_tokens=tokens[1], cache_read_tokens=tokens[2])
    try:
        told = calc_price(usage, model, provider_id=provider, genai_request_timestamp=at)
    except LookupError:
        return None
    return told.total_price


@pytest.mark.parametrize("at", [NOON, MIDNIGHT], ids=["noon", "night"])
def test_agrees_with_the_package_on_every_model_it_finds(at: datetime) -> None:
    chance = random.Random(7)  # noqa: S311
    compared = 0
    for provider, model in ((one.id, model.id) for one in providers for model in one.models):
        tokens_in = chance.randrange(400_000)
        tokens = (tokens_in, chance.randrange(9_000), chance.randrange(tokens_in + 1))
        told, got = _told(provider, model, at, tokens), price(provider, model, at, *tokens)
        if told is not None and (got is not None or told != 0):
            assert got is not None, (provider, model)
            assert abs(got - told * 10**9) <= 1, (provider, model)
            compared += 1
    assert compared > 1_000


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o"),
        ("openai", "gpt-4o-2024-08-06"),
        ("azure_openai", "gpt-4o"),
        ("custom", "gpt-4o"),
        ("custom", "openai/gpt-4o"),
    ],
)
def test_finds_a_model_under_the_names_that_it_goes_by(provider: str, model: str) -> None:
    # 900 fresh at 2.50, 100 cached at 1.25, 500 out at 10.00 dollars a million.
    assert price(provider, model, NOON, 1_000, 500, 100) == 7_375_000


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "no-such-model"),
        ("openai", ""),
        ("openai", "\x00"),
        ("no-such-provider", "gpt-4o"),
        ("custom", "qwen2.5:7b"),
        ("custom", "our-own-model"),
        ("openai", "whisper-1"),
    ],
)
def test_has_no_price_for_what_it_does_not_know(provider: str, model: str) -> None:
    assert price(provider, model, NOON, 1_000, 500, 0) is None


def test_takes_the_price_of_the_day() -> None:
    before = datetime(2025, 6, 9, 23, 59, tzinfo=UTC)
    after = datetime(2025, 6, 10, 0, 0, tzinfo=UTC)
    assert price("openai", "o3", before, 1_000_000, 0) == 10_000_000_000
    assert price("openai", "o3", after, 1_000_000, 0) == 2_000_000_000


def test_charges_a_long_prompt_at_its_own_price() -> None:
    short = price("google", "gemini-2.5-pro", NOON, 200_000, 0)
    long = price("google", "gemini-2.5-pro", NOON, 200_001, 0)
    assert short == 250_000_000
    assert long == 500_002_500


def test_goes_by_the_length_of_one_prompt_where_calls_are_counted_together() -> None:
    assert price("google", "gemini-2.5-pro", NOON, 1_000_000, 0, 0, 10) == 1_250_000_000


def test_is_exact_for_what_costs_less_than_a_cent() -> None:
    assert price("openai", "gpt-4o-mini", NOON, 1, 0) == 150
    assert price("openai", "gpt-4o-mini", NOON, 0, 1) == 600
    assert price("openai", "text-embedding-3-small", NOON, 1, 0) == 20


def test_never_charges_for_more_cached_tokens_than_there_were() -> None:
    assert price("openai", "gpt-4o", NOON, 100, 0, 500) == 125_000


def test_a_correction_gives_money_back() -> None:
    assert price("openai", "gpt-4o", NOON, -1_000, -500, 0, 0) == -7_500_000


def test_counts_beyond_what_a_float_holds_exactly() -> None:
    tokens = 2**53 + 1
    assert price("openai", "gpt-4o", NOON, tokens, 0) == int(Decimal(tokens) * 2500)
