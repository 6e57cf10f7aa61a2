"""The pane beside the list: an incident with what happened, or what decides who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.alerts.entries import Entry as AlertEntry
from tui.alerts.story import told_lines as alert_lines
from tui.incidents.entries import Entry
from tui.incidents.story import Told, told_lines
from tui.inventory.pane import RowPane
from tui.silences.entries import SilenceEntry
from tui.silences.story import told_lines as silence_lines

if TYPE_CHECKING:
    from engine.incidents.model import IncidentStory
    from tui.desk import Desk
    from tui.widgets.cells import Cell


class IncidentPane(RowPane[Any]):
    """An incident with its targets and its timeline; all else from its row alone."""

    def __init__(self, desk: Desk, *, id: str = "detail") -> None:  # noqa: A002 - Textual's own word
        super().__init__(desk, id=id)
        self._story: IncidentStory | None = None

    def forget(self) -> None:
        """Drop the timeline of another incident."""
        self._story = None

    def has_more(self, item: Any, *, news: bool) -> bool:
        """Return whether there is a timeline to read: only of an incident."""
        return isinstance(item, Entry) and news

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        entry = self.item
        self.show(lambda width: () if entry is None else self._told(entry, width))

    def _told(self, entry: Any, width: int) -> tuple[Cell, ...]:
        now, glyphs = self.desk.now(), self.desk.glyphs
        match entry:
            case SilenceEntry():
                return silence_lines(entry, width, now, glyphs)
            case AlertEntry():
                return alert_lines(entry, width, now, glyphs)
            case Entry(incident=incident):
                told = Told(incident=incident, now=now, glyphs=glyphs, story=self._story)
                return told_lines(told, width)
            case _:
                raise TypeError(f"Nothing tells of {type(entry).__name__}.")

    async def fetch(self, item: Entry) -> None:
        """Read what happened."""
        workspace = await self.desk.workspace()
        story = await workspace.incidents.story(item.tenant_id, item.incident.number)
        if self.is_shown(item):
            self._story = story
            self.renew()
