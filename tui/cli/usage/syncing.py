"""`lampboard usage sync`: what the providers themselves have counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.secret import CREDENTIAL_NAMES, credential_options, take
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.usage.sync.results import FeedResult, SyncResult
    from engine.usage.sync.settings import FeedSettings
    from engine.workspace import Workspace
    from tui.cli.table import Column

_SETTINGS = ("--every", "--since", "--only", "--base-url")
_SECRET = "admin key"  # noqa: S105 - what it is called


@click.command(
    "sync",
    cls=BoardCommand,
    panels={"Setting up": ("--set-up", *CREDENTIAL_NAMES, *_SETTINGS, "--remove")},
    examples=(
        "lampboard usage sync gpt-prod --set-up --credential-prompt --tenant acme",
        "lampboard usage sync gpt-prod --set-up --only project_ids=proj_abc --every 900",
        "lampboard usage sync --tenant acme",
        "lampboard usage sync --list --tenant acme -o json",
    ),
)
@click.argument("names", nargs=-1, metavar="[INTEGRATION]...")
@click.option("--list", "listed", is_flag=True, help="Show what is read, how far, and its errors.")
@click.option("--set-up", "set_up", is_flag=True, help="Make or change how one is read.")
@credential_options
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=WholeRange(min=0),
    help="How often the monitor reads it (3600); 0 for only when asked.",
)
@click.option("--since", metavar="DATE", help="The first day; else that of the month before.")
@click.option(
    "--only",
    metavar="NAME=ID",
    multiple=True,
    help="A part of the organization: project_ids, api_key_ids, workspace_ids.",
)
@click.option("--base-url", metavar="URL", help="Where it is asked, if not at the provider's own.")
@click.option("--remove", is_flag=True, help="Stop reading it, and forget its admin key.")
@click.pass_context
def command(ctx: click.Context, /, *, names: tuple[str, ...], listed: bool, **told: Any) -> None:
    """Read what OpenAI or Anthropic have counted for an integration: days, models, costs.

    It takes an admin key of the organization, which is kept encrypted and used for nothing else.
    Reading is incremental; the monitor does it on a schedule. Run without a name, it reads all.
    """
    session: Session = ctx.obj
    set_up, remove = told.pop("set_up"), told.pop("remove")
    if sum((listed, set_up, remove)) > 1:
        raise InvalidInput("Only one of --list, --set-up and --remove can be done at a time.")
    given = take(session, told, label=_SECRET)
    if not set_up and (given.given or any(told.values()) or told["every_s"] == 0):
        raise InvalidInput("What a feed is like is said with --set-up.", hint="Add --set-up.")
    if listed:
        _list(session)
    elif set_up:
        _set_up(session, _one(names), told, reference=given.reference, secret=given.secret)
    elif remove:
        _remove(session, _one(names))
    else:
        ctx.exit(_sync(session, names))


def _one(names: tuple[str, ...]) -> str:
    if len(names) != 1:
        raise InvalidInput("Name one integration.", field="integration")
    return names[0]


def _list(session: Session) -> None:
    async def work(workspace: Workspace) -> tuple[FeedResult, ...]:
        return await workspace.feeds.list_all(await session.tenant(workspace))

    found = session.run(work)
    session.output.listing([found], len(found), _feed_columns(), name="integration")
    if not found:
        narrate("Nothing is read yet: `lampboard usage sync NAME --set-up --credential-prompt`.")


def _set_up(
    session: Session,
    name: str,
    told: dict[str, Any],
    *,
    reference: str | None,
    secret: str | None,
) -> None:
    async def work(workspace: Workspace) -> FeedResult:
        tenant = await session.tenant(workspace)
        settings = _settings(told, await _before(workspace, tenant, name))
        return await workspace.feeds.set_up(
            tenant, name, settings, credential_ref=reference, secret=secret
        )

    done = session.run(work)
    session.output.listing([[done]], 1, _feed_columns(), name="integration")
    when = f"every {done.every_s:,} s by the monitor" if done.every_s else "when you ask"
    narrate(f"It is read {when}; now: `lampboard usage sync {done.integration}`.")


async def _before(workspace: Workspace, tenant: str, name: str) -> FeedResult | None:
    found = await workspace.feeds.list_all(tenant)
    return next(
        (
            one
            for one in found
            if name == one.integration_id or name.casefold() == one.integration.casefold()
        ),
        None,
    )


def _settings(told: dict[str, Any], before: FeedResult | None) -> FeedSettings:
    """Return what was told; what was not stays as it is."""
    from engine.usage.sync.settings import FeedSettings

    kept = FeedSettings()
    if before is not None:
        kept = FeedSettings(
            every_s=before.every_s, since=before.since, base_url=before.base_url, only=before.only
        )
    return FeedSettings(
        every_s=kept.every_s if told["every_s"] is None else told["every_s"],
        since=_date(told["since"]) if told["since"] else kept.since,
        base_url=kept.base_url if told["base_url"] is None else told["base_url"],
        only=_only(told["only"]) or kept.only,
    )


def _date(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{text[:40]!r} is no date.", hint="Write it as 2026-01-31.", field="since"
        ) from None


def _only(told: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in told:
        name, equals, values = pair.partition("=")
        if not equals or not values:
            raise InvalidInput(
                f"{pair[:60]!r} names nothing to keep to.",
                hint="Write it as --only project_ids=proj_abc,proj_def.",
                field="only",
            )
        found[name] = (*found.get(name, ()), *values.split(","))
    return found


def _remove(session: Session, name: str) -> None:
    async def work(workspace: Workspace) -> FeedResult:
        return await workspace.feeds.remove(await session.tenant(workspace), name)

    done = session.run(work)
    session.output.listing([[done]], 1, _feed_columns(), name="integration")
    narrate(f"{done.integration} is not read any more; what was read stays.")


def _sync(session: Session, names: tuple[str, ...]) -> int:
    async def work(workspace: Workspace) -> list[SyncResult]:
        tenant = await session.tenant(workspace)
        if not names:
            return list(await workspace.feeds.sync_all(tenant))
        return [await workspace.feeds.sync(tenant, name) for name in names]

    found = session.run(work)
    session.output.listing([found], len(found), _result_columns(), name="integration")
    for one in found:
        if one.error:
            narrate(f"{one.integration}: {one.error} {one.hint}".rstrip())
    if not found:
        narrate("Nothing is read yet: `lampboard usage sync NAME --set-up --credential-prompt`.")
    return 1 if any(one.error for one in found) else 0


def _feed_columns() -> tuple[Column, ...]:
    from tui.cli.shows import time
    from tui.cli.table import Column

    return (
        Column(title="INTEGRATION", key="integration"),
        Column(title="ORIGIN", key="origin"),
        Column(title="STATE", key="state"),
        Column(title="FINAL THROUGH", key="through"),
        Column(title="READ", key="read_at", show=time),
        Column(title="DUE", key="due_at", show=time),
        Column(title="ERROR", key="error"),
    )


def _result_columns() -> tuple[Column, ...]:
    from tui.cli.shows import count
    from tui.cli.table import Column

    return (
        Column(title="INTEGRATION", key="integration"),
        Column(title="DAYS", key="days", show=count, right=True),
        Column(title="NEW", key="new", show=count, right=True),
        Column(title="REFUSED", key="refused", show=count, right=True),
        Column(title="UNPRICED", key="unpriced", show=count, right=True),
        Column(title="ERROR", key="error"),
    )
