"""Times without a zone: given the declared one where they name exactly one moment, else refused.

A clock that is put forward skips times, one that is put back shows times twice. Neither kind is
guessed at: a caller who means one of the two writes its offset.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.gateway.parameters.refusing import Unfit

_WITH_OFFSET = "Write it with its offset, such as 2026-11-01T09:30:00+01:00."
_NO_ZONE = ("needs a time zone", f"{_WITH_OFFSET[:-1]}, or declare a zone.")
_SKIPPED = ("is a time that its zone's clocks skip", _WITH_OFFSET)
_TWICE = ("is a time that its zone's clocks show twice", _WITH_OFFSET)
_OUT_OF_RANGE = ("is out of the range of times", "")


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo | None:
    """Return an IANA zone; None where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def in_utc(value: datetime, zone: str | None) -> datetime:
    """Return a moment in UTC.

    Args:
        value: Aware, or naive and then meant in `zone`.
        zone: An IANA name; None refuses naive times.

    Raises:
        Unfit: No zone says which moment it is, it names none or two, or it is out of range.
    """
    try:
        if value.utcoffset() is not None:
            return _moment(value)
        info = zone_of(zone) if zone else None
        if info is None:
            raise Unfit(*_NO_ZONE)
        first, second = (value.replace(tzinfo=info, fold=fold) for fold in (0, 1))
        moment = _moment(first)
        if first.utcoffset() != second.utcoffset():
            raise Unfit(*_TWICE)
    except (OverflowError, ValueError):
        raise Unfit(*_OUT_OF_RANGE) from None
    return moment


def _moment(value: datetime) -> datetime:
    moment = value.astimezone(UTC)
    # Only a time that exists comes back as it was.
    if moment.astimezone(value.tzinfo).replace(tzinfo=None) != value.replace(tzinfo=None):
        raise Unfit(*_SKIPPED)
    return moment
