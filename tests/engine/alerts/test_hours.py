"""Hours in which people want to be told: over midnight, and where the clock jumps."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.alerts.hours import hours_of, read_hours, show_hours
from engine.errors import InvalidInput

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("typed", "when", "expected"),
    [
        # 2026-11-20 is a Friday.
        ("mon-fri 08:00-18:00", "2026-11-20 09:00", "2026-11-20 09:00"),
        ("mon-fri 08:00-18:00", "2026-11-20 07:59", "2026-11-20 08:00"),
        ("mon-fri 08:00-18:00", "2026-11-20 18:00", "2026-11-23 08:00"),
        ("22:00-06:00", "2026-11-20 03:00", "2026-11-20 03:00"),
        ("22:00-06:00", "2026-11-20 12:00", "2026-11-20 22:00"),
        ("fri 22:00-06:00", "2026-11-21 05:59", "2026-11-21 05:59"),
        ("fri 22:00-06:00", "2026-11-21 06:00", "2026-11-27 22:00"),
        ("sat,sun", "2026-11-20 12:00", "2026-11-21 00:00"),
        ("sat,sun", "2026-11-22 23:59", "2026-11-22 23:59"),
        ("fri-mon 09:00-09:00", "2026-11-24 08:59", "2026-11-24 08:59"),
        ("fri-mon 09:00-09:00", "2026-11-24 09:00", "2026-11-27 09:00"),
        # The clock is put forward at 02:00 on 2026-03-29, and back at 03:00 on 2026-10-25.
        ("02:30-04:00", "2026-03-29 01:00", "2026-03-29 03:30"),
        ("02:30-04:00", "2026-10-25 00:00", "2026-10-25 02:30"),
    ],
)
def test_the_first_moment_in_the_hours(typed: str, when: str, expected: str) -> None:
    found = hours_of(read_hours(typed, "Europe/Berlin"))
    assert found is not None
    assert found.open_from(at(when)).astimezone(BERLIN) == at(expected)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        ("always", ""),
        ("Mon-Fri 8:00-18:00", "mon-fri 08:00-18:00"),
        ("8:00 - 18:00", "08:00-18:00"),
        ("sun,mon,tuesday", "mon,tue,sun"),
        ("sat-sun", "sat,sun"),
        ("mon-sun 22:00-06:00", "22:00-06:00"),
        ("mon-sun", "mon-sun"),
    ],
)
def test_hours_are_shown_as_they_are_read(typed: str, shown: str) -> None:
    stored = read_hours(typed, "Europe/Berlin")
    assert show_hours(stored) == shown
    assert read_hours(shown, "Europe/Berlin") == stored


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("someday", "UTC"), ("25:00-26:00", "UTC"), ("8-18", "UTC"), ("mon 8:00-18:00", "Moon/Base")],
)
def test_what_are_no_hours_is_refused(typed: str, zone: str) -> None:
    with pytest.raises(InvalidInput):
        read_hours(typed, zone)
