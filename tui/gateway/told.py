"""What the pane of the gateway knows of the template under the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.gateway.results import TemplateDetail, TemplateRun, TemplateSummary
    from tui.theme import Glyphs


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is told, as of when, and what it is drawn with; what is not read yet is None."""

    item: TemplateSummary
    now: datetime
    glyphs: Glyphs
    detail: TemplateDetail | None = None
    runs: tuple[TemplateRun, ...] | None = None

    @property
    def version(self) -> int:
        """The version that is shown."""
        return self.detail.version if self.detail is not None else self.item.version

    @property
    def old(self) -> bool:
        """Whether it is another version than the newest."""
        return self.detail is not None and self.detail.version != self.item.version
