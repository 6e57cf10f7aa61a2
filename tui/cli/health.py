"""`lampboard health`: check now, sum up, look back, follow changes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand, BoardGroup
from tui.cli.numbers import WholeRange
from tui.cli.options import Words, watch_option
from tui.cli.session import Session, narrate
from tui.nouns import NOUNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.health.model import HealthSummary, Transition
    from engine.workspace import Workspace
    from tui.cli.health_checks import CheckLine
    from tui.cli.table import Column

kind_option = click.option(
    "--kind", metavar="KIND", type=Words(tuple(NOUNS)), help=f"Only: {', '.join(NOUNS)}."
)

health = BoardGroup(
    name="health",
    help="The health of everything that a tenant has: real checks and what they found.",
    examples=(
        "lampboard health check --tenant acme",
        "lampboard health summary --tenant acme -o json",
        "lampboard health board --tenant acme --at 2h",
        "lampboard health watch --tenant acme",
    ),
)


@health.command(
    "check",
    examples=(
        "lampboard health check --tenant acme",
        "lampboard health check gpt orders --tenant acme --force -o json",
        "lampboard health check --kind source --tenant acme",
    ),
)
@click.argument("things", nargs=-1, metavar="[ID]...")
@kind_option
@click.option("--force", is_flag=True, help="Even those that were checked within a minute.")
@click.pass_context
def check(ctx: click.Context, *, things: tuple[str, ...], kind: str | None, force: bool) -> None:
    """Check everything of a tenant, or what is named. Exits with 1 when one is failing."""
    from tui.cli import health_checks

    session: Session = ctx.obj

    async def work(workspace: Workspace) -> list[CheckLine]:
        tenant = await session.tenant(workspace)
        if not things:
            await workspace.tenants.get(tenant)
            return await health_checks.every(workspace, tenant, kind, force=force)
        return await health_checks.named(workspace, tenant, things, kind, force=force)

    results = session.run(work)
    _print_results(session, results)
    ctx.exit(1 if any(str(item.health_state) == "failing" for item in results) else 0)


def _print_results(session: Session, results: Sequence[CheckLine]) -> None:
    counts = dict(Counter(str(item.health_state) for item in results))
    if session.output.format in {"json", "yaml"}:
        told = _whole(results, counts)
        session.output.record(told, table=str)
    else:
        session.output.listing([results], len(results), _result_columns())
        narrate(_sentence(len(results), counts))
    if cached := sum(item.cached for item in results):
        narrate(f"{cached:,} of them were checked less than a minute ago; --force checks again.")


def _whole(results: Sequence[CheckLine], counts: dict[str, int]) -> dict[str, Any]:
    from engine.overall import STATES_WORST_FIRST, overall_health

    every = {state: counts.get(state, 0) for state in STATES_WORST_FIRST}
    return {
        "results": [item.to_dict() for item in results],
        "total": len(results),
        "counts": every,
        "overall_health": str(overall_health(every)),
    }


def _sentence(total: int, counts: dict[str, int]) -> str:
    parts = ", ".join(f"{number:,} {state}" for state, number in sorted(counts.items()))
    return f"{total:,} checked: {parts}." if total else "There was nothing to check."


def _result_columns() -> tuple[Column, ...]:
    from tui.cli.shows import latency
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
        Column(title="KIND", key="kind"),
        Column(title="TECHNOLOGY", key="technology"),
        Column(title="HEALTH", key="health_state", state=True),
        Column(title="LATENCY", key="latency_ms", show=latency, right=True),
        Column(title="STAGE", key="stage"),
        Column(title="ERROR", key="error"),
        Column(title="MESSAGE", key="message"),
    )


@health.command("summary", examples=("lampboard health summary --tenant acme -o json",))
@watch_option
@click.pass_obj
def summary(session: Session, *, watch: bool) -> None:
    """Sum a tenant's health up, without a new check."""

    async def work(workspace: Workspace) -> None:
        from tui.cli.watching import shown

        tenant = await session.tenant(workspace)

        async def show() -> None:
            await workspace.tenants.get(tenant)
            found = await workspace.checks.get_health_summary(tenant)
            session.output.record(
                found.to_dict(), table=lambda: summary_text(session, found), name="overall_health"
            )

        every = {*(noun.many for noun in NOUNS.values()), "health", "monitors"}
        concepts = frozenset(every) if watch else frozenset()
        await shown(session, workspace, show, watch=concepts)

    session.run(work)


def summary_text(session: Session, found: HealthSummary) -> str:
    """Return a summary for people."""
    from tui.cli.shows import time
    from tui.cli.table import can_draw, facts, state_text

    plain = not can_draw(session.output.stream)
    pairs = [("overall", state_text(str(found.overall_health), ascii_only=plain))]
    pairs += [(state, f"{number:,}") for state, number in found.counts.items()]
    pairs += [
        ("total", f"{found.total:,}"),
        ("stale", f"{found.stale:,}"),
        ("last check", time(found.checked_at)),
        ("monitor", "at work" if found.monitor.alive else "none is running"),
    ]
    return facts(pairs)


@health.command(
    "board",
    examples=(
        "lampboard health board --tenant acme",
        "lampboard health board --tenant acme --at '2026-03-14 13:52'",
        "lampboard health board failing --tenant acme --at 2h -o csv",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@kind_option
@click.option("--at", metavar="TIME", help="As it was: a moment in UTC, or a span ago (3d, 2h).")
@click.option("--limit", type=WholeRange(1, 10_000), default=500, help="At most (500).")
@click.pass_obj
def board(
    session: Session, *, words: tuple[str, ...], kind: str | None, at: str | None, limit: int
) -> None:
    """Show the lamps worst first, as they are or as they were, with their uptime."""
    from tui.cli import health_board

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await health_board.show(
            session, workspace, tenant, filter_=" ".join(words), kind=kind, at=at, limit=limit
        )

    session.run(work)


@health.command(
    "history",
    examples=(
        "lampboard health history gpt --tenant acme",
        "lampboard health history gpt --tenant acme --hours --since 90d -o csv",
        "lampboard health history --tenant acme --since 2h     every change of state",
    ),
)
@click.argument("thing", required=False, metavar="[ID]")
@kind_option
@click.option("--hours", is_flag=True, help="Rolled up by the hour, for 30 days.")
@click.option("--since", metavar="TIME", help="From a moment in UTC on, or a span ago (3d, 2h).")
@click.option("--limit", type=WholeRange(1, 10_000), default=100, help="At most (100).")
@click.pass_obj
def history(  # noqa: PLR0913 - the command's own options
    session: Session,
    *,
    thing: str | None,
    kind: str | None,
    hours: bool,
    since: str | None,
    limit: int,
) -> None:
    """Show the last checks of one, newest first; without an ID the changes of all."""
    from tui.cli import health_history

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        begin = health_history.begin(workspace, since)
        if thing is None:
            await health_history.changes(session, workspace, tenant, limit, kind, since=begin)
        else:
            found = await health_history.one(workspace, tenant, thing, kind)
            place = (tenant, *found)
            await health_history.of_one(
                session, workspace, place, limit=limit, hours=hours, since=begin
            )

    session.run(work)


@health.command(
    "watch",
    cls=BoardCommand,
    examples=(
        "lampboard health watch --tenant acme",
        "lampboard health watch --tenant acme -o json | jq .name      one object a line",
    ),
)
@click.option("--count", type=WholeRange(1), help="End after so many changes.")
@click.pass_obj
def watch(session: Session, *, count: int | None) -> None:
    """Follow changes of state as they happen, until interrupted."""
    from tui.cli import health_history

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        if not (await workspace.health.monitor_status()).alive:
            narrate("No monitor is running, so nothing will change: `lampboard monitor`.")
        left = count
        async for transition in health_history.follow(workspace, tenant):
            _print_change(session, transition)
            left = None if left is None else left - 1
            if left == 0:
                return

    session.run(work)


def _print_change(session: Session, transition: Transition) -> None:
    from tui.cli.output import as_json

    output = session.output
    if output.format == "json":
        output.stream.write(as_json(transition.to_dict(), output.stream, indent=None) + "\n")
    else:
        output.record(transition.to_dict(), table=lambda: _change_line(transition))
    output.stream.flush()


def _change_line(transition: Transition) -> str:
    from tui.cli.shows import time
    from tui.text import clean

    why = transition.message or transition.error or ""
    line = f"{transition.name}: {transition.from_state} -> {transition.to_state}"
    return f"{time(transition.at)}  {clean(line + ('  ' + why if why else ''))}\n"
