"""The list of credential references through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.credentials.results import CredentialSummary
from tui.credentials.entries import Entry, entry
from tui.credentials.rows import COLUMNS, KIND, SORTS, reference_row
from tui.inventory.listing import FacadeListing

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.inventory.listing import Count, Pages
    from tui.widgets.row_source import Row


class ReferenceListing(FacadeListing[Entry, CredentialSummary]):
    """A tenant's references, what is worst on top."""

    noun = KIND
    title = "Credentials"
    columns = COLUMNS
    sorts = SORTS
    order = "state"
    examples = "kind:vault  state:expiring  !used:yes"

    def asks(self, workspace: Workspace) -> tuple[Pages[CredentialSummary], Count]:
        """Return the facade's ways."""
        found = workspace.credentials
        return found.page_references, found.count_references

    def item(self, record: CredentialSummary) -> Entry:
        """Return a reference as an entry."""
        return entry(record)

    async def name_of(self, thing_id: str) -> str:
        """Return the name of one reference."""
        workspace = await self.desk.workspace()
        found = await workspace.credentials.get(self.desk.tenant_id, thing_id)
        return entry(found.credential).name

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a reference as a row."""
        return reference_row(item, anchor, self.desk.now(), self.desk.glyphs)
