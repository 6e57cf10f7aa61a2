"""All that the monitor does with the database, in one transaction a time.

One errand carries results there and brings claims back. SQLite has one writer, so one errand
after the other is also the fastest way; claims and results in separate transactions would wait
for each other. Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.credentials.accesses import write as write_accesses
from engine.health import things
from engine.health.rules import STATUS_CHANGES
from engine.incidents.turning import thresholds, turn
from engine.monitor.heartbeats import bury, bury_absent, look_for_absent
from storage import forgetting
from storage.health import HealthDriver, mend_clock
from storage.presence import lease_clock
from storage.references import ReferencesDriver, day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.credentials import CredentialStore
    from engine.health.things import Thing
    from engine.settings import Settings
    from storage.health import CheckRow, MonitorRow, TargetRow, TurnRow
    from storage.references import AskedRow


ORIGIN = "monitor"
"""Who asked for secrets, as accesses are told."""

ACCESSES_KEPT_DAYS = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What to claim: up to `limit` targets that are due by a time, some technologies left out."""

    limit: int
    lease_s: float
    ahead_s: float = 0.0
    due_by: datetime | None = None
    passing_over: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """What is to be done; everything in it is optional.

    Attributes:
        owner: The monitor's id, which its leases carry.
        results: Checks to record; their leases end with that.
        postponed: Targets that were not checked, with when they are due instead.
        dropped: Targets that are given back as they were; None for all that are held.
        beat: The heartbeat.
        gone: Other monitors that were not there any more at two looks.
        mend: Whether a clock was set back, so that times in the future are to be repaired.
        asked: Which secrets were asked for.
        claim: What to bring back.
    """

    owner: str
    results: Sequence[CheckRow] = ()
    asked: Sequence[AskedRow] = ()
    postponed: Sequence[tuple[int, datetime]] = ()
    dropped: Sequence[int] | None = ()
    beat: MonitorRow | None = None
    gone: tuple[str, ...] = ()
    mend: bool = False
    claim: Claim | None = None


@dataclass(slots=True)
class Claimed:
    """A target that is this monitor's alone for now, with what its check needs.

    Attributes:
        thing: The thing with its target; its secrets are opened at the point of use.
        ready_at: Monotonic seconds at which it is due.
        lease_ends: Monotonic seconds after which another monitor may take it.
    """

    thing: Thing
    ready_at: float
    lease_ends: float

    @property
    def target(self) -> TargetRow:
        """The target with its schedule."""
        return self.thing.target

    @property
    def lane(self) -> str:
        """The technology: checks of one share a cap."""
        return self.target.technology


@dataclass(frozen=True, kw_only=True, slots=True)
class Haul:
    """What an errand brought back.

    Attributes:
        claimed: New work, longest due first.
        full: Whether there may be more of it right now.
        next_due: When the next target that nobody holds is due; None when nothing is planned.
    """

    claimed: list[Claimed] = field(default_factory=list)
    full: bool = False
    next_due: datetime | None = None


def run_errand(
    connection: Connection,
    errand: Errand,
    *,
    clock: Clock,
    credentials: CredentialStore,
    settings: Settings,
) -> Haul:
    """Do everything that the errand says, in an order in which nothing is claimed too early.

    What turned is told to the incidents last of all: that may wait for others who do so, and
    nobody who has his turn there waits for anything that is held here.
    """
    driver = HealthDriver(connection)
    turned: Sequence[TurnRow] = ()
    if errand.results:
        turned = driver.record(
            errand.results,
            owner=errand.owner,
            statuses=STATUS_CHANGES,
            thresholds=thresholds(settings),
        ).turned
    if errand.asked:
        write_accesses(connection, errand.asked, ORIGIN)
    if errand.mend:
        # After recording: results that ended before the clock was set back are mended, too.
        mend_clock(connection, clock.now())
    _give_back(driver, errand)
    if errand.beat is not None:
        driver.beat(errand.beat)
        bury(driver, errand.beat, clock.now())
    if errand.gone:
        bury_absent(driver, errand.owner, errand.gone, clock.now())
    haul = Haul()
    if errand.claim is not None:
        haul = _claim(driver, errand.claim, errand.owner, clock=clock, credentials=credentials)
    turn(connection, turned)
    return haul


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What is to be seen: when the next target that nobody holds is due, and who is gone."""

    next_due: datetime | None
    gone: tuple[str, ...]


def look(connection: Connection, *, owner: str, clock: Clock) -> Look:
    """Look for what others planned, and for monitors that died; for a reading connection."""
    driver = HealthDriver(connection)
    gone = look_for_absent(driver, owner, clock.now())
    return Look(next_due=driver.next_due(), gone=gone)


def due_count(connection: Connection, by: datetime) -> int:
    """Return how many targets are due by a time, held or not; for a reading connection."""
    return HealthDriver(connection).due_count(by)


def keep_house(connection: Connection, now: datetime) -> int:
    """Roll complete hours up and, when there were any, forget what is too old; count the hours."""
    driver = HealthDriver(connection)
    hours = driver.roll_up(now)
    if hours:
        driver.prune(now)
        ReferencesDriver(connection).prune(day_of(now) - ACCESSES_KEPT_DAYS)
    return hours


def forget(connection: Connection, now: datetime) -> bool:
    """Forget some of what went wrong long ago; tell whether to come again for more."""
    return forgetting.forget(connection, now)


def _give_back(driver: HealthDriver, errand: Errand) -> None:
    for number, due_at in errand.postponed:
        driver.put_off(errand.owner, number, due_at)
    if errand.dropped is None:
        driver.release(errand.owner)
    elif errand.dropped:
        driver.release(errand.owner, errand.dropped)


def _claim(
    driver: HealthDriver, claim: Claim, owner: str, *, clock: Clock, credentials: CredentialStore
) -> Haul:
    from datetime import timedelta

    now, monotonic = clock.now(), clock.monotonic()
    rows = driver.claim_due(
        lease_clock(driver.connection, now),
        owner,
        claim.lease_s,
        claim.limit,
        due_by=claim.due_by or now + timedelta(seconds=claim.ahead_s),
        passing_over=claim.passing_over,
    )
    found = things.read(driver.connection, credentials, rows)
    claimed = []
    for row in rows:
        thing = found.get(row.number)
        if thing is None:
            driver.reschedule(row.number, None)  # nothing is there to check: no plan, no lease
            driver.release(owner, [row.number])
            continue
        wait_s = (row.due_at - now).total_seconds() if row.due_at else 0.0
        claimed.append(Claimed(thing, monotonic + wait_s, monotonic + claim.lease_s))
    return Haul(claimed=claimed, full=len(rows) >= claim.limit, next_due=driver.next_due())
