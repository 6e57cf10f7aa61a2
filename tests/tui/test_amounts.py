from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from engine.integrations.fields import MAX_BUDGET_CENTS, MAX_TOKENS
from engine.limits.results import MAX_LEVELS
from tui import amounts


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("500", 50_000),
        ("500.50", 50_050),
        ("$500", 50_000),
        ("$ 1,500.25", 150_025),
        ("2k", 200_000),
        (".5", 50),
        ("0", 0),
        ("Unlimited", 0),
        ("$1B", MAX_BUDGET_CENTS),
    ],
)
def test_dollars_become_cents(typed: str, said: int) -> None:
    assert amounts.cents(typed) == said


@pytest.mark.parametrize(
    "typed",
    [
        *("", "-5", "1.500,50", "5 dollars", "1e5", "nan", "inf", "٥٠", "$", "1.005", "1,50"),
        *("$2B", "9" * 5000, "5\n5", "k", f"5{' ' * 70}6", f"{'0' * 70}5"),
    ],
)
def test_what_is_no_amount_of_cents_says_so(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        amounts.cents(typed)
    assert refused.value.field == "budget"
    assert len(refused.value.message) < 120


@pytest.mark.parametrize(
    ("typed", "said"),
    [("2M", 2_000_000), ("1.5B", 1_500_000_000), ("300k", 300_000), ("1_000", 1000), ("off", 0)],
)
def test_counts(typed: str, said: int) -> None:
    assert amounts.count(typed) == said


@pytest.mark.parametrize("typed", ["$5", "1.5", "0.0001k", "2000T", "many"])
def test_what_is_no_count_says_so(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        amounts.count(typed)
    assert refused.value.field == "tokens"


@given(st.integers(1, MAX_TOKENS))
def test_every_count_reads_back_as_it_is_written(number: int) -> None:
    assert amounts.count(str(number)) == amounts.count(f"{number:,}") == number


@given(st.integers(0, MAX_BUDGET_CENTS))
def test_every_budget_reads_back_as_it_is_shown(number: int) -> None:
    assert amounts.cents(f"${number // 100:,}.{number % 100:02d}") == number


def test_rates_and_costs() -> None:
    assert amounts.rate("60") == 60
    assert amounts.dollars("$0.00042") == Decimal("0.00042")
    for read, typed in ((amounts.rate, "60/m"), (amounts.dollars, "-1"), (amounts.dollars, "9T")):
        with pytest.raises(InvalidInput):
            read(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("50,80,95", (50.0, 80.0, 95.0)),
        ("95%, 50%", (50.0, 95.0)),
        ("80 80", (80.0,)),
        ("99.5", (99.5,)),
        ("Default", ()),
    ],
)
def test_warning_levels(typed: str, said: tuple[float, ...]) -> None:
    assert amounts.levels(typed) == said


@pytest.mark.parametrize(
    "typed",
    ["", ",", "0", "50,high", "-1", "1001", " ".join(map(str, range(1, MAX_LEVELS + 2)))],
)
def test_what_are_no_levels_says_so(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        amounts.levels(typed)
    assert refused.value.field == "warn"
