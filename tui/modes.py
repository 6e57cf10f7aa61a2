"""The places of the board, in the order of their numbers. A concept's place appears with it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.desk import Desk
    from tui.widgets.screen import BoardScreen


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """A place: its name, the key that leads there, what one finds, and the screen's class."""

    name: str
    title: str
    key: str
    about: str
    screen: str

    def open(self, desk: Desk) -> BoardScreen[object]:
        """Return a new screen; its module is imported now, not when the dashboard starts."""
        module, _, name = self.screen.partition(":")
        make = cast(
            "Callable[[Desk], BoardScreen[object]]", getattr(importlib.import_module(module), name)
        )
        return make(desk)


MODES: Final = (
    Mode(
        name="overview",
        title="Overview",
        key="1",
        about="All lamps, worst first, and what changed",
        screen="tui.overview.screen:OverviewScreen",
    ),
    Mode(
        name="sources",
        title="Sources",
        key="2",
        about="Where the tenant's data lives: list, test, edit",
        screen="tui.sources.screen:SourcesScreen",
    ),
    Mode(
        name="connectors",
        title="Connectors",
        key="3",
        about="How the platform reaches out: test, edit, discover",
        screen="tui.connectors.screen:ConnectorsScreen",
    ),
    Mode(
        name="integrations",
        title="Integrations",
        key="4",
        about="The tenant's LLM providers: list, test, edit",
        screen="tui.integrations.screen:IntegrationsScreen",
    ),
    Mode(
        name="health",
        title="Health",
        key="5",
        about="The live board by state, with uptime and latency",
        screen="tui.health.screen:HealthScreen",
    ),
    Mode(
        name="activity",
        title="Activity",
        key="9",
        about="Who did what, when, to which thing",
        screen="tui.activity.screen:ActivityScreen",
    ),
)
