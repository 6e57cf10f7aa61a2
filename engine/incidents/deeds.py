"""What people do about an incident; each is told to the activity in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.errors import LifecycleRefused, NotFound
from engine.incidents import reading
from engine.silences.matching import active
from engine.translate import changed_meanwhile
from storage.incidents import IncidentsDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.hop import Run
    from engine.incidents.model import Incident
    from storage.incidents import IncidentRow


class Deed:
    """One change of one incident by the run's operator; the row is locked until the commit.

    Args:
        connection: In a writing transaction.
        run: Who does it, and when.
        tenant_id: Whose incident.
        number: Which one.
        expected_version: The version that it was read with; None takes any.

    Raises:
        NotFound: The tenant has no such incident.
        EditConflict: Somebody else changed it since.
    """

    def __init__(
        self,
        connection: Connection,
        run: Run,
        tenant_id: str,
        number: int,
        *,
        expected_version: int | None = None,
    ) -> None:
        self._connection, self._run, self._tenant_id = connection, run, tenant_id
        self._driver = IncidentsDriver(connection)
        self._now, self._actor = run.clock.now(), run.settings.operator
        roles = run.settings.roles
        self._row = reading.require(connection, tenant_id, number, roles, locked=True)
        if self._row.tenant_id is None and TenantsDriver(connection).get(tenant_id) is None:
            raise NotFound(f"There is no tenant {tenant_id[:80]!r}.")
        if expected_version not in {None, self._row.version}:
            raise changed_meanwhile()

    def acknowledge(self, reason: str) -> Incident:
        """Say that somebody sees to it; whoever does is its assignee, unless somebody is."""
        self._require_open("it cannot be acknowledged")
        row = self._change(
            acknowledged_at=self._now,
            acknowledged_by=self._actor,
            acknowledged_because=reason,
            assignee=self._row.assignee or self._actor,
        )
        return self._told(row, "acknowledged", reason)

    def unacknowledge(self) -> Incident:
        """Take that back; what is not acknowledged stays as it is."""
        self._require_open("its acknowledgement cannot be taken back")
        if self._row.acknowledged_at is None:
            return self._shown(self._row)
        row = self._change(acknowledged_at=None, acknowledged_by=None, acknowledged_because=None)
        return self._told(row, "unacknowledged")

    def assign(self, assignee: str | None) -> Incident:
        """Give it to somebody, or to nobody."""
        if assignee == self._row.assignee:
            return self._shown(self._row)
        return self._told(self._change(assignee=assignee), "assigned", assignee)

    def note(self, text: str) -> Incident:
        """Write something down about it, also after it was closed."""
        self._driver.append_event(self._row.number, self._now, "noted", self._actor, text)
        self._record(self._row, "noted", {})
        return self._shown(self._row)

    def close(self, reason: str) -> Incident:
        """Close it by hand."""
        self._require_open("it cannot be closed")
        # Clocks of two machines differ: nothing closes before it opened.
        at = max(self._now, self._row.opened_at)
        row = self._change(closed_at=at, closed_because=reason)
        if row.cause == "provider":
            inside = [one.target_number for one in self._driver.in_it(row.number)]
            self._driver.leave(row.number, inside, at)
        return self._told(row, "closed", reason)

    def _require_open(self, what: str) -> None:
        if self._row.closed_at is not None:
            raise LifecycleRefused(
                f"Incident {self._row.number} is over, so {what}.",
                hint="Write a note instead.",
            )

    def _change(self, **values: object) -> IncidentRow:
        return self._driver.change(self._row, **values)

    def _told(self, row: IncidentRow, what: str, said: str | None = None) -> Incident:
        self._driver.append_event(row.number, self._now, what, self._actor, said)
        self._record(row, what, {} if said is None else {"said": said})
        return self._shown(row)

    def _record(self, row: IncidentRow, what: str, detail: Mapping[str, object]) -> None:
        # Told of the thing that it is about: who does not see that does not see this either.
        note(
            self._connection,
            self._run,
            row.tenant_id or self._tenant_id,
            action=f"incident.{what}",
            concept="incidents",
            thing_id=row.thing_id or str(row.number),
            thing_name=row.title,
            detail={"incident": row.number, **detail},
        )

    def _shown(self, row: IncidentRow) -> Incident:
        # Read again, so that its times are those that are kept.
        kept = self._driver.by_number(row.number) or row
        return reading.incident(kept, active(self._connection, self._now))
