"""What happened: single checks for two days, hours and days, every change of state, uptime."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, select

from storage.access import role_values
from storage.health.recording import Recorder
from storage.health.rows import CheckRow, HourRow, TransitionRow
from storage.health.uptime import uptime
from storage.rows import build_all, names_of
from storage.tables import check_hours, checks, marks, targets, transitions
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from storage.access import Roles
    from storage.health.rows import UptimeRow

ROLLED_UP = "checks_rolled_up_until"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(9999, 1, 1, tzinfo=UTC)
_CHECK_NAMES = [name for name in names_of(CheckRow) if name in checks.c]
_NUMBER: BindParameter[int] = bindparam("number", required=True)
_SINCE = bindparam("since", type_=UtcMillis, required=True)
_HISTORY = select(*(checks.c[name] for name in _CHECK_NAMES)).where(
    checks.c.target_number == _NUMBER,
    checks.c.checked_at >= _SINCE,
)
_UNTIL = bindparam("until", type_=UtcMillis, required=True)
_UP_TO = checks.c.checked_at <= _UNTIL
_NEWEST = (transitions.c.at.desc(), transitions.c.id.desc())
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
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
        roles: Roles = None,
    ) -> list[TransitionRow]:
        """Gives changes of state, newest first: of a target, a tenant, or everybody.

        A span of time, its ends included, has the order of the times in it.
        """
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
        if since is not None or until is not None:
            statement = statement.where(transitions.c.at >= _SINCE, transitions.c.at <= _UNTIL)
            statement = statement.order_by(None).order_by(*_NEWEST)
            values |= {"since": since or _BEGINNING, "until": until or _END}
        return build_all(TransitionRow, self.connection.execute(statement, values))

    def uptime(
        self, numbers: Sequence[int], windows: Sequence[timedelta], now: datetime
    ) -> Mapping[int, tuple[UptimeRow, ...]]:
        """Counts checks and failures of each target in each window that ends now.

        See `storage.health.uptime`, which says what a window is made of.
        """
        rolled = self.rolled_up_until() or _BEGINNING
        return uptime(self.connection, numbers, windows, now, rolled)

    def rolled_up_until(self) -> datetime | None:
        """Tells the end of the last hour that is rolled up."""
        return self.connection.execute(_MARK, {"name": ROLLED_UP}).scalar()
