"""`lampboard usage import`: reads a log and counts what it tells, each call once."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from engine.usage.readers.detecting import FORMATS
from tui.cli.kit import BoardCommand
from tui.cli.options import Words, dry_run_option
from tui.cli.progress import Progress
from tui.cli.session import Session, narrate
from tui.cli.usage.imported import counts, exit_code, so_far, tell

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.usage.importing import ImportReport, Source, Wanted
    from engine.workspace import Workspace

STDIN = "-"
_LOG = ("--format", "--map", "--origin", "--integration")
_TABLE = ("--from-database", "--since")


@click.command(
    "import",
    cls=BoardCommand,
    panels={"What the log is": _LOG, "LiteLLM's database instead of a log": _TABLE},
    examples=(
        "lampboard usage import spend.jsonl --tenant acme",
        "lampboard usage import calls.csv --map call_id=id --map tokens_in=usage_in --tenant acme",
        "lampboard usage import spans.json --integration openai=gpt-prod --tenant acme",
        "gunzip -c june.jsonl.gz | lampboard usage import - --dry-run --tenant acme",
        "lampboard usage import --from-database env://DATABASE_URL --tenant acme",
    ),
)
@click.argument("path", metavar="FILE|-", required=False)
@click.option(
    "--format",
    "wanted",
    metavar="FORMAT",
    type=Words(FORMATS),
    default="auto",
    help=f"{', '.join(FORMATS)} (auto).",
)
@click.option(
    "--map",
    "pairs",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="Which column is which field; a.b reaches into an object.",
)
@click.option(
    "--integration",
    "integrations",
    metavar="NAME",
    multiple=True,
    help="Whose calls these are where they do not say; PROVIDER=NAME for those of one provider.",
)
@click.option("--origin", metavar="WORD", help="Where the records come from (the format).")
@click.option(
    "--from-database",
    "url",
    metavar="URL",
    help="LiteLLM's database: postgresql://user@host/name, or env://VARIABLE.",
)
@click.option("--since", metavar="TIME", help="Read no earlier row of the database than that.")
@click.option("--again", is_flag=True, help="Read from the beginning, not where a run was cut off.")
@dry_run_option
@click.pass_context
def command(  # noqa: PLR0913 - a flag each
    ctx: click.Context,
    *,
    path: str | None,
    wanted: str,
    pairs: tuple[str, ...],
    integrations: tuple[str, ...],
    origin: str | None,
    url: str | None,
    since: str | None,
    again: bool,
    dry_run: bool,
) -> None:
    """Read a log of calls, and count each call once.

    A call that was counted before changes nothing, so a log can be imported again at any time:
    after ctrl-C or a crash it goes on where it was. What cannot be counted is refused, with its
    line and the reason. Exits with 1 when nothing could be counted.
    """
    session: Session = ctx.obj
    stop, progress = threading.Event(), Progress(sys.stderr, so_far)
    settled = _settled(integrations, origin, dry_run=dry_run, again=again or since is not None)
    open_source = partial(
        _source, path, wanted, pairs, integrations, url=url, since=since, stop=stop
    )

    async def work(workspace: Workspace) -> ImportReport:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        workspace.require_writable()
        _stop_on_interrupt(stop)
        source = await _opened(open_source)
        try:
            whole = replace(settled, tenant_id=tenant, stop=stop, on_progress=progress.show)
            return await _run(workspace, source, whole)
        finally:
            progress.clear()
            _close(source)

    report = session.run(work)
    tell(session, report)
    ctx.exit(exit_code(report))


def _settled(
    integrations: tuple[str, ...], origin: str | None, *, dry_run: bool, again: bool
) -> Wanted:
    """Return what the flags alone decide; whose usage it is comes later."""
    from engine.usage.importing import Wanted
    from engine.usage.placing import parse_wishes

    return Wanted(
        tenant_id="",
        wishes=parse_wishes(integrations),
        origin=_origin(origin),
        dry_run=dry_run,
        again=again,
    )


async def _run(workspace: Workspace, source: Source, wanted: Wanted) -> ImportReport:
    """Import, and say what was kept also when it ends early."""
    from engine.usage.importing import ImportBroken, import_log

    try:
        return await import_log(workspace, source, wanted)
    except ImportBroken as broken:
        narrate(f"{counts(broken.report)}: at least those are kept. Run it again to go on.")
        raise broken.__cause__ or broken from None


async def _opened(open_source: Callable[[], Source]) -> Source:
    """Open what is read in a thread: the beginning of standard input may be long in coming."""
    import asyncio

    from engine.usage.importing import Stopped

    try:
        return await asyncio.to_thread(open_source)
    except Stopped:
        raise KeyboardInterrupt from None


def _stop_on_interrupt(stop: threading.Event) -> None:
    """End in order at the first ctrl-C, and at once at the second."""
    import asyncio
    import contextlib
    import signal

    loop = asyncio.get_running_loop()

    def asked() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    # Only a main thread on POSIX has such handlers; elsewhere ctrl-C ends it at once.
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, asked)


def _source(  # noqa: PLR0913 - a flag each
    path: str | None,
    wanted: str,
    pairs: tuple[str, ...],
    integrations: tuple[str, ...],
    *,
    url: str | None,
    since: str | None,
    stop: threading.Event,
) -> Source:
    from engine.usage.readers.plain import parse_mapping

    if (path is None) == (url is None):
        raise InvalidInput(
            "Name one thing to read: a file, - for standard input, or --from-database.",
            field="file",
        )
    if url is not None:
        from engine.usage.readers.litellm_table import SpendLogs

        return SpendLogs(url, since=_moment(since))
    if since is not None:
        raise InvalidInput("--since is for --from-database; a log is read whole.", field="since")
    from engine.usage.readers.files import LogFile, open_log

    mapping = parse_mapping(pairs)
    from tui.cli.usage.reading import named_pipe, standard_input

    if path == STDIN:
        return LogFile(standard_input(stop), wanted=wanted, mapping=mapping, where="Standard input")
    pipe = named_pipe(path or "", stop)
    if pipe is not None:
        return LogFile(pipe, wanted=wanted, mapping=mapping, where="The pipe")
    return open_log(path or "", wanted=wanted, mapping=mapping, how="\0".join(sorted(integrations)))


def _moment(since: str | None) -> datetime | None:
    from engine.usage.mapping import Moments

    try:
        return Moments().read(since)
    except ValueError:
        raise InvalidInput(
            "--since is no time.",
            hint="Write it as 2026-03-01 or 2026-03-01T12:00Z.",
            field="since",
        ) from None


def _origin(told: str | None) -> str | None:
    """Return the word for where records come from.

    Raises:
        InvalidInput: It is none, or is kept for what providers count themselves.
    """
    import re

    if told is not None and not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", told):
        raise InvalidInput(
            "An origin is a word of small letters, digits and _, such as gateway.", field="origin"
        )
    if told is not None and told.endswith("_usage"):
        raise InvalidInput(
            "Origins that end in _usage are for what a provider has counted itself.",
            hint="`lampboard usage sync` reads those.",
            field="origin",
        )
    return told


def _close(source: Source) -> None:
    close = getattr(source, "close", None)
    if close is not None:
        close()
