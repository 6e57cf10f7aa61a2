"""Options that many commands share. The global ones stand before or after the command's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.numbers import WholeRange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FORMATS = ("table", "json", "yaml", "csv", "name")
PAGE = 1000
"""Rows a reading with --all: large enough to be quick, small enough to stream."""

LOG_LEVELS = ("debug", "info", "warning", "error")


class Words(click.Choice[str]):
    """A choice that answers a slip with the word that was probably meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return what is wrong, with the nearest word when there is one."""
        del ctx
        import difflib

        close = difflib.get_close_matches(str(value), self.choices, n=1)
        if close:
            return f"{value!r} is not known. Did you mean {close[0]!r}?"
        return f"{value!r} is not one of {', '.join(self.choices)}."


def keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Note an option on the session; the one nearest to the command's name wins."""
    keep_as(param.name or "")(ctx, param, value)


def keep_as(name: str) -> Callable[[click.Context, click.Parameter, object], None]:
    """Return a callback that notes an option as the setting `name`."""

    def note(ctx: click.Context, param: click.Parameter, value: object) -> None:
        del param
        from tui.cli.session import Session

        session = ctx.find_object(Session)
        if value is not None and session is not None and name:
            session.flags[name] = value

    return note


_OUTPUT = "How to print data: table (else), json, yaml, csv or name."
_LEVEL = "What the log file keeps: debug, info, warning (else) or error."


def _global(*names: str, **attributes: Any) -> click.Option:
    return click.Option(list(names), expose_value=False, callback=keep, **attributes)


def global_options() -> list[click.Option]:
    """Return fresh options that every command takes."""
    return [
        _global("--database", metavar="URL", help="The database: a URL, or the path of a file."),
        _global("--tenant", metavar="ID", help="Whose things to look at."),
        _global("-o", "--output", metavar="FORMAT", type=Words(FORMATS), help=_OUTPUT),
        _global("--read-only", is_flag=True, default=None, help="Refuse every change."),
        _global(
            "--config", metavar="FILE", type=click.Path(dir_okay=False), help="The config file."
        ),
        _global("--log-level", metavar="LEVEL", type=Words(LOG_LEVELS), help=_LEVEL),
        _global("--no-input", is_flag=True, default=None, help="Never ask; fail instead."),
    ]


GLOBAL_NAMES = (
    "--database",
    "--tenant",
    "--output",
    "--read-only",
    "--config",
    "--log-level",
    "--no-input",
)


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--yes`, which answers the question beforehand."""
    return click.option("-y", "--yes", is_flag=True, help="Do it without asking.")(function)


def dry_run_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--dry-run`, which says what would be done."""
    return click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")(
        function
    )


def watch_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--watch`, which prints again at every change."""
    return click.option(
        "-w", "--watch", is_flag=True, help="Print again when something changed, until ctrl-C."
    )(function)


def turned_option(*names: str) -> Decorator:
    """Return the option that turns the order round: `--desc`, and by other names too."""
    return click.option("--desc", *names, "descending", is_flag=True, help="The other way round.")


def list_options(
    sorts: Sequence[str],
    *,
    first: str = "name",
    turned: Decorator | None = None,
    watch: bool = True,
) -> Decorator:
    """Add what every list takes: `--sort`, `--desc`, `--limit`, `--all` and `--watch`.

    The function gets `sort`, `descending`, `limit`, `everything` and `watch`.

    Args:
        sorts: What a list can be sorted by.
        first: Which of them holds when nothing is said.
        turned: The option that turns the order round, where it has another name.
        watch: Whether it can be printed again at every change.
    """
    options = (
        click.option(
            "--sort", metavar="BY", type=Words(sorts), default=first, help=f"By {', '.join(sorts)}."
        ),
        turned or turned_option(),
        click.option(
            "--limit", type=WholeRange(1, PAGE), default=100, show_default=True, help="At most."
        ),
        click.option("--all", "everything", is_flag=True, help="All of them."),
        *((watch_option,) if watch else ()),
    )

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        # As in a stack of decorators, the last is the first that is put on.
        for option in reversed(options):
            function = option(function)
        return function

    return add
