"""One sentence for every situation that a limit can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.limits.preview import ordinal, sentence_of
from engine.limits.results import Forecast, GaugeResult
from engine.usage.period import period_of

NOW = datetime(2026, 3, 14, 14, 2, tzinfo=UTC)
LASTS_PERHAPS = (
    "At this pace it lasts the month, with 99% used at its end; it may run out from the 30th on."
)


def gauge(**changes: object) -> GaugeResult:
    month = period_of(NOW)
    known = GaugeResult(
        id="1",
        tenant_id="acme",
        scope="integration",
        subject="i-1",
        name="gpt",
        provider="openai",
        measure="budget",
        state="ok",
        limit=1000,
        used=400,
        held=0,
        percent=40.0,
        levels=(50.0,),
        reached=None,
        unpriced=0,
        forecast=None,
        period_start=month.start,
        resets_at=month.end,
        urgency=0,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def on(day: int, hour: int = 9) -> datetime:
    return NOW.replace(day=day, hour=hour)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {
                "forecast": Forecast(
                    projected=1200, runs_out_at=on(27), earliest=on(26), latest=on(29)
                )
            },
            "At this pace it lasts until the 27th (26th to 29th).",
        ),
        (
            {
                "forecast": Forecast(
                    projected=1200, runs_out_at=on(22), earliest=on(22, 1), latest=on(22, 23)
                )
            },
            "At this pace it lasts until the 22nd.",
        ),
        (
            {"forecast": Forecast(projected=1001, runs_out_at=on(31), earliest=on(23))},
            "At this pace it lasts until the 31st (23rd at the soonest; it may last the month).",
        ),
        (
            {
                "forecast": Forecast(
                    projected=1200, runs_out_at=on(14, 17), earliest=on(14, 16), latest=on(14, 18)
                )
            },
            "At this pace it lasts until today, 17:02 UTC.",
        ),
        (
            {"forecast": Forecast(projected=629)},
            "At this pace it lasts the month, with 63% used at its end.",
        ),
        (
            {"forecast": Forecast(projected=999, earliest=on(30))},
            LASTS_PERHAPS,
        ),
        (
            {"state": "over", "used": 1180, "forecast": Forecast(projected=2000)},
            "It was used up already: 118% of it is used.",
        ),
        ({"forecast": Forecast(reason="Too little.")}, "Too little."),
        (
            {"state": "unlimited", "limit": 0},
            "Unlimited: nothing is warned of, and nothing is blocked.",
        ),
        (
            {"state": "unmeasured", "used": None},
            "Nothing was measured yet, so how long it lasts cannot be told.",
        ),
    ],
)
def test_every_situation_has_its_sentence(changes: dict[str, object], sentence: str) -> None:
    assert sentence_of(gauge(**changes), now=NOW) == sentence


def test_a_rate_is_compared_with_the_busiest_minute() -> None:
    rate = gauge(measure="rate", limit=60, used=3)
    assert sentence_of(rate, now=NOW, busiest=41) == (
        "The busiest minute of the last hour had 41 of 60 requests."
    )
    assert sentence_of(rate, now=NOW, busiest=61) == (
        "The busiest minute of the last hour had 61 of 60 requests, "
        "so calls would have been blocked."
    )


def test_days_are_said_as_people_say_them() -> None:
    told = [ordinal(day) for day in (1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 23, 30, 31)]
    assert " ".join(told) == "1st 2nd 3rd 4th 10th 11th 12th 13th 21st 22nd 23rd 30th 31st"
