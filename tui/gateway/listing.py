"""The list of a tenant's templates through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.gateway.results import TemplateSummary
from tui.gateway import rows
from tui.gateway.rows import COLUMNS, KIND, SORTS
from tui.inventory.listing import FacadeListing

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.inventory.listing import Count, Pages
    from tui.widgets.row_source import Row


class TemplateListing(FacadeListing[TemplateSummary, TemplateSummary]):
    """A tenant's templates."""

    noun = KIND
    title = "Templates"
    columns = COLUMNS
    sorts = SORTS
    examples = "gateway:orders  outcome:alarm  !status:retired"

    def asks(self, workspace: Workspace) -> tuple[Pages[TemplateSummary], Count]:
        """Return the facade's ways."""
        found = workspace.gateway
        return found.page_templates, found.count_templates

    async def name_of(self, thing_id: str) -> str:
        """Return the name of one template."""
        workspace = await self.desk.workspace()
        found = await workspace.gateway.get_template(self.desk.tenant_id, thing_id)
        return found.template.name

    def row(self, item: TemplateSummary, anchor: object) -> Row:
        """Return a template as a row."""
        return rows.template_row(item, anchor, self.desk.now(), self.desk.glyphs)
