"""What calls have in common, numbered: a call holds a small number instead of six words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, text

from storage.limits.meters import MetersDriver
from storage.limits.rows import SCOPES
from storage.rows import bound, by_dialect, inserting
from storage.tables import integrations, series, tenants

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.usage.rows import SeriesKey

_KEY = ("integration_id", "provider", "model", "agent", "origin")
_NUMBER = select(series.c.number).where(
    *(series.c[name] == bindparam(name, required=True) for name in _KEY)
)
_TENANT_NAME = select(tenants.c.name).where(tenants.c.id == bindparam("id", required=True))
_INTEGRATION_NAME = select(integrations.c.name).where(
    integrations.c.id == bindparam("id", required=True)
)
_COLUMNS = bound(("tenant_id", *_KEY, *(f"{scope}_meter" for scope in SCOPES)))
_ADD = by_dialect(
    lambda dialect: (
        inserting(dialect, series)
        .values(_COLUMNS)
        .on_conflict_do_nothing()
        .returning(series.c.number)
    )
)
# Any first number that no other lock uses. Such a lock is the whole database's, where a tenant of
# another schema may have the same name.
_TURN = text(
    "SELECT pg_advisory_xact_lock(1885434739, hashtext(current_schema() || '/' || :tenant_id))"
)


class Interning:
    """Numbers series on one connection, and makes the meters that they are summed up by."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._meters: dict[tuple[str, str, str], int] = {}

    def take_turn(self, tenant_id: str) -> None:
        """Waits until nobody else records usage of this tenant; the turn ends with the commit.

        Writers of one tenant share its day's row, so they wait for each other in any case; here
        they do before they hold anything that another waits for. A file has one writer anyway.
        """
        if self.connection.dialect.name != "sqlite":
            self.connection.execute(_TURN, {"tenant_id": tenant_id})

    def series(self, key: SeriesKey, now: datetime) -> int:
        """Gives the number of a series, which is made with its meters when it is new."""
        values = {name: getattr(key, name) for name in _KEY}
        number = self.connection.execute(_NUMBER, values).scalar()
        if number is None:
            added = {"tenant_id": key.tenant_id, **values, **self._meters_of(key, now)}
            number = self.connection.execute(_ADD[self.connection.dialect.name], added).scalar()
        # Another transaction made it in between: by now it has committed.
        return int(number or self.connection.execute(_NUMBER, values).scalar_one())

    def _meters_of(self, key: SeriesKey, now: datetime) -> dict[str, int | None]:
        subjects = {
            "tenant": key.tenant_id,
            "provider": key.provider,
            "model": key.model,
            "agent": key.agent,
            "integration": key.integration_id,
        }
        numbers = {
            f"{scope}_meter": self._meter(key, scope, subject, now)
            for scope, subject in subjects.items()
            if subject or scope != "agent"
        }
        return {"agent_meter": None, **numbers}

    def _meter(self, key: SeriesKey, scope: str, subject: str, now: datetime) -> int:
        place = (key.tenant_id, scope, subject)
        if place not in self._meters:
            self._meters[place] = MetersDriver(self.connection).ensure(
                key.tenant_id,
                scope,
                subject,
                name=self._name(scope, subject),
                provider="" if scope in {"tenant", "agent"} else key.provider,
                now=now,
            )
        return self._meters[place]

    def _name(self, scope: str, subject: str) -> str:
        found = None
        if scope == "tenant":
            found = self.connection.execute(_TENANT_NAME, {"id": subject}).scalar()
        if scope == "integration":
            found = self.connection.execute(_INTEGRATION_NAME, {"id": subject}).scalar()
        return str(found or subject or "unknown")
