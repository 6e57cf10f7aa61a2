"""`lampboard monitor`: checks what is due, until it is stopped, or once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.failures import EXIT_INTERRUPTED
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import keep
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.monitor import MonitorCounts
    from engine.workspace import Workspace


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard monitor",
        "lampboard monitor --once -o json",
        "lampboard monitor --metrics 127.0.0.1:9464",
        "lampboard --database postgresql://board@db.example/lampboard monitor --workers 400",
    ),
)
@click.option("--once", is_flag=True, help="Check what is due now, then end.")
@click.option(
    "--workers",
    "in_flight",
    metavar="N",
    type=WholeRange(1, 10_000),
    expose_value=False,
    callback=keep,
    help="Checks at the same time, at most (200).",
)
@click.option(
    "--rate",
    "rate_per_minute",
    metavar="N",
    type=WholeRange(1, 1_000_000),
    expose_value=False,
    callback=keep,
    help="Checks started a minute, at most (10,000).",
)
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    expose_value=False,
    callback=keep,
    help="Serve /metrics for Prometheus and /healthz there.",
)
@click.option("--child", is_flag=True, hidden=True, help="End when standard input ends.")
@click.pass_context
def monitor(ctx: click.Context, *, once: bool, child: bool) -> None:
    """Check what is in use when it is due, record what was found, and tell of incidents.

    Several monitors share the work of one database. Interrupt it to stop; what was checked is
    written down first.
    """
    session: Session = ctx.obj

    async def work(workspace: Workspace) -> tuple[MonitorCounts, bool]:
        workspace.require_writable()
        workspace.origin = "monitor"
        return await _run(workspace, once=once, child=child)

    if not (once or child):
        narrate("Checking what is due; ctrl-C ends it.")
    counts, interrupted = session.run(work)
    told = counts.to_dict()
    if once or not child:
        session.output.record(told, table=lambda: _text(told), name="checked")
    ctx.exit(EXIT_INTERRUPTED if interrupted else 0)


async def _run(workspace: Workspace, *, once: bool, child: bool) -> tuple[MonitorCounts, bool]:
    from engine.monitor import run_monitor
    from tui.cli.stopping import Stop, stop_at_end_of_input

    stop = Stop()
    stop.on_signals()
    if child:
        stop_at_end_of_input(stop)
    # A dashboard's own monitor comes and goes with it, and there may be several on a machine.
    metrics = None if child or once else workspace.settings.metrics
    counts: MonitorCounts = await run_monitor(workspace, once=once, stop=stop, metrics=metrics)
    return counts, stop.interrupted


def _text(told: dict[str, int | float]) -> str:
    from tui.cli.table import facts

    return facts([(name.replace("_", " "), f"{value:,}") for name, value in told.items()])
