"""`lampboard demo`: the whole product without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand
from tui.cli.numbers import NumberRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_S = 86_400.0


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard demo",
        "lampboard demo --headless --seconds 20 -o json",
    ),
)
@click.option("--headless", is_flag=True, help="Without a dashboard; print what was found.")
@click.option(
    "--seconds",
    metavar="N",
    type=NumberRange(0, LONGEST_S),
    default=20.0,
    help="How long a headless run goes on (20).",
)
@click.pass_context
def demo(ctx: click.Context, *, headless: bool, seconds: float) -> None:
    """See it all: three tenants with sources, connectors and integrations, really checked.

    Everything is made for this run and gone after it: database, files, keys, simulated servers.
    """
    session: Session = ctx.obj
    if not headless:
        session.require_terminal()
    narrate("Starting the simulated servers.")
    from engine.demo import DemoWorld
    from tui import swift
    from tui.cli.stopping import leaving_in_order

    with leaving_in_order(), DemoWorld(session.settings, nice=not headless) as world:
        swift.settle()
        if not headless:
            ctx.exit(session.open_dashboard(world.settings))
        narrate(f"Checking them for {seconds:g} s.")
        found = world.headless(seconds)
    session.output.record(found, table=lambda: _text(session, found))


def _text(session: Session, found: Mapping[str, Any]) -> str:
    from tui.cli.table import can_draw, facts, state_text

    plain = not can_draw(session.output.stream)
    summary = found["summary"]
    pairs = [("overall", state_text(str(summary["overall_health"]), ascii_only=plain))]
    pairs += [(state, f"{count:,}") for state, count in summary["counts"].items()]
    pairs += [(f"{kind}s", f"{sum(counts.values()):,}") for kind, counts in found["kinds"].items()]
    pairs += [("checks", f"{found['checks']:,}")]
    pairs += [
        (tenant["id"], state_text(str(tenant["overall_health"]), ascii_only=plain))
        for tenant in found["tenants"]
    ]
    pairs += [(f"{name}, month", _usage(used)) for name, used in found["usage"].items()]
    pairs += _trusted(found)
    return facts(pairs)


def _trusted(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what templates, ledgers and credentials came to."""
    from tui.text import plural

    asked, ledgers, secrets = found["gateway"], found["prevention"], found["credentials"]
    runs = [plural(asked["runs"], "run"), plural(asked["rows"], "row")]
    runs += [f"{count:,} {outcome}" for outcome, count in asked["outcomes"].items()]
    records = [plural(ledgers["records"], "record"), f"{ledgers['verified']:,} verified"]
    states = [f"{count:,} {state}" for state, count in secrets["counts"].items()]
    return [
        ("templates", f"{asked['templates']:,}; {', '.join(runs)}"),
        ("prevention", f"{', '.join(records)}; {plural(ledgers['faults'], 'fault')}"),
        ("credentials", ", ".join(states)),
    ]


def _usage(used: Mapping[str, Any]) -> str:
    """Return what a tenant used this month, and how its gauges stand."""
    from tui.text import plural, short, short_cost

    told = [
        plural(used["calls"], "call"),
        f"{short(used['tokens_in'] + used['tokens_out'])} tokens",
        short_cost(used["cost_nanos"]),
    ]
    if used["unpriced"]:
        told.append(f"+ {used['unpriced']:,} unpriced")
    gauges = [f"{used['gauges'].get(state, 0)} {state}" for state in ("over", "warned", "ok")]
    return f"{', '.join(told)}; gauges: {', '.join(gauges)}"
