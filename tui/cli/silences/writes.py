"""`lampboard silences add|edit|end`: what is kept quiet, when, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from engine.silences.model import CRON, KINDS, ONCE, WEEKLY, SilenceDraft
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import Words
from tui.cli.session import Session, narrate
from tui.silences import draft as drafts

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.silences import Silence
    from engine.workspace import Workspace

_ABOUT = (
    *("--integration", "--source", "--connector", "--kind", "--provider", "--technology"),
    *("--tag", "--everything", "--all-tenants"),
)
_WHEN = ("--for", "--from", "--until", "--weekly", "--at", "--cron", "--timezone")
_PANELS = {"What": _ABOUT, "When": _WHEN}
_TIMES = tuple(flag.removeprefix("--") for flag in _WHEN)


def _flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what a silence can say; nothing of it must be given."""
    options = (
        *(
            click.option(f"--{kind}", metavar="ID", help=f"One {kind}, by its name or id.")
            for kind in KINDS
        ),
        click.option("--kind", type=Words(KINDS), metavar="KIND", help="All of one kind."),
        click.option("--provider", metavar="NAME", help="Integrations of this provider."),
        click.option("--technology", metavar="NAME", help=drafts.TECHNOLOGY.help),
        click.option("--tag", metavar="TAG", help=drafts.TAG.help),
        click.option("--everything", is_flag=True, help="Whatever the tenant has."),
        click.option("--all-tenants", is_flag=True, help="Of all tenants, not of one."),
        click.option("--for", metavar="SPAN", help="How long: 30min, 2h, 1h30m, 2d."),
        click.option("--from", metavar="TIME", help="From when on it can hold (now)."),
        click.option("--until", metavar="TIME", help="Until when: a moment, or the next 18:00."),
        click.option("--weekly", metavar="DAYS", help="Begin on these days: sun, mon-fri, daily."),
        click.option("--at", metavar="HH:MM", help="When it begins on these days (00:00)."),
        click.option("--cron", metavar="LINE", help="Begin when this line of cron says."),
        click.option("--timezone", metavar="NAME", help="Whose clock is meant (UTC)."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command(
    "add",
    cls=BoardCommand,
    panels=_PANELS,
    examples=(
        "lampboard silences add --tenant acme --provider openai --for 2h --reason 'Their outage'",
        "lampboard silences add --tenant acme --source orders --weekly sun --at 02:00 \\",
        "    --for 2h --timezone Europe/Berlin --reason 'Weekly maintenance'",
        "lampboard silences add --tenant acme --tag staging --cron '0 22 * * 1-5' \\",
        "    --for 8h --reason 'Nobody uses it at night'",
    ),
)
@_flags
@click.option("--reason", metavar="TEXT", required=True, help=drafts.REASON.help)
@click.pass_obj
def add(session: Session, /, **told: Any) -> None:
    """Keep alerts of something quiet; incidents open and close as ever."""
    if not any(told[flag.strip("-").replace("-", "_")] for flag in _ABOUT[:-1]):
        raise InvalidInput(
            "What should be kept quiet?",
            hint="Give --integration, --source, --connector, --provider, --tag or --everything.",
        )

    async def work(workspace: Workspace) -> Silence:
        tenant = await session.tenant(workspace)
        about = await _about(workspace, tenant, told, SilenceDraft(tenant_id=tenant))
        said = {"reason": told["reason"], **_times_of(told, None)}
        made = drafts.timed(about, said, workspace.clock.now())
        return await workspace.silences.add(tenant, _ended(made, told, workspace.clock.now()))

    _tell(session, session.run(work))


@click.command(
    "edit",
    cls=BoardCommand,
    panels=_PANELS,
    examples=(
        "lampboard silences edit 5e1f --tenant acme --until 18:00",
        "lampboard silences edit 5e1f --tenant acme --for 3h --reason 'It takes longer'",
    ),
)
@click.argument("silence", metavar="ID")
@_flags
@click.option("--reason", metavar="TEXT", help=drafts.REASON.help)
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@click.pass_obj
def edit(session: Session, /, *, silence: str, expected_version: int | None, **told: Any) -> None:
    """Change a silence: only what is given; an empty text takes a value away."""
    if not any(value is not None and value is not False for value in told.values()):
        raise InvalidInput("There is nothing to change.", hint="Give at least one flag.")

    async def work(workspace: Workspace) -> Silence:
        from tui.cli.silences.lookup import find_silence

        tenant = await session.tenant(workspace)
        found = await find_silence(workspace, tenant, silence)
        about = await _about(workspace, tenant, told, drafts.draft_of(found))
        reason = found.reason if told["reason"] is None else told["reason"]
        said = {**_times_of(told, found), "reason": reason}
        made = drafts.timed(about, said, workspace.clock.now(), kept=found)
        return await workspace.silences.edit(
            tenant,
            found.id,
            _ended(made, told, found.starts_at),
            expected_version=expected_version or found.version,
        )

    _tell(session, session.run(work))


@click.command("end", cls=BoardCommand, examples=("lampboard silences end 5e1f --tenant acme",))
@click.argument("silence", metavar="ID")
@click.pass_obj
def end(session: Session, *, silence: str) -> None:
    """End a silence now, for good: what is open is told from now on."""
    from tui.cli.silences.listing import show_silence
    from tui.cli.silences.lookup import find_silence

    async def work(workspace: Workspace) -> Silence:
        tenant = await session.tenant(workspace)
        found = await find_silence(workspace, tenant, silence)
        return await workspace.silences.end(tenant, found.id)

    found = session.run(work)
    show_silence(session, found)
    narrate("The silence is over.")


async def _about(
    workspace: Workspace, tenant: str, told: dict[str, Any], draft: SilenceDraft
) -> SilenceDraft:
    """Return the draft about what the flags say; what they do not say stays."""
    named = [(kind, told[kind]) for kind in KINDS if told[kind]]
    if len(named) > 1 or (named and told["everything"]):
        raise InvalidInput("One silence is of one thing, or of what has something in common.")
    if told["everything"]:
        draft = replace(draft, kind=None, thing_id=None, tag=None, technology=None)
    for kind, given in named:
        draft = replace(draft, kind=kind, thing_id=await _id_of(workspace, tenant, kind, given))
    if told["kind"]:
        draft = replace(draft, kind=told["kind"], thing_id=None)
    if told["provider"]:
        draft = replace(draft, kind="integration", thing_id=None, technology=told["provider"])
    if told["technology"] is not None:
        draft = replace(draft, technology=told["technology"] or None)
    if told["tag"] is not None:
        draft = replace(draft, tag=told["tag"] or None)
    return replace(draft, tenant_id=None) if told["all_tenants"] else draft


async def _id_of(workspace: Workspace, tenant: str, kind: str, given: str) -> str:
    from tui.lookup import find
    from tui.nouns import NOUNS

    return NOUNS[kind].id_of(await find(workspace, tenant, given, NOUNS[kind]))


def _times_of(told: dict[str, Any], found: Silence | None) -> dict[str, str]:
    """Return the texts of the times: those of the silence, and over them those of the flags."""
    texts = {} if found is None else drafts.texts(found)
    given = {name: told[name] for name in _TIMES if told[name] is not None}
    if told["weekly"] and told["cron"]:
        raise InvalidInput("It begins on days of the week, or by a line of cron.", field="cron")
    schedule = WEEKLY if told["weekly"] else CRON if told["cron"] else texts.get("schedule", ONCE)
    if schedule == ONCE and told["for"] and told["until"]:
        raise InvalidInput("Give how long it holds, or until when.", field="until")
    if schedule != WEEKLY and told["at"]:
        raise InvalidInput("Only what holds weekly begins at a time of the day.", field="at")
    if schedule == ONCE and "for" in given:
        texts["until"] = ""
    return {**texts, **given, "schedule": schedule}


def _ended(draft: SilenceDraft, told: dict[str, Any], begins: datetime) -> SilenceDraft:
    """Return a silence that holds once with the end that `--for` means."""
    if draft.schedule != ONCE or not told["for"]:
        return draft
    from datetime import timedelta

    from tui.silences.typed import span

    return replace(
        draft, ends_at=(draft.starts_at or begins) + timedelta(seconds=span(told["for"]))
    )


def _tell(session: Session, found: Silence) -> None:
    from engine.silences.words import about
    from tui.cli.silences.listing import show_silence

    show_silence(session, found)
    said = about(found, found.thing_name)
    if found.active and found.until is not None:
        narrate(f"Quiet until {found.until:%Y-%m-%d %H:%M}Z: {said}.")
    elif found.active:
        narrate(f"Quiet until somebody ends it: {said}.")
    elif found.next_at is not None:
        narrate(f"Quiet from {found.next_at:%Y-%m-%d %H:%M}Z: {said}.")
