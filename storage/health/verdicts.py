"""What a target's last checks come to: good, bad or flapping. Pure.

A single bad check opens no incident; several in a row do, and several good ones in a row end it.
A target that goes back and forth is flapping until it is calm again: it begins at six changes
within the last twenty checks and ends at three. Two bounds instead of one, as Nagios has them,
so that what is in between does not flap itself.
"""

from __future__ import annotations

from dataclasses import dataclass

GOOD, BAD, FLAPPING = "good", "bad", "flapping"
REMEMBERED = 20
"""How many checks are looked back at for flapping."""
FLAPS_FROM, CALM_FROM = 6, 3
"""So many changes among them are flapping, and so few are calm again."""

_LEAD = 1 << REMEMBERED
# Another state than these (unknown) is no judgement: there was no way to check.
JUDGED = {"healthy": 0, "degraded": 1, "failing": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """After how many bad checks in a row a target is bad, and after how many good ones good."""

    failures: int = 3
    passes: int = 2


DEFAULT_THRESHOLDS = Thresholds()


def remembered(recent: int, bit: int) -> int:
    """Adds a check to the last ones: bits behind a leading one, the newest last (1 was bad)."""
    recent = recent << 1 | bit
    return recent if recent < _LEAD << 1 else recent & (_LEAD - 1) | _LEAD


def in_a_row(recent: int) -> int:
    """Counts the last checks that were alike."""
    if not recent & 1:
        return _zeros(recent)  # the leading bit ends them
    return min(_zeros(recent + 1), recent.bit_length() - 1)


def _zeros(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def changes(recent: int) -> int:
    """Counts how often two neighbouring checks were not alike."""
    pairs = max(recent.bit_length() - 2, 0)
    return ((recent ^ recent >> 1) & (1 << pairs) - 1).bit_count()


def judged(recent: int, verdict: str, failures: int, passes: int) -> str:
    """Says what the last checks come to, given what they came to before the newest."""
    if verdict == FLAPPING:
        if changes(recent) > CALM_FROM:
            return FLAPPING
    elif changes(recent) >= FLAPS_FROM:
        return FLAPPING
    bad = recent & 1
    if in_a_row(recent) >= min(failures if bad else passes, REMEMBERED):
        return BAD if bad else GOOD
    return verdict
