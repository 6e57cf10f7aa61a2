"""One step with one thing: what it came to, and deletion after asking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.cli.confirm import confirm
from tui.cli.session import Session, narrate
from tui.lookup import find
from tui.text import clean

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.nouns import Noun


def step(session: Session, noun: Noun, given: str, verb: str) -> None:
    """Take a step of a thing's life, such as `activate`, and say what it came to."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find(workspace, tenant, given, noun)
        result = await noun.call(workspace, verb, tenant, noun.id_of(found))
        session.output.record(
            result.to_dict(), table=lambda: clean(result.message) + "\n", name=f"{noun.one}_id"
        )

    session.run(work)


def delete(session: Session, noun: Noun, given: str, *, yes: bool, dry_run: bool) -> None:
    """Delete a thing after asking, naming it."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find(workspace, tenant, given, noun)
        what = f"{found.name} ({kind_of(found)}) of {tenant}"
        if dry_run:
            narrate(f"Would delete {what}.")
            return
        confirm(session, f"Delete {what}?", yes=yes)
        result = await noun.call(workspace, "delete", tenant, noun.id_of(found))
        session.output.record(
            result.to_dict(),
            table=lambda: clean(f"{found.name} is deleted.") + "\n",
            name=f"{noun.one}_id",
        )

    session.run(work)


def kind_of(thing: Any) -> str:
    """Return the provider or technology of a thing."""
    return str(getattr(thing, "provider_type", "") or getattr(thing, "technology", ""))
