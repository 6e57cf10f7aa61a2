"""What happened: single checks for two days, hours for a year, every change of state, uptime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, case, func, select

from storage.access import role_values
from storage.health.recording import Recorder
from storage.health.rows import CheckRow, HourRow, TransitionRow, UptimeRow
from storage.rows import build_all, names_of
from storage.tables import check_hours, checks, marks, targets, transitions
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Select

    from storage.access import Roles

ROLLED_UP = "checks_rolled_up_until"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_CHECK_NAMES = [name for name in names_of(CheckRow) if name in checks.c]
_NUMBER: BindParameter[int] = bindparam("number", required=True)
_SINCE = bindparam("since", type_=UtcMillis, required=True)
_HISTORY = select(*(checks.c[name] for name in _CHECK_NAMES)).where(
    checks.c.target_number == _NUMBER,
    checks.c.checked_at >= _SINCE,
)
_UP_TO = checks.c.checked_at <= bindparam("until", type_=UtcMillis, required=True)
_HOURS = (
    select(*(check_hours.c[name] for name in names_of(HourRow)))
    .where(check_hours.c.target_number == _NUMBER, check_hours.c.hour >= _SINCE)
    .order_by(check_hours.c.hour)
)
_CHANGES = (
    select(*(transitions.c[name] for name in names_of(TransitionRow)))
    .order_by(transitions.c.id.desc())
    .limit(bindparam("limit", required=True))
)
_MARK = select(marks.c.at).where(marks.c.name == bindparam("name", required=True))
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, required=True)


class History(Recorder):
    """The remembering part of `HealthDriver`."""

    def history(
        self,
        number: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> list[CheckRow]:
        """Gives a target's checks, oldest first; with a limit the newest ones of the span."""
        statement = _HISTORY.order_by(checks.c.checked_at.desc())
        values: dict[str, object] = {"number": number, "since": since or _BEGINNING}
        if until is not None:
            statement, values["until"] = statement.where(_UP_TO), until
        if limit is not None:
            statement, values["limit"] = statement.limit(bindparam("limit")), limit
        rows = self.connection.execute(statement, values).all()
        return [CheckRow(**dict(zip(_CHECK_NAMES, row, strict=True))) for row in reversed(rows)]

    def hours(self, number: int, *, since: datetime) -> list[HourRow]:
        """Gives a target's complete hours, oldest first."""
        return build_all(
            HourRow, self.connection.execute(_HOURS, {"number": number, "since": since})
        )

    def transitions(  # noqa: PLR0913  (each narrows the story by name)
        self,
        tenant_id: str | None,
        *,
        kind: str | None = None,
        target_number: int | None = None,
        before_id: int | None = None,
        limit: int = 100,
        roles: Roles = None,
    ) -> list[TransitionRow]:
        """Gives changes of state, newest first: of a target, a tenant, or everybody."""
        given = {"tenant_id": tenant_id, "kind": kind, "target_number": target_number}
        statement, values = _CHANGES, {"limit": limit, **role_values(roles)}
        for name, value in given.items():
            if value is not None:
                statement = statement.where(transitions.c[name] == bindparam(name))
                values[name] = value
        if roles is not None:
            statement = statement.join(targets, targets.c.number == transitions.c.target_number)
            statement = statement.where(*self._seen_by(roles))
        if before_id is not None:
            statement = statement.where(transitions.c.id < bindparam("before"))
            values["before"] = before_id
        return build_all(TransitionRow, self.connection.execute(statement, values))

    def uptime(
        self, numbers: Sequence[int], windows: Sequence[timedelta], now: datetime
    ) -> Mapping[int, tuple[UptimeRow, ...]]:
        """Counts checks and failures of each target in each window that ends now.

        A window is made of whole hours, as far as they are rolled up, and of single checks
        since. A target without a check has rows with a count of 0. One row a window, in order.
        """
        found = {number: [[0, 0] for _ in windows] for number in numbers}
        rolled = self.rolled_up_until() or _BEGINNING
        for statement in (_hour_sums(windows, now), _check_sums(windows, now, rolled)):
            for number, *sums in self.connection.execute(statement, {"numbers": list(numbers)}):
                for place, total in enumerate(found[number]):
                    total[0] += sums[2 * place] or 0
                    total[1] += sums[2 * place + 1] or 0
        return {
            number: tuple(
                UptimeRow(window=window, count=count, failures=failures)
                for window, (count, failures) in zip(windows, totals, strict=True)
            )
            for number, totals in found.items()
        }

    def rolled_up_until(self) -> datetime | None:
        """Tells the end of the last hour that is rolled up."""
        return self.connection.execute(_MARK, {"name": ROLLED_UP}).scalar()


def hour_of(when: datetime) -> datetime:
    """The beginning of the UTC hour of a time."""
    return when.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hour_sums(windows: Sequence[timedelta], now: datetime) -> Select[Any]:
    sums: list[ColumnElement[Any]] = []
    for window in windows:
        within = check_hours.c.hour >= hour_of(now - window)
        sums.append(func.sum(case((within, check_hours.c.count), else_=0)))
        sums.append(func.sum(case((within, check_hours.c.failures), else_=0)))
    return (
        select(check_hours.c.target_number, *sums)
        .where(check_hours.c.target_number.in_(_NUMBERS))
        .where(check_hours.c.hour >= hour_of(now - max(windows)))
        .group_by(check_hours.c.target_number)
    )


def _check_sums(windows: Sequence[timedelta], now: datetime, rolled: datetime) -> Select[Any]:
    sums: list[ColumnElement[Any]] = []
    for window in windows:
        within = checks.c.checked_at >= hour_of(now - window)
        sums.append(func.sum(case((within, 1), else_=0)))
        sums.append(func.sum(case((within & (checks.c.state == "failing"), 1), else_=0)))
    return (
        select(checks.c.target_number, *sums)
        .where(checks.c.target_number.in_(_NUMBERS))
        .where(checks.c.checked_at >= max(rolled, hour_of(now - max(windows))))
        .group_by(checks.c.target_number)
    )
