from __future__ import annotations

import pytest

from tests.tui.limits.made import DOLLAR, gauge, rate, story, unlimited
from tui.limits import draft


def test_limits_are_texts_that_mean_the_same_again() -> None:
    found = draft.texts(story())
    assert found == {
        "budget_limit_cents": "500",
        "token_limit_month": "",
        "rate_limit_rpm": "60",
        "warning_levels": "50, 80, 95, 100",
    }
    assert draft.limits(found) == {
        "budget_limit_cents": 50_000,
        "token_limit_month": 0,
        "rate_limit_rpm": 60,
        "warning_levels": (50.0, 80.0, 95.0, 100.0),
    }


def test_cents_and_large_numbers_survive() -> None:
    large = story(
        gauges=(
            gauge(limit=12_345_670_000_000, levels=(33.5,)),
            gauge(measure="tokens", limit=2**49),
            rate(limit=12_000),
        )
    )
    found = draft.limits(draft.texts(large))
    assert found["budget_limit_cents"] == 1_234_567
    assert found["token_limit_month"] == 2**49
    assert found["rate_limit_rpm"] == 12_000
    assert found["warning_levels"] == (33.5,)


def test_only_what_is_given_is_set() -> None:
    assert draft.limits({"token_limit_month": "1.5M"}) == {"token_limit_month": 1_500_000}
    assert draft.limits({"warning_levels": ""}) == {"warning_levels": ()}


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("budget_limit_cents", "lots", "is not an amount of dollars"),
        ("budget_limit_cents", "0.001", "whole cents"),
        ("token_limit_month", "1.5", "whole tokens"),
        ("rate_limit_rpm", "-3", "is not a number of requests"),
        ("warning_levels", "0", "are not warning levels"),
    ],
)
def test_what_cannot_be_a_limit_is_said(name: str, typed: str, said: str) -> None:
    spec = next(spec for spec in draft.SPECS if spec.name == name)
    assert said in (spec.problem(typed) or "")
    assert spec.problem("") is None


def test_a_meter_without_gauges_begins_empty() -> None:
    assert set(draft.texts(story(gauges=())).values()) == {""}
    only = draft.texts(story(gauges=(unlimited("budget", limit=5 * DOLLAR),)))
    assert only["budget_limit_cents"] == "5"
