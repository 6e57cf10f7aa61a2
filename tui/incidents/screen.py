"""The place of incidents: what is open, whose it is, since when; what was; and who is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from engine.incidents.model import REASONS
from tui import text
from tui.incidents import attending, telling
from tui.incidents.attending import Attending
from tui.incidents.groups import GROUPS, OF_INCIDENTS, OPEN
from tui.incidents.headline import headline_cell
from tui.incidents.listing import IncidentListing
from tui.incidents.pane import IncidentPane
from tui.incidents.telling import Telling
from tui.inventory.words import FILTER_HELP
from tui.widgets.dialogs import Choose

if TYPE_CHECKING:
    from textual import events

    from engine.incidents.model import IncidentHeadline
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.inventory.listing import View
    from tui.widgets.cells import Cell

DEEDS = attending.DEEDS | telling.ALLOWED.keys()
"""What can be done to some of what is listed here."""

OFFERED = frozenset(str(place) for place, _ in enumerate(REASONS, start=1))
"""Keys that say a reason once `a` has asked for it."""


class IncidentsScreen(Attending, Telling):
    """A tenant's incidents, and those of everybody; `a` and a digit acknowledge one.

    `b` shows what decides who is told: silences, channels, routes, and what became of alerts.
    """

    MODE = "incidents"
    LISTING = IncidentListing
    PANE = IncidentPane
    WATCHES: ClassVar[frozenset[str]] = frozenset({"incidents", "silences", "alerts"})
    WRITING: ClassVar[frozenset[str]] = DEEDS - {"go_to_thing", "write"}
    LIST_ONLY = Attending.LIST_ONLY | {"group", "new"}
    NEEDS_ONE = Attending.NEEDS_ONE | {"group"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", tooltip="From the story, the filter or the marks"),
        Binding("a", "acknowledge", "Acknowledge", tooltip="Say why, by a digit or in words"),
        Binding("a", "nothing", "Acknowledge", show=False, system=True),
        Binding("u", "unacknowledge", "Take back", tooltip="Take the acknowledgement back"),
        Binding("m", "silence", "Silence", tooltip="Keep alerts of it back for a while"),
        Binding("n", "note", "Note", tooltip="Write something down for who looks back"),
        Binding("n", "new", "New", tooltip="A silence, a channel or a route"),
        Binding("e", "edit", "Edit", tooltip="Change it"),
        Binding("t", "test", "Test", tooltip="Check its thing now"),
        Binding("t", "test_channel", "Test", tooltip="Say a word through the channel, for real"),
        Binding("r", "resend", "Send again", tooltip="Let the alert be sent once more"),
        Binding("d", "end", "End", tooltip="End the silence; it asks"),
        Binding("d", "delete", "Delete", tooltip="Delete it; it asks"),
        Binding("b", "group", "Show", tooltip="What is open, what was, and who is told"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip=FILTER_HELP),
        Binding("o", "go_to_thing", "Go to it", tooltip="Open its thing in its own place"),
        Binding("s", "sort", "Sort", tooltip="Choose the order; the same again turns it round"),
        Binding("w", "write", "Post-mortem", tooltip="Write what happened into a Markdown file"),
        Binding("A", "assign", "Assign", show=False, tooltip="Say who sees to it"),
        Binding("c", "close", "Close", show=False, tooltip="Close it by hand, saying why"),
        Binding("y", "copy", "Copy", show=False, tooltip="Copy its number or id"),
        Binding("S", "reverse", "Reverse", show=False, tooltip="Turn the order round"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.by = OPEN
        self._in_vain = False

    # What the list asks

    async def load(self) -> bool:
        """Read how many there are; the place is never empty of what can be done here."""
        workspace = await self.desk.workspace()
        self.headline = await self.read_headline(workspace)
        return True

    async def read_headline(self, workspace: Workspace) -> IncidentHeadline:
        """Return how many incidents are open, by severity and state."""
        return await workspace.incidents.headline(self.desk.tenant_id)

    def renew_headline(self) -> None:
        """Write what was read with the list."""
        self.say_headline()

    def headline_cell(self, found: IncidentHeadline, width: int) -> Cell:
        """Return how many wait, how many are seen to, and since when."""
        return headline_cell(found, width, self.desk.now(), self.desk.glyphs)

    # What is shown

    def action_group(self) -> None:
        """Offer what can be listed."""
        options = [(name, group.words) for name, group in GROUPS.items()]
        self.app.push_screen(Choose("Show", options, current=self.by), self._group)

    def _group(self, by: str | None) -> None:
        if by is None or by == self.by:
            return
        self.by = by
        self.table.clear_marks()
        self.table.marks = by in OF_INCIDENTS and not self.desk.read_only
        self.listing = GROUPS[by].listing(self.desk)
        self.table.set_columns(self.listing.columns)
        falls = self.listing.sorts[self.listing.order][1]
        view = replace(self._view, tenant_id=self.desk.tenant_id, sort=self.listing.order)
        self._set_view(replace(view, query="", descending=falls))

    def _set_view(self, view: View) -> None:
        super()._set_view(view)
        if not view.query:
            self.table.nothing = GROUPS[self.by].nothing

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done to what the cursor is on."""
        if action == "nothing":
            return self.by in OF_INCIDENTS and not self.check_action("acknowledge", ())
        if action in DEEDS and not (self.can_attend(action) or self.can_tell(action)):
            return False
        return super().check_action(action, parameters)

    def action_nothing(self) -> None:
        """Say that there is nothing to acknowledge: it may have closed a moment ago."""
        said = "There is nothing to acknowledge here."
        if self.desk.read_only:
            said = "This board is read-only, so nothing can be acknowledged here."
        self.notify(said, severity="warning", markup=False, timeout=4)

    def on_key(self, event: events.Key) -> None:
        """Take the reason that follows such an `a`: the digit would open another place.

        It may come here before the app has acted on the `a`.
        """
        in_vain = self._in_vain
        self._in_vain = event.key == "a" and bool(self.check_action("nothing", ()))
        if in_vain and event.key in OFFERED:
            event.prevent_default()
            event.stop()

    def action_copy(self) -> None:
        """Copy the number or id to the terminal's clipboard."""
        if self.item is not None:
            self.app.copy_to_clipboard(self.item.id)
            self.notify(f"Copied {text.clean(self.item.id)}", markup=False, timeout=2)
