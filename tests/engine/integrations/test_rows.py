from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.integrations.rows import month_of


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        (datetime(2026, 11, 21, 12, tzinfo=UTC), (2026, 11, 1), (2026, 12, 1)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), (2026, 12, 1), (2027, 1, 1)),
        (datetime(2028, 2, 29, tzinfo=UTC), (2028, 2, 1), (2028, 3, 1)),
        (
            datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))),
            (2026, 11, 1),
            (2026, 12, 1),
        ),
    ],
)
def test_a_period_is_the_calendar_month_in_utc(
    now: datetime, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    assert month_of(now) == (datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC))
