from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.errors import InvalidInput
from tui.cli.usage.spans import span

NOW = datetime(2026, 2, 28, 23, 59, tzinfo=UTC)


def _days(month: str | None = None, first: str | None = None, last: str | None = None) -> str:
    found = span(NOW, month=month, first=first, last=last)
    return f"{found.start:%Y-%m-%d %H:%M} {found.end:%Y-%m-%d %H:%M} {found.words}"


def test_this_month_where_nothing_is_said() -> None:
    assert _days() == "2026-02-01 00:00 2026-03-01 00:00 this month"


def test_a_month() -> None:
    assert _days(month="2024-02") == "2024-02-01 00:00 2024-03-01 00:00 February 2024"


def test_the_last_day_is_included() -> None:
    days = _days(first="2026-01-30", last="2026-01-31")
    assert days == "2026-01-30 00:00 2026-02-01 00:00 2026-01-30 to 2026-01-31"
    assert _days(first="2026-01-30").startswith("2026-01-30 00:00 2026-03-01 00:00")
    assert _days(last="2026-01-30").startswith("2000-01-01 00:00 2026-01-31 00:00")


@pytest.mark.parametrize(
    "told",
    [
        {"month": "March"},
        {"month": "2026-13"},
        {"month": "2026-02", "first": "2026-02-01"},
        {"first": "2026-02-29"},
        {"first": "1999-12-31"},
        {"last": "9999-12-31"},
        {"first": "2026-02-02", "last": "2026-02-01"},
    ],
)
def test_what_is_no_span_says_so(told: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        _days(**told)
