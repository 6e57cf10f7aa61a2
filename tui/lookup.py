"""Finding what a person named: by id or by name, with the nearest names where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from engine.errors import NotFound
from tui.nouns import INTEGRATION, NOUNS

if TYPE_CHECKING:
    from engine.integrations.results import IntegrationDetailResult
    from engine.workspace import Workspace
    from tui.nouns import Noun

SHOWN = 3
# A name may be part of many others; so many are looked through for the very one.
NEAR = 1000


async def find_integration(
    workspace: Workspace, tenant: str, given: str
) -> IntegrationDetailResult:
    """Return the integration of that id, or of that name; see `find`."""
    return cast("IntegrationDetailResult", await find(workspace, tenant, given, INTEGRATION))


async def find(workspace: Workspace, tenant: str, given: str, noun: Noun) -> Any:
    """Return the thing of that id, or of that name (in any case), read whole.

    Raises:
        NotFound: There is none; the hint has names that are near.
    """
    try:
        return await noun.call(workspace, "get", tenant, given)
    except NotFound:
        named = await _by_name(workspace, tenant, given, noun)
    if named is None:
        raise await _not_found(workspace, tenant, given, noun)
    return await noun.call(workspace, "get", tenant, named)


async def find_any(
    workspace: Workspace, tenant: str, given: str, kind: str | None = None
) -> list[tuple[Noun, Any]]:
    """Return what is of that id or name, of every kind or of one; names repeat between kinds.

    Raises:
        NotFound: There is none of any kind.
    """
    found: list[tuple[Noun, Any]] = []
    missing: NotFound | None = None
    for noun in NOUNS.values() if kind is None else (NOUNS[kind],):
        try:
            found.append((noun, await find(workspace, tenant, given, noun)))
        except NotFound as error:
            missing = error if missing is None or "mean" in (error.hint or "") else missing
    if not found and missing is not None:
        raise NotFound(
            f"Nothing is called {given[:80]!r} in tenant {tenant[:80]!r}.", hint=missing.hint
        )
    return found


async def _by_name(workspace: Workspace, tenant: str, name: str, noun: Noun) -> str | None:
    from engine.filters import Term

    terms = (Term(value=name, field="name"),)
    rows, _ = await noun.page(workspace, tenant, terms=terms, limit=NEAR)
    return next((row.id for row in rows if row.name.casefold() == name.casefold()), None)


async def _not_found(workspace: Workspace, tenant: str, given: str, noun: Noun) -> NotFound:
    import difflib

    rows, _ = await noun.page(workspace, tenant, limit=NEAR)
    near = difflib.get_close_matches(given, [row.name for row in rows], n=SHOWN)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"See `lampboard {noun.many} list`."
    return NotFound(f"There is no {noun.one} {given[:80]!r} in tenant {tenant[:80]!r}.", hint=hint)
