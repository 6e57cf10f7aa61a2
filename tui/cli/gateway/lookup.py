"""Finding what a person named: a template, or the source or connector that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput, NotFound
from tui.lookup import NEAR, SHOWN, find
from tui.nouns import CONNECTOR, SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.gateway.results import GatewaySummary, TemplateDetail
    from engine.workspace import Workspace
    from tui.nouns import Noun


async def find_template(
    workspace: Workspace, tenant: str, given: str, version: int | None = None
) -> TemplateDetail:
    """Return a version of the template of that id or name, the newest unless told.

    Raises:
        NotFound: There is none; the hint has names that are near.
    """
    try:
        return await workspace.gateway.get_template(tenant, given, version)
    except NotFound as error:
        if error.field == "version":
            raise
        raise await _nobody(workspace, tenant, given) from None


def where_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags that name the source or connector."""
    function = click.option("--connector", metavar="NAME", help="Or of this SQL connector.")(
        function
    )
    return click.option("--source", metavar="NAME", help="Of this data source.")(function)


def require_where(
    ctx: click.Context, source: str | None, connector: str | None
) -> tuple[Noun, str]:
    """Return the kind and the name of the one that was named; raises UsageError."""
    if bool(source) == bool(connector):
        raise click.UsageError("Name the database: give either --source or --connector.", ctx)
    return (SOURCE, str(source)) if source else (CONNECTOR, str(connector))


async def find_thing(
    workspace: Workspace, tenant: str, noun: Noun, given: str
) -> tuple[str, str, str]:
    """Return kind, id and name of a source or connector; raises NotFound."""
    found = await find(workspace, tenant, given, noun)
    return noun.one, noun.id_of(found), found.name


async def find_gateway(workspace: Workspace, tenant: str, noun: Noun, given: str) -> GatewaySummary:
    """Return the gateway of the source or connector of that id or name, also of a deleted one.

    Raises:
        NotFound: It has none.
        InvalidInput: Several are called so, as one that was deleted and another may be.
    """
    every = await workspace.gateway.list_gateways(tenant)
    of_kind = [one for one in every if one.kind == noun.one]
    found = [one for one in of_kind if given in {one.id, one.thing_id}] or [
        one for one in of_kind if one.name.casefold() == given.casefold()
    ]
    if not found:
        raise NotFound(
            f"The {noun.one} {given[:80]!r} has no gateway in tenant {tenant[:80]!r}.",
            hint="`lampboard gateway list` shows those that there are.",
        )
    if len(found) > 1:
        ids = " or ".join(one.thing_id for one in found[:SHOWN])
        raise InvalidInput(
            f"Several {noun.one}s with a gateway are called {given[:80]!r}.",
            hint=f"Give the id of one: {ids}.",
            field=noun.one,
        )
    return found[0]


async def _nobody(workspace: Workspace, tenant: str, given: str) -> NotFound:
    import difflib

    items, _ = await workspace.gateway.page_templates(tenant, limit=NEAR)
    names = [item.name for item in items]
    inside = [name for name in names if given.casefold() in name.casefold()]
    near = inside[:SHOWN] or difflib.get_close_matches(given, names, n=SHOWN)
    hint = (
        f"Did you mean {' or '.join(near)}?" if near else "See `lampboard gateway templates list`."
    )
    return NotFound(f"There is no template {given[:80]!r} in tenant {tenant[:80]!r}.", hint=hint)
