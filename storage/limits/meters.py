"""The driver of meters: what usage is summed up by, with its limits and its gauges.

A meter is made by the first who needs it, also by two at once. Those of integrations, providers
and tenants have their gauges from then on; models and agents, of which there may be thousands
that nobody limits, get theirs with their first limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from storage import revisions
from storage.errors import StaleWrite
from storage.limits.rows import LIMITS, MeterRow, gauge_start
from storage.limits.stale import mark_stale, month_of
from storage.rows import bound, build, by_dialect, inserting, names_of
from storage.tables import gauges, meters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Executable

GAUGED = frozenset({"integration", "provider", "tenant"})
"""Scopes whose meters have their gauges from the start."""

_COLUMNS = [meters.c[name] for name in names_of(MeterRow)]
_SUBJECT = (
    (meters.c.tenant_id == bindparam("tenant", required=True))
    & (meters.c.scope == bindparam("scope", required=True))
    & (meters.c.subject == bindparam("subject", required=True))
)
_NUMBER = select(meters.c.number).where(_SUBJECT)
_ONE = select(*_COLUMNS).where(_SUBJECT)
_MANY = select(*_COLUMNS).where(
    meters.c.number.in_(bindparam("numbers", expanding=True, required=True))
)
_CHANGE = (
    update(meters)
    .where(meters.c.number == bindparam("_number", required=True))
    .values(version=meters.c.version + 1)
)
_CHANGE_VERSION = _CHANGE.where(meters.c.version == bindparam("_version", required=True))
_MEASURE = (
    update(gauges)
    .where(gauges.c.meter_number == bindparam("_meter", required=True))
    .where(gauges.c.measure == bindparam("_measure", required=True))
)
_LIMIT = _MEASURE.where(gauges.c.limit_value > 0)
METER_FIELDS = ("tenant_id", "scope", "subject", "name", "provider", *LIMITS.values(), "created_at")
GAUGE_FIELDS = (
    *("meter_number", "tenant_id", "scope", "measure", "name", "sort_name", "provider"),
    *("limit_value", "state", "urgency"),
)


def _adding(dialect: str) -> Executable:
    adding = inserting(dialect, meters).values(bound(METER_FIELDS)).on_conflict_do_nothing()
    return adding.returning(meters.c.number)


def _gauging(dialect: str) -> Executable:
    return inserting(dialect, gauges).values(bound(GAUGE_FIELDS)).on_conflict_do_nothing()


_ADD = by_dialect(_adding)
_ADD_GAUGES = by_dialect(_gauging)


class MetersDriver:
    """Reads and writes meters on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def ensure(  # noqa: PLR0913  (what a meter is, by name)
        self,
        tenant_id: str,
        scope: str,
        subject: str,
        *,
        name: str,
        provider: str = "",
        now: datetime,
    ) -> int:
        """Gives the number of a meter, which is made with its gauges when it is missing."""
        key = {"tenant": tenant_id, "scope": scope, "subject": subject}
        number = self.connection.execute(_NUMBER, key).scalar()
        if number is None:
            number = self._make(tenant_id, scope, subject, name, provider, now)
        # Another transaction made it in between: by now it has committed.
        return int(number or self.connection.execute(_NUMBER, key).scalar_one())

    def _make(  # noqa: PLR0913, PLR0917  (a row of the table)
        self, tenant_id: str, scope: str, subject: str, name: str, provider: str, now: datetime
    ) -> int | None:
        values = {
            "tenant_id": tenant_id,
            "scope": scope,
            "subject": subject,
            "name": name,
            "provider": provider,
            "created_at": now,
            **dict.fromkeys(LIMITS.values(), 0),
        }
        adding = _ADD[self.connection.dialect.name]
        number = self.connection.execute(adding, values).scalar()
        if number is not None and scope in GAUGED:
            self._add_gauges(number, values)
        return None if number is None else int(number)

    def _add_gauges(self, number: int, meter: Mapping[str, Any]) -> None:
        rows = [gauge_of(number, meter, measure) for measure in LIMITS]
        self.connection.execute(_ADD_GAUGES[self.connection.dialect.name], rows)
        revisions.bump(self.connection, "limits")

    def get(self, tenant_id: str, scope: str, subject: str) -> MeterRow | None:
        """Gives a meter, a retired one too; None where nothing was ever measured or limited."""
        key = {"tenant": tenant_id, "scope": scope, "subject": subject}
        row = self.connection.execute(_ONE, key).one_or_none()
        return None if row is None else build(MeterRow, row)

    def get_many(self, numbers: Sequence[int]) -> dict[int, MeterRow]:
        """Gives meters by their numbers."""
        rows = self.connection.execute(_MANY, {"numbers": list(numbers)})
        found = (build(MeterRow, row) for row in rows)
        return {row.number: row for row in found}

    def set_limits(  # noqa: PLR0913  (what may be set, by name)
        self,
        number: int,
        *,
        budget_limit_cents: int | None = None,
        token_limit_month: int | None = None,
        rate_limit_rpm: int | None = None,
        warning_levels: Sequence[float] | None = None,
        expected_version: int | None = None,
        now: datetime,
    ) -> MeterRow:
        """Sets limits of a meter and its gauges, marks it stale, and gives it as it is then.

        What is None stays as it is; no warning level at all means the board's own again.

        Raises:
            StaleWrite: it is not at the expected version any more.
        """
        limits = {
            "budget_limit_cents": budget_limit_cents,
            "token_limit_month": token_limit_month,
            "rate_limit_rpm": rate_limit_rpm,
        }
        changes = {name: value for name, value in limits.items() if value is not None}
        own: dict[str, object] = {}
        if warning_levels is not None:
            own["warning_levels"] = tuple(warning_levels) or None
        self._change(number, {**changes, **own, "updated_at": now}, expected_version)
        mark_stale(self.connection, [number], month_of(now))
        row = self.get_many([number])[number]
        self._limit_gauges(row, changes)
        revisions.bump(self.connection, "limits")
        return row

    def _change(self, number: int, changes: Mapping[str, object], expected: int | None) -> None:
        values = {"_number": number, **changes}
        statement = _CHANGE
        if expected is not None:
            statement, values["_version"] = _CHANGE_VERSION, expected
        if not self.connection.execute(statement, values).rowcount:
            raise StaleWrite(
                "These limits were changed by someone else in the meantime.",
                hint="Look at them again, then repeat the change.",
            )

    def _limit_gauges(self, row: MeterRow, changed: Iterable[str]) -> None:
        """Keeps the gauges' limits; those of a model or agent are made with the first limit."""
        if row.scope not in GAUGED:
            self._add_gauges(row.number, {name: getattr(row, name) for name in names_of(MeterRow)})
        for measure, column in LIMITS.items():
            if column in changed:
                limit_gauge(self.connection, row.number, measure, getattr(row, column))


def limit_gauge(connection: Connection, number: int, measure: str, limit: int) -> None:
    """Gives a gauge another limit; one that was or becomes unlimited starts anew.

    What follows from usage stays as it was reckoned last, until the next reckoning.
    """
    key = {"_meter": number, "_measure": measure}
    start = gauge_start(measure, limit)
    kept = {"limit_value": start["limit_value"]}
    if limit and connection.execute(_LIMIT, {**key, **kept}).rowcount:
        return
    connection.execute(_MEASURE, {**key, **start, "percent": -1.0})


def gauge_of(number: int, meter: Mapping[str, Any], measure: str) -> dict[str, object]:
    """Gives the columns of a new gauge of a meter."""
    return {
        "meter_number": number,
        "tenant_id": meter["tenant_id"],
        "scope": meter["scope"],
        "name": meter["name"],
        "sort_name": str(meter["name"]).casefold(),
        "provider": meter["provider"],
        **gauge_start(measure, meter[LIMITS[measure]]),
    }
