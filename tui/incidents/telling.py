"""What is done about who is told: silences, channels, routes, and alerts that did not arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from engine.incidents.model import IncidentHeadline
from engine.silences import SilenceDraft
from tui import text
from tui.alerts.entries import Entry as AlertEntry
from tui.alerts.entries import is_test
from tui.incidents.entries import Entry
from tui.incidents.groups import ALERTS, CHANNELS, ROUTES, SILENCES
from tui.inventory.filling import fill_in
from tui.inventory.headlined_list import HeadlinedList
from tui.silences.asking import keep_quiet
from tui.silences.entries import SilenceEntry
from tui.widgets.dialogs import Confirm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.incidents.model import Incident
    from engine.workspace import Workspace
    from tui.inventory.form import DraftForm

ALLOWED = {
    "new": frozenset({SILENCES, CHANNELS, ROUTES}),
    "edit": frozenset({SILENCES, CHANNELS, ROUTES}),
    "delete": frozenset({CHANNELS, ROUTES}),
    "end": frozenset({SILENCES}),
    "test_channel": frozenset({CHANNELS}),
    "resend": frozenset({ALERTS}),
}
"""Which of these deeds belong to which lists."""

Deed: TypeAlias = "Callable[[Workspace, Any], Awaitable[object]]"
_SENT = frozenset({"failed", "uncertain", "dropped"})


class Telling(HeadlinedList[Any, IncidentHeadline]):
    """The deeds of a place whose `by` names the list that it shows."""

    by: str

    def can_tell(self, action: str) -> bool:
        """Return whether a deed can be done to what the cursor is on."""
        if action not in ALLOWED or self.by not in ALLOWED[action]:
            return False
        if action == "new":
            return True
        item = self.item
        if isinstance(item, SilenceEntry):
            return item.status != "ended"
        if not isinstance(item, AlertEntry):
            return False
        return action != "resend" or (item.status in _SENT and not is_test(item))

    # New and edited

    def action_new(self) -> None:
        """Open an empty form."""
        self.open_form(self._fill(None))

    def action_edit(self) -> None:
        """Open the form of what the cursor is on."""
        if self.item is not None:
            self.open_form(self._fill(self.item))

    def action_silence(self) -> None:
        """Open the form of a silence of what the incident is about."""
        if isinstance(self.item, Entry):
            self.open_form(self._keep_quiet(self.item.incident))

    async def _keep_quiet(self, found: Incident) -> None:
        about = SilenceDraft(
            tenant_id=found.tenant_id,
            kind=found.kind if found.thing_id else None,
            thing_id=found.thing_id,
            technology=None if found.thing_id else found.technology,
        )
        await keep_quiet(self, about, found.thing_name)

    async def _fill(self, item: Any) -> None:
        form = await self._form(item)
        saved = None if form is None else await fill_in(self, form)
        if saved is not None:
            self.desk.wanted = None if self.by not in ALLOWED["new"] else saved.id
            self.reload()

    async def _form(self, item: Any) -> DraftForm[Any] | None:
        from tui.alerts.form import ChannelForm, RouteForm
        from tui.silences.form import SilenceForm

        if self.by == SILENCES:
            return SilenceForm(self.desk, item)
        if self.by == CHANNELS:
            return ChannelForm(self.desk, item)
        workspace = await self.desk.workspace()
        channels = await workspace.alerts.list_channels(self.desk.tenant_id)
        if not channels:
            said = "A route leads to a channel: add that first, with b and n."
            self.notify(said, severity="warning", markup=False)
            return None
        return RouteForm(self.desk, item, channels=channels)

    # Ended, tested, sent again

    def action_end(self) -> None:
        """Ask, and end the silence."""
        said = "What is open is told from now on; it never holds again."
        self._ask_first("End the silence of", said, "End it", _end)

    def action_delete(self) -> None:
        """Ask, and delete the channel or route."""
        if self.by == ROUTES:
            self._ask_first("Delete", "Nothing goes this way any more.", "Delete", _delete_route)
            return
        said = "Its routes and its secret go with it. What it told stays in the log."
        self._ask_first("Delete the channel", said, "Delete", _delete_channel)

    def _ask_first(self, question: str, said: str, yes: str, deed: Deed) -> None:
        item = self.item
        if item is None:
            return
        title = f"{question} {text.ellipsis(text.clean(item.name), 40)}?"

        def answered(sure: bool | None) -> None:
            if sure:
                self.run_worker(self._do_it(deed, item), name="told", exit_on_error=False)

        self.app.push_screen(Confirm(title, said, yes=yes, danger=True), answered)

    async def _do_it(self, deed: Deed, item: Any) -> None:
        await deed(await self.desk.workspace(), item)
        self.reload()

    def action_test_channel(self) -> None:
        """Say a word through the channel, for real."""
        if self.item is not None:
            self.run_worker(self._test_channel(self.item), name="test", exit_on_error=False)

    async def _test_channel(self, item: Any) -> None:
        name = text.clean(item.name)
        self.notify(f"Saying a word through {name}", markup=False, timeout=2)
        workspace = await self.desk.workspace()
        found = await workspace.alerts.test_channel(item.tenant_id, item.id)
        self.notify(
            text.clean(found.message),
            title=name,
            severity="information" if found.ok else "error",
            markup=False,
        )
        self.reload()

    def action_resend(self) -> None:
        """Let an alert be sent again."""
        if self.item is not None:
            self.run_worker(self._do_it(_resend, self.item), name="told", exit_on_error=False)


async def _end(workspace: Workspace, item: SilenceEntry) -> None:
    await workspace.silences.end(item.tenant_id, item.id, expected_version=item.version)


async def _delete_channel(workspace: Workspace, item: AlertEntry) -> None:
    await workspace.alerts.delete_channel(item.tenant_id, item.id)


async def _delete_route(workspace: Workspace, item: AlertEntry) -> None:
    await workspace.alerts.delete_route(item.tenant_id, item.id)


async def _resend(workspace: Workspace, item: AlertEntry) -> None:
    await workspace.alerts.resend(item.tenant_id, int(item.id))
