"""`lampboard usage receive`: gen_ai spans and metrics over OTLP/HTTP."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from tui.cli.failures import EXIT_INTERRUPTED
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import Words
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.usage.receiver.intake import ReceiverCounts
    from engine.usage.receiver.server import Endpoint
    from engine.workspace import Workspace

VARIABLE = "LAMPBOARD_OTLP_TOKEN"
_LONGEST_TOKEN = 4096
_COUNT = {"spans": "traces", "metrics": "metrics"}


@click.command(
    "receive",
    cls=BoardCommand,
    panels={"Where": ("--host", "--port", "--token-stdin")},
    examples=(
        "lampboard usage receive --tenant acme",
        "lampboard usage receive --tenant acme --integration gpt-prod --count metrics",
        "lampboard usage receive --tenant acme --host 0.0.0.0 --token-stdin < token.txt",
    ),
)
@click.option("--integration", metavar="NAME", help="Whose calls they are that name none.")
@click.option(
    "--count",
    metavar="WHAT",
    type=Words(tuple(_COUNT)),
    default="spans",
    help="What is counted: spans (else) or metrics. Both tell of the same calls.",
)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", help="Where to listen (127.0.0.1).")
@click.option("--port", metavar="N", type=WholeRange(0, 65_535), default=4318, help="On it (4318).")
@click.option(
    "--token-stdin", is_flag=True, help=f"Read the token from standard input; else {VARIABLE}."
)
@click.option("--child", is_flag=True, hidden=True, help="End when standard input ends.")
@click.pass_context
def command(  # noqa: PLR0913 - a flag each
    ctx: click.Context,
    *,
    integration: str | None,
    count: str,
    host: str,
    port: int,
    token_stdin: bool,
    child: bool,
) -> None:
    """Take in what programs tell of their model calls, until it is interrupted.

    Point them here: OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318. What is acknowledged is in
    the database. Beyond this machine it takes a token, sent as Authorization: Bearer.
    """
    if token_stdin and child:
        raise InvalidInput("Standard input cannot be the token and the sign to end.")
    session: Session = ctx.obj
    token = _token(stdin=token_stdin)

    async def work(workspace: Workspace) -> tuple[ReceiverCounts, bool]:
        from engine.usage.receiver.server import Endpoint

        workspace.require_writable()
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        named = await _known(workspace, tenant, integration)
        endpoint = Endpoint(host=host, port=port, token=token)
        return await _receive(workspace, tenant, endpoint, named, count=_COUNT[count], child=child)

    counts, interrupted = session.run(work)
    from engine.jsonable import jsonable

    told = jsonable(counts)
    session.output.record(told, table=lambda: _text(told), name="new")
    ctx.exit(EXIT_INTERRUPTED if interrupted else 0)


def _token(*, stdin: bool) -> str:
    """Return what who sends must know; it is no flag, which the process list would show."""
    if not stdin:
        return os.environ.get(VARIABLE, "").strip()
    try:
        text = sys.stdin.read(_LONGEST_TOKEN + 1).strip()
    except (ValueError, AttributeError):  # not text, or no stdin at all
        text = ""
    if not text or len(text) > _LONGEST_TOKEN or not (text.isascii() and text.isprintable()):
        raise InvalidInput("There is no usable token on standard input.", field="token")
    return text


async def _known(workspace: Workspace, tenant: str, name: str | None) -> str | None:
    if name is None:
        return None
    from tui.lookup import find_integration

    return (await find_integration(workspace, tenant, name)).id


async def _receive(  # noqa: PLR0913 - one run's facts
    workspace: Workspace,
    tenant: str,
    endpoint: Endpoint,
    integration: str | None,
    *,
    count: str,
    child: bool,
) -> tuple[ReceiverCounts, bool]:
    from engine.usage.receiver.bounds import Bounds
    from engine.usage.receiver.intake import Intake
    from engine.usage.receiver.server import Receiver
    from engine.usage.receiver.sink import WorkspaceSink
    from tui.cli.stopping import Stop, stop_at_end_of_input

    stop = Stop()
    stop.on_signals()
    if child:
        stop_at_end_of_input(stop)
    bounds = Bounds()
    intake = Intake(WorkspaceSink(workspace, tenant, integration=integration), bounds, count=count)
    async with Receiver(intake, endpoint, bounds) as receiver:
        shown = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        narrate(f"Listening on http://{shown}:{receiver.port} for {tenant}; ctrl-C ends it.")
        await stop.wait()
    return intake.counts, stop.interrupted


def _text(told: Mapping[str, object]) -> str:
    from tui.cli.table import facts

    return facts(
        [
            (name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
            for name, value in told.items()
            if value != ""
        ]
    )
