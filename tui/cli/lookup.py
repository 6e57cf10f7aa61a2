"""Finding what a person named: by id or by name, with the nearest names where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.integrations.results import IntegrationDetailResult
    from engine.workspace import Workspace

SHOWN = 3


async def find(workspace: Workspace, tenant: str, given: str) -> IntegrationDetailResult:
    """Return the integration of that id, or of that name (in any case).

    Raises:
        NotFound: There is none; the hint has names that are near.
    """
    facade = workspace.integrations
    try:
        return await facade.get_integration(tenant, given)
    except NotFound:
        named = await _by_name(workspace, tenant, given)
    if named is None:
        raise await _not_found(workspace, tenant, given)
    return await facade.get_integration(tenant, named)


async def _by_name(workspace: Workspace, tenant: str, name: str) -> str | None:
    from engine.filters import Term

    rows, _ = await workspace.integrations.page_integrations(
        tenant, terms=(Term(value=name, field="name"),), limit=1000
    )
    return next((row.id for row in rows if row.name.casefold() == name.casefold()), None)


async def _not_found(workspace: Workspace, tenant: str, given: str) -> NotFound:
    import difflib

    rows, _ = await workspace.integrations.page_integrations(tenant, limit=1000)
    near = difflib.get_close_matches(given, [row.name for row in rows], n=SHOWN)
    hint = f"Did you mean {' or '.join(near)}?" if near else "See `lampboard integrations list`."
    return NotFound(f"There is no integration {given[:80]!r} in tenant {tenant[:80]!r}.", hint=hint)
