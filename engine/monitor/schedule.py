"""When a target is due again: interval, even spread, back-off, Retry-After. Pure.

Targets are spread by giving each a phase, its own moment within the interval. A new target is
checked at once, and then drifts to its phase by waiting up to 5 % longer than its interval, so
no check comes early and none later than its interval plus 10 %. On its phase a target stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Failing targets are asked ever more rarely, but at least this often (or at their interval).
BACKOFF_LIMIT_S = 600
# A provider that asks for more than a day of rest has made a mistake, or wants to be forgotten.
RETRY_AFTER_LIMIT_S = 86_400
# The most that drifting towards the phase may add to a wait, as 1/20 of it.
_DRIFT = 20
# A start this late (1/50 of the interval) still counts from its plan, so that lateness does not
# add up; a later one counts from the start itself, so that the next is not too soon.
_LATE = 50
# 2^32 divided by the golden ratio: multiples of it fall evenly however many there are.
_GOLDEN = 2_654_435_769
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """When a target is due again; `retry_at` is until when its provider asked to be left alone."""

    due_at: datetime
    retry_at: datetime | None = None


def phase_ms(number: int, interval_ms: int) -> int:
    """Return the target's own moment within the interval, from 0 to below it.

    Fibonacci hashing (Knuth, TAOCP 6.4) of the target's number: consecutive numbers, as they are
    given out, leave no gaps and make no heaps, which a random hash would.
    """
    return ((number * _GOLDEN) % 2**32) * interval_ms // 2**32


def wait_s(interval_s: int, failures_in_row: int) -> int:
    """Return the seconds between two checks: doubled with each further failure, to a limit."""
    if failures_in_row <= 1:
        return interval_s
    limit = max(interval_s, BACKOFF_LIMIT_S)
    return min(limit, interval_s << min(failures_in_row - 1, 16))


def next_plan(  # noqa: PLR0913 - the facts of one check, all by name
    *,
    number: int,
    interval_s: int,
    planned: datetime | None,
    started: datetime,
    failures_in_row: int = 0,
    retry_after_s: float | None = None,
) -> Plan:
    """Return when the target is due after a check.

    Args:
        number: The target's number, which gives its phase.
        interval_s: Seconds between its checks, at least 1.
        planned: When this check was due; None when it had no plan.
        started: When it began; aware UTC.
        failures_in_row: Failing results in a row, this one included.
        retry_after_s: Seconds for which the provider asked to be left alone.
    """
    wait_ms = wait_s(interval_s, failures_in_row) * 1000
    earliest = _base_ms(planned, started, interval_s * 1000) + wait_ms
    interval_ms = interval_s * 1000
    missing = (phase_ms(number, interval_ms) - earliest) % interval_ms
    due_at = _from_ms(earliest + min(missing, wait_ms // _DRIFT))
    if not retry_after_s or retry_after_s <= 0:
        return Plan(due_at=due_at)
    retry_at = started + timedelta(seconds=min(retry_after_s, RETRY_AFTER_LIMIT_S))
    return Plan(due_at=max(due_at, retry_at), retry_at=retry_at)


def _base_ms(planned: datetime | None, started: datetime, interval_ms: int) -> int:
    now = _to_ms(started)
    if planned is None:
        return now
    due = _to_ms(planned)
    return due if abs(now - due) <= interval_ms // _LATE else now


def _to_ms(when: datetime) -> int:
    return (when - _EPOCH) // _MILLISECOND


def _from_ms(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND
