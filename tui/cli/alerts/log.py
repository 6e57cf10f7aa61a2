"""`lampboard alerts log|resend`: what was told, and telling it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.alerts import Alert, AlertPage
    from engine.workspace import Workspace
    from tui.cli.table import Column

_MOST = 2**53


@click.command(
    "log",
    cls=BoardCommand,
    examples=(
        "lampboard alerts log --tenant acme",
        "lampboard alerts log 'state:uncertain' --tenant acme -o json",
        "lampboard alerts log --incident 42 --tenant acme",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--incident", type=WholeRange(1, _MOST), metavar="N", help="Only of one incident.")
@click.option("--channel", metavar="NAME", help="Only by one channel.")
@click.option("--limit", type=WholeRange(1, 999), default=100, show_default=True, help="At most.")
@click.pass_obj
def command(
    session: Session,
    *,
    words: tuple[str, ...],
    incident: int | None,
    channel: str | None,
    limit: int,
) -> None:
    """List what was, or is to be, told, newest first.

    A filter takes words and fields: `state:`, `event:`, `channel:`, `type:`, `incident:`,
    `error:`; `!` turns one round.
    """

    async def work(workspace: Workspace) -> AlertPage:
        from tui.cli.alerts.lookup import find_channel

        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        by = None if channel is None else (await find_channel(workspace, tenant, channel)).id
        return await workspace.alerts.page(
            tenant,
            incident=incident,
            channel=by,
            query=" ".join(words),
            # One more than is shown tells whether there is more.
            limit=limit + 1,
        )

    found = session.run(work).items
    shown = found[:limit]
    session.output.listing([list(map(Shown, shown))], len(shown), _columns(), name="id")
    if len(found) > limit:
        narrate(f"The newest {limit:,} are shown; use --limit for more.")
    elif not found:
        narrate("Nothing matches." if words else "Nothing was told yet.")


@click.command("resend", cls=BoardCommand, examples=("lampboard alerts resend 118 --tenant acme",))
@click.argument("alert", type=WholeRange(1, _MOST), metavar="ID")
@click.pass_obj
def resend(session: Session, *, alert: int) -> None:
    """Send an alert again that failed, was dropped, or may not have arrived."""

    async def work(workspace: Workspace) -> Alert:
        tenant = await session.tenant(workspace)
        return await workspace.alerts.resend(tenant, alert)

    found = session.run(work)
    session.output.record(
        found.to_dict(), table=lambda: f"Alert {found.id} is sent by the next monitor.\n", name="id"
    )


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import time
    from tui.cli.table import Column

    return (
        Column(title="ID", key="id", right=True),
        Column(title="#", key="incident_number", right=True),
        Column(title="WHEN", key="at", show=time),
        Column(title="STATE", key="state"),
        Column(title="CHANNEL", key="channel_name"),
        Column(title="TITLE OR ERROR", key="said"),
    )


class Shown:
    """An alert with what a line has room for: one moment, and one text that says it all."""

    def __init__(self, alert: Alert) -> None:
        self.alert = alert
        self.at = alert.sent_at or alert.due_at
        # A title says what happened; where there is none yet, or an error, the event does.
        failed = f"{alert.event}: {alert.error}" if alert.error else None
        self.said = failed or alert.title or alert.event

    def __getattr__(self, name: str) -> object:
        return getattr(self.alert, name)
