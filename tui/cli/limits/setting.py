"""`lampboard limits set`: limits and warning levels, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tui import amounts
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import dry_run_option
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.limits.results import Preview
    from engine.workspace import Workspace
    from tui.cli.limits.lookup import Subject

WHOSE = ("--provider", "--model", "--agent", "--whole-tenant")
LIMITS = ("--budget", "--tokens", "--rate", "--warn")
FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "budget": ("budget_limit_cents", amounts.cents),
    "tokens": ("token_limit_month", amounts.count),
    "rate": ("rate_limit_rpm", amounts.rate),
    "warn": ("warning_levels", amounts.levels),
}
"""Flag to the limit's name in the engine, and how it is read."""


@click.command(
    "set",
    cls=BoardCommand,
    panels={"Whose": WHOSE, "Limits": LIMITS},
    examples=(
        "lampboard limits set gpt-prod --budget 500 --tokens 20M --rate 60 --tenant acme",
        "lampboard limits set --provider openai --budget 2k --warn 50,80,95 --tenant acme",
        "lampboard limits set --whole-tenant --budget 10,000 --tenant acme --dry-run",
        "lampboard limits set --model gpt-4o --tokens unlimited --tenant acme",
    ),
)
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--provider", metavar="NAME", help="Of all that is used at a provider.")
@click.option("--model", metavar="NAME", help="Of all that a model is used.")
@click.option("--agent", metavar="NAME", help="Of all that an application or agent uses.")
@click.option("--whole-tenant", is_flag=True, help="Of all that the tenant uses.")
@click.option("--budget", metavar="DOLLARS", help="A calendar month (UTC): 500, 500.50, $2k.")
@click.option("--tokens", metavar="N", help="Tokens a calendar month: 300k, 20M, 1.5B.")
@click.option("--rate", metavar="N", help="Requests a minute: 60.")
@click.option("--warn", metavar="LEVELS", help="Per cent at which to warn: 50,80,95; or default.")
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@dry_run_option
@click.pass_context
def command(
    ctx: click.Context, /, *, dry_run: bool, expected_version: int | None, **told: Any
) -> None:
    """Set limits of an integration (NAME), or of what is named instead; say what they mean.

    Only what is given changes. `unlimited` takes a limit away.
    """
    session: Session = ctx.obj
    scope, given = _whose(ctx, told)
    limits = _limits(ctx, told)

    async def work(workspace: Workspace) -> None:
        from tui.cli.limits.lookup import subject_of

        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await subject_of(workspace, tenant, scope, given or tenant)
        meant = await workspace.limits.preview(tenant, found.scope, found.subject, **limits)
        if not dry_run:
            await workspace.limits.set_limits(
                tenant, found.scope, found.subject, expected_version=expected_version, **limits
            )
        Told(tenant=tenant, found=found, meant=meant, dry_run=dry_run).tell(session)

    session.run(work)


def _whose(ctx: click.Context, told: dict[str, Any]) -> tuple[str, str]:
    """Return the scope and what of it was named; exactly one may be."""
    said = {
        scope: told[flag]
        for scope, flag in (
            ("integration", "name"),
            ("provider", "provider"),
            ("model", "model"),
            ("agent", "agent"),
            ("tenant", "whole_tenant"),
        )
        if told[flag]
    }
    if len(said) != 1:
        choices = "NAME, --provider, --model, --agent or --whole-tenant"
        problem = "Say whose limits to set" if not said else "Only one can be set at a time"
        raise click.UsageError(f"{problem}: give {choices}.", ctx)
    ((scope, given),) = said.items()
    return scope, "" if given is True else str(given)


def _limits(ctx: click.Context, told: dict[str, Any]) -> dict[str, Any]:
    """Return the limits that were given, by their names in the engine."""
    found = {
        name: read(told[flag]) for flag, (name, read) in FIELDS.items() if told[flag] is not None
    }
    if not found:
        raise click.UsageError(f"There is nothing to set: give {_either(LIMITS)}.", ctx)
    return found


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What was set, or would be, and what it means."""

    tenant: str
    found: Subject
    meant: Sequence[Preview]
    dry_run: bool

    def tell(self, session: Session) -> None:
        """Print it: sentences for people, a record for programs."""
        session.output.record(self.to_dict(), table=self.text)
        narrate(self.summary())
        unknown = self.meant and all(one.gauge.used is None for one in self.meant)
        if unknown and self.found.scope in {"provider", "model", "agent"}:
            # Only these are taken as they are given; what else is limited was found by its name.
            narrate(f"No usage of {self.found.name} was recorded yet; is the name spelt right?")

    def summary(self) -> str:
        """Return in a sentence what happened."""
        who = f"{self.found.scope} {self.found.name}"
        if self.dry_run:
            return f"Nothing was changed: this is what it would mean for {who}."
        return f"The limits of {who} are set."

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        from tui.gauges import exported

        return {
            "tenant_id": self.tenant,
            "scope": self.found.scope,
            "subject": self.found.subject,
            "name": self.found.name,
            "dry_run": self.dry_run,
            "gauges": [exported(one.gauge) | {"sentence": one.sentence} for one in self.meant],
        }

    def text(self) -> str:
        """Return a line for each measure: its limit, and what it means."""
        from tui.cli.table import facts
        from tui.gauges import limit_words

        lines = []
        for one in self.meant:
            limit = limit_words(one.gauge.measure, one.gauge.limit)
            meaning = "" if not one.gauge.limit else f"  {one.sentence}"
            lines.append((one.gauge.measure, limit + meaning))
        levels = self.meant[0].gauge.levels if self.meant else ()
        warn = ", ".join(f"{level:g}%" for level in levels)
        return facts([*lines, ("warns at", warn or "no level")])
