"""What the engines of integrations, sources and connectors share, on one connection.

Names that are taken, when a thing is due for a check, how a change is noted. Loaded in the worker
thread only, because it brings the drivers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from engine.activity.record import note_thing
from engine.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.inventory import Inventory
    from storage.things import ThingRow


class InventoryEngine(ABC):
    """The rules of one kind of things, inside a transaction of the caller.

    A subclass sets `KIND`, `REACH` (the fields that say how the other side is reached) and, in its
    constructor, `_driver`.
    """

    KIND: ClassVar[str]
    REACH: ClassVar[frozenset[str]] = frozenset({"technology", "config", "secrets"})

    _driver: Inventory[Any, Any]

    def __init__(self, connection: Connection, run: Run) -> None:
        self._connection = connection
        self._run = run

    @staticmethod
    @abstractmethod
    def is_monitored(status: str) -> bool:
        """Tell whether the monitor checks what has this status."""

    def _insert(self, row: Any) -> None:
        """Add a thing with its target, due at once where it is checked at all."""
        active = self.is_monitored(row.status)
        self._driver.insert(
            row,
            active=active,
            interval_s=row.interval_s or self._run.settings.check_interval_s,
            due_at=row.created_at if active else None,
        )

    def _plan(self, row: ThingRow, changed: Mapping[str, Any]) -> dict[str, object]:
        """Return what changes in the schedule: what is reached differently is due at once."""
        plan: dict[str, object] = {}
        if "interval_s" in changed:
            plan["check_interval_s"] = changed["interval_s"] or self._run.settings.check_interval_s
        if "status" in changed:
            plan |= self._schedule(str(changed["status"]))
        elif changed.keys() & self.REACH and self.is_monitored(row.status):
            plan["due_at"] = self._run.clock.now()
        return plan

    def _schedule(self, status: str) -> dict[str, object]:
        active = self.is_monitored(status)
        return {"active": active, "due_at": self._run.clock.now() if active else None}

    def _refuse_taken(self, tenant_id: str, name: str, *, but: str = "") -> None:
        # Asked for the house: a name is taken also by what this operator may not see.
        namesake = self._driver.get_by_name(tenant_id, name)
        if namesake is not None and namesake.id != but:
            article = "an" if self.KIND == "integration" else "a"
            raise NameTaken(
                f"This tenant has {article} {self.KIND} of that name already.",
                hint="Choose another; upper and lower case make no difference.",
                field="name",
            )

    def _note(
        self,
        row: ThingRow,
        what: str,
        detail: Mapping[str, object],
        *,
        actor: str | None = None,
    ) -> None:
        note_thing(
            self._connection, self._run, row, kind=self.KIND, what=what, detail=detail, actor=actor
        )
