"""What a silence can be about, found by what one types: a thing, a technology or a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.suggester import Suggester

from engine.errors import InvalidInput, LampboardError, NotFound
from engine.silences.model import KINDS
from tui import text
from tui.lookup import find_any
from tui.nouns import NOUNS
from tui.silences import draft as drafts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.desk import Desk

OFFERED = frozenset({drafts.THING.name, drafts.TECHNOLOGY.name, drafts.TAG.name})
"""Fields that offer what there is."""
_NEAR = 100
"""Things that are looked through for each key that is typed."""


class Offers(Suggester):
    """Offers the first of a field's values that begins with what is typed, as it is called.

    Args:
        desk: The board's own.
        field: One of `OFFERED`.
    """

    def __init__(self, desk: Desk, field: str) -> None:
        super().__init__(use_cache=False)
        self._desk, self._field = desk, field

    async def get_suggestion(self, value: str) -> str | None:
        """Return it; None where nothing begins so, or where it cannot be read now."""
        try:
            found = await self._found(value)
        except LampboardError:
            return None
        # What would not be the same in an input is not offered.
        fitting = (
            one for one in found if one.casefold().startswith(value) and text.clean(one) == one
        )
        return min(fitting, key=lambda one: (one.casefold(), one), default=None)

    async def _found(self, value: str) -> Iterable[str]:
        from engine.filters import Term

        workspace, tenant = await self._desk.workspace(), self._desk.tenant_id
        if self._field == drafts.TAG.name:
            tagged = (Term(value=value, field="tag"),)
            pages = [
                await NOUNS[kind].page(workspace, tenant, terms=tagged, limit=_NEAR)
                for kind in ("source", "connector")
            ]
            return {tag for rows, _ in pages for row in rows for tag in row.tags}
        name = "name" if self._field == drafts.THING.name else "technology"
        terms = (Term(value=value, field=name),)
        lamps = await workspace.health.lamps(tenant, terms=terms, limit=_NEAR)
        return {str(getattr(lamp, name)) for lamp in lamps}


async def find_thing(workspace: Any, tenant: str, typed: str) -> tuple[str, str]:
    """Return kind and id of the thing of this name or id; `source orders` says the kind.

    Raises:
        InvalidInput: Several are called so.
        NotFound: None is.
    """
    try:
        found = await _called(workspace, tenant, typed)
    except NotFound as error:
        meant = error.hint if "mean" in (error.hint or "") else "Take what is offered as you type."
        raise NotFound(error.message, hint=meant, field=drafts.THING.name) from None
    if len(found) > 1:
        kinds = " or ".join(f"{noun.one} {typed}" for noun, _ in found)
        raise InvalidInput(
            "Several things are called so.", hint=f"Say which: {kinds}.", field=drafts.THING.name
        )
    ((noun, thing),) = found
    return noun.one, noun.id_of(thing)


async def _called(workspace: Any, tenant: str, typed: str) -> list[tuple[Any, Any]]:
    first, _, rest = typed.partition(" ")
    try:
        return await find_any(workspace, tenant, typed)
    except NotFound:
        if first.lower() not in KINDS or not rest.strip():
            raise
        return await find_any(workspace, tenant, rest.strip(), first.lower())
