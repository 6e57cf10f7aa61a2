"""`lampboard sources tag|untag|grant|revoke`: tags and roles, a word at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate
from tui.lookup import find
from tui.nouns import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.workspace import Workspace


def _change(session: Session, source: str, verb: str, words: tuple[str, ...]) -> None:
    """Give each word to the facade's `verb`, and print the source as it is then."""
    from tui.cli.inventory.facts import show_facts
    from tui.cli.sources.shows import DETAIL

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find(workspace, tenant, source, SOURCE)
        for word in words:
            found = await getattr(workspace.sources, verb)(tenant, found.source_id, word)
        show_facts(session, found, DETAIL)

    session.run(work)


def _set_roles(
    session: Session, source: str, after: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> None:
    """Change all roles at once: after the first, oneself might not see the source any more."""
    from tui.cli.inventory.facts import show_facts
    from tui.cli.sources.shows import DETAIL

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find(workspace, tenant, source, SOURCE)
        changed = await workspace.sources.update_source(
            tenant,
            found.source_id,
            expected_version=found.version,
            access_roles=after(tuple(found.access_roles)),
        )
        show_facts(session, changed, DETAIL)

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard sources tag orders pii eu --tenant acme",))
@click.argument("source", metavar="ID")
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@click.pass_obj
def tag(session: Session, *, source: str, tags: tuple[str, ...]) -> None:
    """Put tags on one; a tag that is there stays once."""
    _change(session, source, "add_tag", tags)


@click.command(cls=BoardCommand, examples=("lampboard sources untag orders eu --tenant acme",))
@click.argument("source", metavar="ID")
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@click.pass_obj
def untag(session: Session, *, source: str, tags: tuple[str, ...]) -> None:
    """Take tags off one."""
    _change(session, source, "remove_tag", tags)


@click.command(cls=BoardCommand, examples=("lampboard sources grant orders dba --tenant acme",))
@click.argument("source", metavar="ID")
@click.argument("roles", metavar="ROLE...", nargs=-1, required=True)
@click.pass_obj
def grant(session: Session, *, source: str, roles: tuple[str, ...]) -> None:
    """Let roles see one. With any role, it is hidden from everybody without one of them.

    Your own roles are the setting `roles`; see `lampboard doctor`.
    """
    _set_roles(session, source, lambda had: (*had, *(one for one in roles if one not in had)))
    mine = session.settings.roles
    if not set(roles) & set(mine):
        narrate(f"You have none of these roles ({', '.join(mine) or 'no role at all'}).")


@click.command(cls=BoardCommand, examples=("lampboard sources revoke orders dba --tenant acme",))
@click.argument("source", metavar="ID")
@click.argument("roles", metavar="ROLE...", nargs=-1, required=True)
@click.pass_obj
def revoke(session: Session, *, source: str, roles: tuple[str, ...]) -> None:
    """Take the access of roles away. Without any role left, it is open to all."""
    _set_roles(session, source, lambda had: tuple(one for one in had if one not in roles))
