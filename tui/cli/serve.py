"""`lampboard serve`: the dashboard in a browser."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.failures import EXIT_INTERRUPTED
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.monitor.supervisor import SupervisorStatus
    from engine.settings import Settings
    from engine.workspace import Workspace
    from tui.serve.access import Access

PRIVATE = {"sqlite://", "sqlite:///:memory:"}
"""Databases inside one process, which no board could open."""

logger = logging.getLogger(__name__)
_FILE = click.Path(dir_okay=False)


@click.command(
    cls=BoardCommand,
    panels={
        "Where": ("--host", "--port", "--public-url"),
        "Who comes in": ("--token-file", "--certificate", "--key", "--behind-proxy", "--proxy"),
        "What they may": ("--writable", "--boards"),
    },
    examples=(
        "lampboard serve",
        "lampboard serve --writable --boards 2",
        "lampboard serve --host 192.0.2.10 --token-file token --certificate tls.pem --key tls.key",
        "lampboard serve --behind-proxy X-User --proxy 192.0.2.2 --public-url https://board.example",
    ),
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Where to listen (127.0.0.1).")
@click.option("--port", metavar="N", type=WholeRange(0, 65_535), default=8000, help="On it (8000).")
@click.option("--public-url", metavar="URL", help="The address that browsers show, if another.")
@click.option(
    "--token-file",
    metavar="FILE",
    type=_FILE,
    help="What opens the page; else LAMPBOARD_SERVE_TOKEN, else one is made.",
)
@click.option("--certificate", metavar="FILE", type=_FILE, help="Speak TLS: its certificate (PEM).")
@click.option("--key", metavar="FILE", type=_FILE, help="The certificate's key (PEM).")
@click.option(
    "--behind-proxy",
    metavar="HEADER",
    help="A proxy authenticates, and names who came in this header.",
)
@click.option(
    "--proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    help="The proxy's address or network; from nobody else the header is taken.",
)
@click.option("--writable", is_flag=True, help="Let browsers change things; else they only look.")
@click.option(
    "--boards",
    metavar="N",
    type=WholeRange(1, 200),
    default=8,
    help="Boards open at the same time, at most (8); each is a process.",
)
@click.pass_context
def serve(
    ctx: click.Context, /, *, token_file: str | None, writable: bool, boards: int, **told: Any
) -> None:
    """Show the dashboard in a browser, until it is interrupted.

    On this machine a token in the address that is printed opens it. Beyond it takes a token of
    yours and TLS, or a proxy that authenticates. It also keeps a monitor running, as the dashboard
    in a terminal does.
    """
    session: Session = ctx.obj
    _require_extra()
    from tui.serve import tokens
    from tui.serve.access import Told, decide

    access = decide(Told(token=tokens.told(token_file, os.environ), **told))
    _refuse_journal(access)
    settings = _of_boards(session.settings, writable=writable)

    async def work(workspace: Workspace) -> bool:
        # With what opens a locked key file, which may have been asked for meanwhile.
        unlocked = replace(workspace.settings, read_only=settings.read_only)
        return await _serve(session, workspace, access, unlocked, boards=boards)

    interrupted = session.run(work)
    ctx.exit(EXIT_INTERRUPTED if interrupted else 0)


def _require_extra() -> None:
    from importlib.util import find_spec

    if find_spec("textual_serve") is None:
        raise InvalidInput(
            "The dashboard in a browser needs textual-serve, which is not installed.",
            hint="Install it: pip install 'lampboard[serve]'",
        )


def _refuse_journal(access: Access) -> None:
    """Refuse to make a token where it would be written down: what a service prints is logged."""
    if access.token_was_made and "JOURNAL_STREAM" in os.environ:
        raise InvalidInput(
            "A token that is made now would be printed into the journal.",
            hint="Give --token-file.",
            field="token_file",
        )


def _of_boards(settings: Settings, *, writable: bool) -> Settings:
    """Return what each board is told; read-only unless asked, and never against the settings."""
    if writable and settings.read_only:
        raise InvalidInput(
            f"Boards cannot be writable: {settings.origin('read_only').sentence('read_only')}",
            hint="Leave one of the two away.",
            field="writable",
        )
    if settings.database in PRIVATE:
        raise InvalidInput(
            "A database in memory cannot be shown in a browser.",
            hint="Give --database with a file or a URL.",
            field="database",
        )
    return replace(settings, read_only=not writable)


async def _serve(
    session: Session, workspace: Workspace, access: Access, settings: Settings, *, boards: int
) -> bool:
    """Serve until a signal; return whether it was ctrl-C."""
    from engine.monitor.supervisor import MonitorSupervisor
    from tui.cli.stopping import Stop
    from tui.serve.server import BoardServer

    stop = Stop()
    stop.on_signals()
    # One for all boards: with each its own, checking would end with whoever looked first.
    keeper = MonitorSupervisor.over(workspace, changed=_note)
    async with BoardServer(access, settings, boards=boards) as server:
        keeper.start()
        try:
            told = {
                "url": server.opening,
                "read_only": settings.read_only,
                "boards": boards,
                "monitor": settings.monitor,
            }
            session.output.record(told, table=lambda: f"{server.opening}\n", name="url")
            session.output.stream.flush()
            _narrate(access, settings)
            await stop.wait()
        finally:
            await keeper.stop()
    return stop.interrupted


def _note(status: SupervisorStatus) -> None:
    """Keep in the log what happens to the monitor: nobody may be looking at a board."""
    if status.message:
        logger.warning("%s", status.message)


def _narrate(access: Access, settings: Settings) -> None:
    if access.header is not None:
        narrate("Open it through the proxy.")
    elif not access.token_was_made:
        narrate("It asks for the token that was given.")
    if settings.read_only:
        narrate("Boards are read-only (--writable lets them change things); ctrl-C ends it.")
    else:
        narrate("Boards are writable: who has one can do what you can. ctrl-C ends it.")
