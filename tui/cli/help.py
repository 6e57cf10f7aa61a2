"""Help pages: drawn by rich-click from the click commands. Imported only when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich.panel import Panel
from rich.text import Text
from rich_click import RichCommand, RichContext, RichGroup
from rich_click.rich_panel import RichCommandPanel, RichOptionPanel

from tui.cli.kit import GLOBAL_PANEL, BoardCommand, BoardGroup, LateGroup
from tui.cli.options import GLOBAL_NAMES

if TYPE_CHECKING:
    from rich_click.rich_panel import RichPanel

CONFIG = {
    "style_options_panel_border": "dim",
    "style_commands_panel_border": "dim",
    "style_usage": "bold",
    "options_table_column_types": ["required", "opt_short", "opt_long", "metavar", "help"],
    "options_table_help_sections": ["help", "required", "default"],
    "max_width": 100,
    # Its own panel takes in every option, placed or not; ours are complete, so it stays empty.
    "options_panel_title": "Other",
}


def render(command: click.Command, ctx: click.Context) -> str:
    """Return the page of one command: what it is, examples, then its options by topic."""
    twin = _twin(command)
    context = RichContext(
        twin,
        info_name=ctx.command_path,
        help_option_names=["-h", "--help"],
        rich_help_config=CONFIG,
        terminal_width=ctx.terminal_width,
    )
    formatter = context.make_formatter()
    twin.format_usage(context, formatter)
    twin.format_help_text(context, formatter)
    if examples := getattr(command, "examples", ()):
        formatter.write(_examples(examples))
    twin.format_options(context, formatter)
    return formatter.getvalue().rstrip("\n")


def _examples(lines: tuple[str, ...]) -> Panel:
    # Commands to copy: no highlighting, and cut nowhere.
    text = Text("\n".join(lines), overflow="fold", no_wrap=False)
    return Panel(text, title="Examples", title_align="left", border_style="dim")


def _twin(command: click.Command) -> RichCommand:
    name, params, panels = command.name, list(command.params), _option_panels(command)
    if isinstance(command, BoardGroup):
        lines: dict[str, click.Command] = {str(item.name): item for item in _lines(command)}
        every = [*_command_panels(command), *panels]
        return RichGroup(name=name, help=command.help, params=params, commands=lines, panels=every)
    return RichCommand(name=name, help=command.help, params=params, panels=panels)


def _lines(group: BoardGroup) -> list[RichCommand]:
    if isinstance(group, LateGroup):
        return [RichCommand(name=name, help=entry.short) for name, entry in group.late.items()]
    return [
        RichCommand(name=name, help=item.get_short_help_str(limit=200))
        for name, item in group.commands.items()
    ]


def _command_panels(group: BoardGroup) -> list[RichPanel[Any, Any]]:
    if not isinstance(group, LateGroup):
        return [RichCommandPanel("Commands", commands=list(group.commands))]
    panels: dict[str, list[str]] = {}
    for name, entry in group.late.items():
        panels.setdefault(entry.panel, []).append(name)
    return [RichCommandPanel(title, commands=names) for title, names in panels.items()]


def _option_panels(command: click.Command) -> list[RichPanel[Any, Any]]:
    own = command.panels if isinstance(command, BoardCommand) else {}
    placed = {option for options in own.values() for option in options} | set(GLOBAL_NAMES)
    rest = [
        item.opts[-1]
        for item in command.params
        if isinstance(item, click.Option) and not item.hidden and not placed & set(item.opts)
    ]
    first = [RichOptionPanel("Options", options=[*rest, "--help"])]
    middle = [RichOptionPanel(title, options=list(options)) for title, options in own.items()]
    return [*first, *middle, _everywhere()]


def _everywhere() -> RichOptionPanel:
    return RichOptionPanel(GLOBAL_PANEL, options=list(GLOBAL_NAMES))
