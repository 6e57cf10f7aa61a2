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
    """A place: its name, the key that leads there, what one finds, and the screen's class.

    `short` is the title where there is no room for all titles.
    """

    name: str
    title: str
    short: str
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
        short="Over",
        key="1",
        about="All lamps, worst first, and what changed",
        screen="tui.overview.screen:OverviewScreen",
    ),
    Mode(
        name="sources",
        title="Sources",
        short="Src",
        key="2",
        about="Where the tenant's data lives: list, test, edit",
        screen="tui.sources.screen:SourcesScreen",
    ),
    Mode(
        name="connectors",
        title="Connectors",
        short="Conn",
        key="3",
        about="How the platform reaches out: test, edit, discover",
        screen="tui.connectors.screen:ConnectorsScreen",
    ),
    Mode(
        name="integrations",
        title="Integrations",
        short="Integr",
        key="4",
        about="The tenant's LLM providers: list, test, edit",
        screen="tui.integrations.screen:IntegrationsScreen",
    ),
    Mode(
        name="health",
        title="Health",
        short="Health",
        key="5",
        about="The live board by state, with uptime and latency",
        screen="tui.health.screen:HealthScreen",
    ),
    Mode(
        name="limits",
        title="Limits",
        short="Lim",
        key="6",
        about="Budgets, tokens and rates: what runs out first",
        screen="tui.limits.screen:LimitsScreen",
    ),
    Mode(
        name="gateway",
        title="Gateway",
        short="Gate",
        key="7",
        about="SQL that may be run: templates, versions, runs",
        screen="tui.gateway.screen:GatewayScreen",
    ),
    Mode(
        name="prevention",
        title="Prevention",
        short="Prev",
        key="8",
        about="The ledger of what policies blocked, and its proof",
        screen="tui.prevention.screen:PreventionScreen",
    ),
    Mode(
        name="activity",
        title="Activity",
        short="Activ",
        key="9",
        about="Who did what, when, to which thing",
        screen="tui.activity.screen:ActivityScreen",
    ),
    Mode(
        name="credentials",
        title="Credentials",
        short="Cred",
        key="0",
        about="References to secrets: state, expiry, who uses which",
        screen="tui.credentials.screen:CredentialsScreen",
    ),
    Mode(
        name="incidents",
        title="Incidents",
        short="Inc",
        key="!",
        about="What went wrong, who sees to it, since when",
        screen="tui.incidents.screen:IncidentsScreen",
    ),
)
