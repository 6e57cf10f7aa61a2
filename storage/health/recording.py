"""Writing results: the check itself, the lamp it leaves, and the change where there is one.

Everything a batch needs to know about its targets is read in one statement and decided here,
so that what is written are plain values in three or four statements, however large the batch.
Lamps whose state, error and status stay as they were are written apart: their orders by state,
and the text that filters search, need not be touched then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import BigInteger, bindparam, insert, select, type_coerce, update

from storage import revisions
from storage.health.queue import Queue
from storage.health.rows import STATE_RANKS, CheckRow, RecordedRow, TurnRow
from storage.health.verdicts import DEFAULT_THRESHOLDS, GOOD, JUDGED, judged, remembered
from storage.rows import bound, by_dialect, execute_many, inserting, storable
from storage.tables import checks, targets, transitions
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from storage.health.verdicts import Thresholds

Statuses: TypeAlias = "Mapping[tuple[str, str, str], str]"
_PASSING = frozenset({"healthy", "degraded"})
# Integrations have no order by when a check last passed: leaving that index alone for them saves
# a tenth of the writing.
_DATED = frozenset({"source", "connector"})
_CHECK_FIELDS = tuple(checks.c.keys())
_LAMP_FIELDS = (
    *("message", "remedy", "stage", "latency_ms", "status_code", "checked_at"),
    *("failures_in_row", "loop_lag_ms", "due_at", "retry_at", "forced_at"),
    *("lease_owner", "lease_until", "passes", "failures", "last_error", "recent"),
)
_STATE_FIELDS = ("state", "state_rank", "since", "error", "status", "verdict")
_CHANGE_FIELDS = tuple(name for name in transitions.c.keys() if name != "id")  # noqa: SIM118
# A result that was written before (its writer died before it knew) is not written twice.
_CHECKS = by_dialect(
    lambda dialect: inserting(dialect, checks).values(bound(_CHECK_FIELDS)).on_conflict_do_nothing()
)
_LAMP = (
    update(targets)
    .where(targets.c.number == bindparam("_number", required=True))
    .values(bound(_LAMP_FIELDS))
)
# By what a result changes: the looks of a lamp or not, the time of a passing check or not.
_LAMPS = {
    (False, False): _LAMP,
    (True, False): _LAMP.values(bound(_STATE_FIELDS)),
    (False, True): _LAMP.values(bound(("passed_at",))),
    (True, True): _LAMP.values(bound((*_STATE_FIELDS, "passed_at"))),
}
_CHANGE = insert(transitions).values(bound(_CHANGE_FIELDS))
_KNOWN = (
    *("number", "tenant_id", "kind", "id", "name", "active", "interval_s", "due_at"),
    *("lease_owner", "lease_until", "forced_at", "state", "error", "checked_at", "since"),
    *("failures_in_row", "status", "passed_at", "passes", "failures", "last_error"),
    *("technology", "recent", "verdict", "fail_after", "pass_after"),
)
_TIMES = ("due_at", "lease_until", "forced_at", "checked_at", "since", "passed_at")


def _known(name: str) -> ColumnElement[Any]:
    """A column to read; times stay milliseconds, since nothing here needs more of them."""
    column = targets.c[name]
    return type_coerce(column, BigInteger).label(name) if name in _TIMES else column


_READ = (
    select(*(_known(name) for name in _KNOWN))
    .where(targets.c.number.in_(bindparam("numbers", expanding=True, required=True)))
    .where(targets.c.retired_at.is_(None))
    .order_by(targets.c.number)  # two writers lock rows in the same order, not in a circle
    # No key changes: who writes down what belongs to a target need not wait for its results.
    .with_for_update(key_share=True)
)


@dataclass(slots=True)
class _Lamp:
    """A target as it stands after the results of the batch so far; times in milliseconds.

    The fields up to `pass_after` are those of `_KNOWN`, in its order.
    """

    number: int
    tenant_id: str
    kind: str
    id: str
    name: str
    active: bool
    interval_s: int
    due_at: int | None
    lease_owner: str | None
    lease_until: int | None
    forced_at: int | None
    state: str
    error: str | None
    checked_at: int | None
    since: int | None
    failures_in_row: int
    status: str
    passed_at: int | None
    passes: int
    failures: int
    last_error: str | None
    technology: str
    recent: int
    verdict: str
    fail_after: int | None
    pass_after: int | None
    before: tuple[object, ...] = ()
    latest: dict[str, object] = field(default_factory=dict)

    def looks(self) -> tuple[object, ...]:
        """What lists sort and filter by, beside the times."""
        return (self.state, self.error, self.since, self.verdict, self.status)


@dataclass(slots=True)
class _Writing:
    """What a batch comes to, collected row by row."""

    owner: str | None
    statuses: Statuses
    thresholds: Thresholds
    checks: list[dict[str, object]] = field(default_factory=list)
    changes: list[dict[str, object]] = field(default_factory=list)
    turned: list[TurnRow] = field(default_factory=list)
    skipped: int = 0

    def take(self, row: CheckRow, lamp: _Lamp | None) -> None:
        """Adds a result, and lets it light the lamp unless a newer one did."""
        if lamp is None or (self.owner is not None and lamp.lease_owner != self.owner):
            self.skipped += 1
            return
        at = to_millis(row.checked_at)
        message = storable(row.message)
        self.checks.append(_check(row, at, message))
        if lamp.checked_at is None or at > lamp.checked_at:
            if row.state != lamp.state:
                self.changes.append(_change(row, lamp, at, message))
            looked = (lamp.state, lamp.error)
            _light(lamp, row, at, message)
            self._judge(lamp, row, message, looked)
            key = (lamp.kind, lamp.status, lamp.state)
            lamp.status = self.statuses.get(key, lamp.status)

    def _judge(
        self, lamp: _Lamp, row: CheckRow, message: str | None, looked: tuple[str, str | None]
    ) -> None:
        """Has the check count for the verdict; of what is not in use, none does."""
        bit, before = JUDGED.get(row.state), lamp.verdict
        if bit is None or not lamp.active:
            return
        lamp.recent = remembered(lamp.recent, bit)
        if not bit and before == GOOD and lamp.recent.bit_count() == 1:
            return  # nothing but good checks, as nearly always
        failures = lamp.fail_after or self.thresholds.failures
        passes = lamp.pass_after or self.thresholds.passes
        lamp.verdict = judged(lamp.recent, before, failures, passes)
        looks_otherwise = before != GOOD and looked != (row.state, row.error)
        if lamp.verdict != before or looks_otherwise:
            self.turned.append(_turn(lamp, row, before, message))


def _check(row: CheckRow, at: int, message: str | None) -> dict[str, object]:
    return {
        "target_number": row.target_number,
        "checked_at": at,
        "state": row.state,
        "error": row.error,
        "message": None if row.state == "healthy" else message,
        "stage": row.stage,
        "latency_ms": row.latency_ms,
        "status_code": row.status_code,
        "loop_lag_ms": row.loop_lag_ms,
        "stages": row.stages,
    }


def _change(row: CheckRow, lamp: _Lamp, at: int, message: str | None) -> dict[str, object]:
    return {
        "target_number": lamp.number,
        "tenant_id": lamp.tenant_id,
        "kind": lamp.kind,
        "target_id": lamp.id,
        "name": lamp.name,
        "at": at,
        "from_state": lamp.state,
        "to_state": row.state,
        "error": row.error,
        "message": message,
    }


def _turn(lamp: _Lamp, row: CheckRow, before: str, message: str | None) -> TurnRow:
    return TurnRow(
        number=lamp.number,
        tenant_id=lamp.tenant_id,
        kind=lamp.kind,
        id=lamp.id,
        name=lamp.name,
        technology=lamp.technology,
        before=before,
        verdict=lamp.verdict,
        state=row.state,
        at=row.checked_at,
        error=row.error,
        message=message,
    )


def _light(lamp: _Lamp, row: CheckRow, at: int, message: str | None) -> None:
    if row.state != lamp.state or lamp.since is None:
        lamp.since = at
    lamp.state, lamp.error, lamp.checked_at = row.state, row.error, at
    lamp.failures_in_row = lamp.failures_in_row + 1 if row.state == "failing" else 0
    _count(lamp, row, at, message)
    lamp.due_at = _plan(lamp, row, at)
    lamp.latest = {
        "message": message,
        "remedy": storable(row.remedy),
        "stage": row.stage,
        "latency_ms": row.latency_ms,
        "status_code": row.status_code,
        "loop_lag_ms": row.loop_lag_ms,
        "retry_at": None if row.retry_at is None else to_millis(row.retry_at),
    }
    if lamp.forced_at is not None and lamp.forced_at <= at:
        lamp.forced_at = None


def _count(lamp: _Lamp, row: CheckRow, at: int, message: str | None) -> None:
    if row.state in _PASSING:
        lamp.passes += 1
        lamp.passed_at = at if lamp.kind in _DATED else None
    elif row.state == "failing":
        lamp.failures, lamp.last_error = lamp.failures + 1, message or row.error


def _plan(lamp: _Lamp, row: CheckRow, at: int) -> int | None:
    if not lamp.active:
        return None
    if row.next_due_at is not None:
        return to_millis(row.next_due_at)
    if lamp.due_at is not None and lamp.due_at > at:
        return lamp.due_at
    return at + lamp.interval_s * 1000


def _lamp_values(lamp: _Lamp, owner: str | None) -> dict[str, object]:
    mine = owner is not None and lamp.lease_owner == owner
    return {
        **lamp.latest,
        "_number": lamp.number,
        "checked_at": lamp.checked_at,
        "failures_in_row": lamp.failures_in_row,
        "passed_at": lamp.passed_at,
        "passes": lamp.passes,
        "failures": lamp.failures,
        "last_error": lamp.last_error,
        "due_at": lamp.due_at,
        "forced_at": lamp.forced_at,
        "lease_owner": None if mine else lamp.lease_owner,
        "lease_until": None if mine else lamp.lease_until,
        "state": lamp.state,
        "state_rank": STATE_RANKS[lamp.state],
        "since": lamp.since,
        "error": lamp.error,
        "status": lamp.status,
        "recent": lamp.recent,
        "verdict": lamp.verdict,
    }


class Recorder(Queue):
    """The writing part of `HealthDriver`."""

    def record(
        self,
        batch: Sequence[CheckRow],
        *,
        owner: str | None = None,
        statuses: Statuses = MappingProxyType({}),
        thresholds: Thresholds = DEFAULT_THRESHOLDS,
    ) -> RecordedRow:
        """Writes results: the checks, the lamps, the changes of state.

        The newest result of a target lights its lamp, in whatever order results arrive; only
        such a one counts as passed or failed. With an owner, only results of targets that it still
        holds are written, and its leases on these end: who lost a target (it stood still for too
        long, or its commit was not heard of) has nothing to say of it, and whoever took it over
        has. Results of targets that were retired meanwhile are passed over. `statuses`
        says which status a thing has next, by its kind, its status and the new state; without a
        word there it keeps its own. `thresholds` say when a target turns bad and good again,
        where it has none of its own; whoever records hands what turned on to the incidents.
        """
        lamps = _read_lamps(self.connection, sorted({row.target_number for row in batch}))
        writing = _Writing(owner=owner, statuses=statuses, thresholds=thresholds)
        for row in sorted(batch, key=attrgetter("checked_at")):
            writing.take(row, lamps.get(row.target_number))
        execute_many(self.connection, _CHECKS[self.connection.dialect.name], writing.checks)
        lit = [lamp for lamp in lamps.values() if lamp.latest]
        _write_lamps(self.connection, lit, owner)
        execute_many(self.connection, _CHANGE, writing.changes)
        _end_leases(self, [lamp for lamp in lamps.values() if not lamp.latest], owner)
        revisions.bump(self.connection, "health")
        for kind in {lamp.kind for lamp in lit if lamp.status != lamp.before[-1]}:
            revisions.bump(self.connection, revisions.OF_KIND[kind])
        return RecordedRow(
            written=len(writing.checks),
            skipped=writing.skipped,
            transitions=len(writing.changes),
            turned=tuple(writing.turned),
        )


def _read_lamps(connection: Connection, numbers: Sequence[int]) -> dict[int, _Lamp]:
    lamps = {}
    for row in connection.execute(_READ, {"numbers": numbers}):
        lamp = _Lamp(*row)
        lamp.before = lamp.looks()
        lamps[lamp.number] = lamp
    return lamps


def _write_lamps(connection: Connection, lamps: Sequence[_Lamp], owner: str | None) -> None:
    parts: dict[tuple[bool, bool], list[dict[str, object]]] = {}
    for lamp in lamps:
        part = (lamp.looks() != lamp.before, lamp.passed_at is not None)
        parts.setdefault(part, []).append(_lamp_values(lamp, owner))
    for part, values in parts.items():
        execute_many(connection, _LAMPS[part], values)


def _end_leases(queue: Queue, lamps: Sequence[_Lamp], owner: str | None) -> None:
    """Ends the leases of results that came too late to light anything."""
    if owner is not None and lamps:
        queue.release(owner, [lamp.number for lamp in lamps])
