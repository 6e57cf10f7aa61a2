"""What the command palette offers: places, tenants, themes, and the keys of the place in sight."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from tui import text, themes
from tui.choices import choose
from tui.modes import MODES
from tui.theme import HEALTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.screen import Screen

    from engine.tenants import TenantSummary
    from tui.app import BoardApp

    Choice = tuple[str, Callable[[], object], str]


def palette(app: BoardApp, screen: Screen[object]) -> Iterator[SystemCommand]:
    """Yield every command: first what the keys of this place do, then what holds everywhere."""
    seen: set[str] = {"command_palette"}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.system or not active.enabled or not binding.tooltip or binding.action in seen:
            continue
        seen.add(binding.action)
        yield SystemCommand(
            f"{binding.description} ({app.get_key_display(binding)})",
            binding.tooltip,
            partial(app.run_action, binding.action, active.node),
        )
    yield SystemCommand("Theme", "Choose the colours", app.action_change_theme)


def places(app: BoardApp) -> list[Choice]:
    """Return the places to go to."""
    return [(mode.title, partial(app.action_go, mode.name), mode.about) for mode in MODES]


def theme_choices(app: BoardApp) -> list[Choice]:
    """Return the themes to choose from."""
    return [(title, partial(set_theme, app, name), name) for name, title in themes.TITLES.items()]


def set_theme(app: BoardApp, name: str) -> None:
    """Use a theme until the dashboard ends; say how to keep it."""
    app.theme = name
    app.notify(f'Set theme = "{name}" in the config file to keep it.', title="Theme", markup=False)


async def choose_tenant(app: BoardApp) -> None:
    """Offer the tenants there are, each with its lamps counted."""
    workspace = await app.desk.workspace()
    tenants = await workspace.tenants.list_tenants()
    choices: list[Choice] = [
        (title(tenant), partial(app.show_tenant, tenant.id), about(app, tenant))
        for tenant in tenants
    ]
    await choose(app, choices, placeholder=app.asking("Tenant"))


def title(tenant: TenantSummary) -> str:
    """Return a tenant's name, with its id where that differs."""
    name, key = text.clean(tenant.name), text.clean(tenant.id)
    return key if name in {"", key} else f"{key} - {name}"


def about(app: BoardApp, tenant: TenantSummary) -> str:
    """Return a tenant's lamps in one line."""
    glyphs = app.desk.glyphs
    lamps = [f"{glyphs.lamp(state)} {tenant.counts.get(state, 0)}" for state in HEALTH]
    return "  ".join([text.plural(sum(tenant.counts.values()), "lamp"), *lamps])
