"""What commands are made of: click's classes with examples, grouped options and late imports.

Plain click runs the commands, because rich-click costs as much to import as click does; it
draws the help pages (`tui.cli.help`), which are the only place that needs it.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tui.cli.options import global_options

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOBAL_PANEL = "Everywhere"


class BoardCommand(click.Command):
    """A command with examples; takes the global options after its name too."""

    def __init__(
        self,
        *args: Any,
        examples: tuple[str, ...] = (),
        panels: Mapping[str, tuple[str, ...]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.panels = dict(panels or {})
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])
        self.params.extend(global_options())

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page."""
        from tui.cli.help import render

        return render(self, ctx)


class BoardGroup(click.Group):
    """A group of commands; alone it shows its help page, which is no mistake."""

    command_class = BoardCommand

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        kwargs.setdefault("invoke_without_command", True)
        kwargs.setdefault("no_args_is_help", False)
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])
        self.params.extend(global_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were declared."""
        del ctx
        return list(self.commands)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help page."""
        from tui.cli.help import render

        return render(self, ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named; without one, show the help page."""
        alone = not ctx._protected_args and not ctx.args  # noqa: SLF001 - click's own way to look
        if alone and self.callback is None:
            click.echo(self.get_help(ctx))
            return None
        return super().invoke(ctx)


class DefaultGroup(BoardGroup):
    """A group whose first command is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the first command's name in front where no command is named."""
        asks_for_help = any(word in {"-h", "--help"} for word in args)
        if not asks_for_help and not any(word in self.commands for word in args):
            args = [next(iter(self.commands)), *args]
        return super().parse_args(ctx, args)


@dataclass(frozen=True, kw_only=True, slots=True)
class Late:
    """A command that is imported when it is called: its place, and its line in the help page."""

    module: str
    attribute: str
    short: str
    panel: str


class LateGroup(BoardGroup):
    """Knows its commands by name, and imports only the one that is asked for."""

    def __init__(self, *args: Any, late: Mapping[str, Late], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.late = dict(late)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, without importing anything."""
        del ctx
        return list(self.late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        entry = self.late.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(importlib.import_module(entry.module), entry.attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered with the names nearest to it."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.late, ctx=ctx
            ) from None
