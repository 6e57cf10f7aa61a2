"""Moments as people type them: days, times, spans, never; and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import InvalidInput
from tui.dates import expiry

NOW = datetime(2026, 3, 14, 14, 2, 11, 750_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-31", datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-12-31", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2028-02-29", datetime(2028, 3, 1, tzinfo=UTC)),
        ("2026-03-14", datetime(2026, 3, 15, tzinfo=UTC)),
        ("2027-01-31 18:00", datetime(2027, 1, 31, 18, tzinfo=UTC)),
        ("2027-01-31T18:00:30Z", datetime(2027, 1, 31, 18, 0, 30, tzinfo=UTC)),
        ("2027-01-31 18:00+02:00", datetime(2027, 1, 31, 16, tzinfo=UTC)),
        ("2027-01-31 23:00-05:30", datetime(2027, 2, 1, 4, 30, tzinfo=UTC)),
        ("90d", datetime(2026, 6, 12, 14, 2, 11, tzinfo=UTC)),
        ("  2 WEEKS ", datetime(2026, 3, 28, 14, 2, 11, tzinfo=UTC)),
        ("1 day", datetime(2026, 3, 15, 14, 2, 11, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read(typed: str, meant: datetime) -> None:
    assert expiry(typed, NOW) == meant


@pytest.mark.parametrize("typed", ["", "  ", "never", " Never "])
def test_nothing_and_never_are_no_moment(typed: str) -> None:
    assert expiry(typed, NOW) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("2026-02-30", "2026-13-01", "31.12.2026", "2026-1-1", "tomorrow", "d", "-3d", "90", "1y"),
        *(
            "99999d",
            "9999-12-31",
            "2027-01-31 25:00",
            "2027-01-31 18:00+99:00",
            "٣d",
            "2027-01-31T",
        ),
        *("2027-01-31 18:00:00.5", "0001-01-01 00:00+23:59", "x" * 5_000, "\x1b[2J", "9" * 5_000),
    ],
)
def test_what_is_no_moment_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(InvalidInput, match=r"no moment|has passed") as caught:
        expiry(typed, NOW)
    assert caught.value.field == "expires_at"
    assert "90d" in caught.value.hint
    assert typed not in caught.value.message


@pytest.mark.parametrize("typed", ["2026-03-13", "2026-03-14 14:02", "0d", "2001-01-01 00:00"])
def test_what_has_passed_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput, match="has passed"):
        expiry(typed, NOW)


def test_what_a_form_shows_is_read_back_as_it_was() -> None:
    at = (NOW + timedelta(days=9)).replace(second=0, microsecond=0)
    assert expiry(f"{at:%Y-%m-%d %H:%M}", NOW) == at
