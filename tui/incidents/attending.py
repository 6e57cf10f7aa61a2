"""What is done to incidents: seen to, noted, given to somebody, closed, tested, written down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.incidents.model import CLOSED, IncidentHeadline
from tui import kinds, text
from tui.health.answering import tell_answer
from tui.incidents import saying
from tui.incidents.entries import Entry
from tui.inventory.bulk import Deed, Outcome, Thing
from tui.inventory.headlined_list import HeadlinedList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.incidents.facade import IncidentsFacade
    from engine.incidents.model import Incident
    from tui.desk import Desk
    from tui.widgets.window_table import WindowTable

Meant: TypeAlias = "Mapping[int, int | None]"
"""Numbers of incidents, each with the version that was seen."""

DEEDS = frozenset(
    {
        *("acknowledge", "unacknowledge", "assign", "note", "close"),
        *("test", "go_to_thing", "write", "silence"),
    }
)
"""What can be done to an incident."""

WHILE_OPEN = frozenset({"acknowledge", "assign", "close", "silence"})
"""What can be done to an incident only while it is open."""

WORDS = {
    "ack": ("Acknowledge", "acknowledged"),
    "unack": ("Take back", "waiting again"),
    "assign": ("Assign", "given to {said}"),
    "close": ("Close", "closed"),
    "note": ("Note", "noted"),
}
"""What is said of each deed while it is done, and then."""

OF_A_THING = frozenset({"test", "go_to_thing"})
"""What needs an incident that is about one thing."""


def _deed(what: str, said: str, meant: Meant) -> Deed[IncidentsFacade]:
    """Return what is done to each incident; what somebody else did meanwhile is not undone."""
    title, done = WORDS[what]
    done = done.format(said=text.clean(said))

    async def do(facade: IncidentsFacade, tenant: str, thing: Thing) -> Outcome:
        number = int(thing.id)
        seen = meant[number]
        match what:
            case "ack":
                await facade.acknowledge(tenant, number, said, expected_version=seen)
            case "unack":
                await facade.unacknowledge(tenant, number, expected_version=seen)
            case "assign":
                await facade.assign(tenant, number, said, expected_version=seen)
            case "close":
                await facade.close(tenant, number, said, expected_version=seen)
            case _:
                await facade.note(tenant, number, said)
        return Outcome(thing=thing, said=f"{thing.name}: {done}")

    return Deed(noun="incident", title=title, done=done, do=do)


class Attending(HeadlinedList[Any, IncidentHeadline]):
    """The deeds of a place whose rows may be incidents."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._versions: dict[str, int | None] = {}

    @property
    def incident(self) -> Incident | None:
        """The incident under the cursor."""
        if not self.is_mounted or self.state in {"loading", "error"}:
            return None
        return self.item.incident if isinstance(self.item, Entry) else None

    def can_attend(self, action: str) -> bool:
        """Return whether a deed can be done to the incident under the cursor."""
        found = self.incident
        if action not in DEEDS or found is None:
            return False
        if action in WHILE_OPEN:
            return found.state != CLOSED
        if action == "unacknowledge":
            return found.acknowledged_at is not None and found.state != CLOSED
        return action not in OF_A_THING or bool(found.thing_id and kinds.place_of(found.kind or ""))

    def _meant(self) -> Meant:
        """Return what is marked, else what the cursor is on, with the versions that were seen."""
        if not self.table.marked:
            found = self.incident
            return {} if found is None else {found.number: found.version}
        self._look_at_marks(self.table.marked)
        return {int(key): self._versions.get(key) for key in sorted(self.table.marked, key=int)}

    def on_window_table_marked(self, event: WindowTable.Marked) -> None:
        """Keep which versions were marked: rows out of sight are not in the table."""
        self._look_at_marks(event.keys)

    def _look_at_marks(self, keys: frozenset[str]) -> None:
        rows = {key: self.table.find(key) for key in keys}
        seen = {
            key: row.record.incident.version
            for key, row in rows.items()
            if row is not None and isinstance(row.record, Entry)
        }
        self._versions = {key: seen.get(key, self._versions.get(key)) for key in keys}

    def _called(self, meant: Meant) -> str:
        if len(meant) == 1:
            return self._title_of(*meant)
        return text.plural(len(meant), "incident")

    def _title_of(self, number: int) -> str:
        found = self.incident
        title = found.title if found is not None and found.number == number else ""
        return text.ellipsis(text.clean(self._names.get(str(number)) or title), 44)

    # Said by somebody

    def action_acknowledge(self) -> None:
        """Ask why, and acknowledge."""
        meant = self._meant()
        self.open_form(self._ask(meant, saying.acknowledging(self._called(meant)), "ack"))

    def action_note(self) -> None:
        """Ask for a note, and write it down."""
        meant = self._meant()
        self.open_form(self._ask(meant, saying.noting(self._called(meant)), "note"))

    def action_assign(self) -> None:
        """Ask who sees to it."""
        meant, me = self._meant(), self.desk.settings.operator
        self.open_form(self._ask(meant, saying.assigning(self._called(meant), me), "assign"))

    def action_close(self) -> None:
        """Ask why, and close by hand."""
        meant = self._meant()
        self.open_form(self._ask(meant, saying.closing(self._called(meant)), "close"))

    def action_unacknowledge(self) -> None:
        """Take acknowledgements back."""
        self.run_worker(self._do(self._meant(), "unack", ""), name="incident", exit_on_error=False)

    async def _ask(self, meant: Meant, dialog: saying.SayDialog, what: str) -> None:
        said = await self.app.push_screen_wait(dialog)
        if said is not None:
            await self._do(meant, what, said)

    async def _do(self, meant: Meant, what: str, said: str) -> None:
        facade = (await self.desk.workspace()).incidents
        things = [Thing(id=str(number), name=self._title_of(number)) for number in meant]
        await self.do_to(_deed(what, said, meant), facade, things)
        self.reload()
        self.pane.tell(self.item, again=True)

    # Looked at

    def action_test(self) -> None:
        """Check the thing of the incident now."""
        if self.incident is not None:
            self.run_worker(self._test(self.incident), name="test", exit_on_error=False)

    async def _test(self, found: Incident) -> None:
        name = text.clean(found.thing_name or "")
        self.notify(f"Checking {name}", markup=False, timeout=2)
        checks, roles = (await self.desk.workspace()).checks, self.desk.settings.roles
        checked = await checks.check(
            found.kind or "", self.desk.tenant_id, found.thing_id or "", force=True, roles=roles
        )
        tell_answer(self, name, checked)
        self.reload()

    async def action_go_to_thing(self) -> None:
        """Open the thing of the incident in its own place."""
        found = self.incident
        if found is not None and found.thing_id:
            self.desk.wanted = found.thing_id
            await self.run_action(f"app.go({kinds.place_of(found.kind or '')!r})")

    def action_write(self) -> None:
        """Ask for a file, and write the post-mortem into it."""
        if self.incident is not None:
            self.run_worker(self._write(self.incident), name="write", exit_on_error=False)

    async def _write(self, found: Incident) -> None:
        from tui.writing import FileDialog, file_name, write_text

        workspace = await self.desk.workspace()
        told = await workspace.incidents.post_mortem(self.desk.tenant_id, found.number)
        what = f"incident-{found.number}"
        proposed = file_name(self.desk.tenant_id, what, self.desk.now(), ending=".md")
        about = "Facts, impact, what happened when, and what was changed meanwhile; ends with"
        path = await self.app.push_screen_wait(FileDialog(proposed, about, endings=(".md",)))
        if path is not None:
            await asyncio.to_thread(write_text, path, told)
            said = f"What happened is in {text.clean(str(path))}"
            self.notify(said, markup=False, timeout=6)
