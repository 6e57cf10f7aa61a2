"""Finding the channel or route that a person named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from engine.alerts import Channel, Route
    from engine.workspace import Workspace

_SHOWN = 3


async def find_channel(workspace: Workspace, tenant: str, given: str) -> Channel:
    """Return the channel of that id, or of that name in any case.

    Raises:
        NotFound: There is none; the hint has names that are near.
    """
    found = await workspace.alerts.list_channels(tenant)
    for one in found:
        if given == one.id or given.casefold() == one.name.casefold():
            return one
    import difflib

    near = difflib.get_close_matches(given, [one.name for one in found], n=_SHOWN)
    hint = f"Did you mean {' or '.join(near)}?" if near else "See `lampboard alerts channels list`."
    raise NotFound(f"There is no channel {given[:80]!r} in tenant {tenant[:80]!r}.", hint=hint)


async def find_route(workspace: Workspace, tenant: str, given: str) -> Route:
    """Return the route whose id begins like this; the whole id always does.

    Raises:
        NotFound: There is none.
        InvalidInput: There are several.
    """
    found = [one for one in await workspace.alerts.list_routes(tenant) if one.id.startswith(given)]
    if len(found) > 1:
        raise InvalidInput(
            f"{len(found)} routes begin with {given[:40]!r}.", hint="Give more of the id."
        )
    if not found or not given:
        raise NotFound(
            f"There is no route {given[:80]!r} in tenant {tenant[:80]!r}.",
            hint="See `lampboard alerts routes list`.",
        )
    return found[0]
