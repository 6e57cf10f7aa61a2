"""The rules of checking that need no database: how old, how often, and what a check changes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from engine.probes.states import FAILING, PASSING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

INTEGRATION, SOURCE, CONNECTOR = "integration", "source", "connector"

# Between two checks of a target that nobody forced.
MIN_BETWEEN = timedelta(seconds=60)
# A monitor beats every 2 s; five missed beats and it counts as gone.
BEAT_TIMEOUT = timedelta(seconds=10)
# And so long until an incident says that it died: a machine may be busy, a server restarted.
SILENCE = timedelta(seconds=30)


def age_s(then: datetime | None, now: datetime) -> float | None:
    """Return the seconds since `then`, never negative (clocks may be set back)."""
    return None if then is None else max(0.0, (now - then).total_seconds())


def is_fresh(checked_at: datetime | None, now: datetime) -> bool:
    """Tell whether an unforced check may answer with the last one.

    A check from the future (a clock set back) counts as old, else it would block checking.
    """
    return checked_at is not None and timedelta(0) <= now - checked_at < MIN_BETWEEN


# What the operator took out of use: a check of all passes it over.
LEFT_OUT: Mapping[str, frozenset[str]] = {
    INTEGRATION: frozenset({"disabled"}),
    SOURCE: frozenset({"inactive", "deprecated"}),
    CONNECTOR: frozenset({"disconnected", "deprecated"}),
}


def _become(
    kind: str, statuses: Iterable[str], states: Iterable[str], status: str
) -> Iterator[tuple[tuple[str, str, str], str]]:
    for before in statuses:
        for state in states:
            yield (kind, before, state), status


# Kind, status and the state that a check found -> the new status; all else stays as it is. An
# unknown state changes nothing: there was no way to check.
STATUS_CHANGES: Mapping[tuple[str, str, str], str] = dict(
    (
        *_become(SOURCE, ("active",), FAILING, "error"),
        *_become(SOURCE, ("error",), PASSING, "active"),
        *_become(CONNECTOR, ("registered", "configuring", "ready", "error"), PASSING, "connected"),
        *_become(CONNECTOR, ("registered", "configuring", "ready", "connected"), FAILING, "error"),
    )
)


def status_after(kind: str, status: str, state: str) -> str:
    """Return the status of a thing after a check found it in `state`."""
    return STATUS_CHANGES.get((kind, status, state), status)


class Deadlines(Protocol):
    """What says how long checks may take, in seconds: settings, and the monitor's limits."""

    @property
    def deadline_s(self) -> float:
        """Of an integration."""
        ...

    @property
    def test_deadline_s(self) -> float:
        """Of a source or connector."""
        ...


def deadline_s(kind: str, given: Deadlines) -> float:
    """Return the seconds that one check of such a thing may take."""
    return given.deadline_s if kind == INTEGRATION else given.test_deadline_s
