"""Finding a silence by its id, or by what its id begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from engine.silences import Silence
    from engine.workspace import Workspace

_LEAST = 4
"""Characters of an id that are enough to mean one."""


async def find_silence(workspace: Workspace, tenant: str, given: str) -> Silence:
    """Return the silence of that id.

    Raises:
        NotFound: There is none.
        InvalidInput: Several begin so.
    """
    try:
        return await workspace.silences.get(tenant, given)
    except NotFound:
        if len(given) < _LEAST:
            raise
        every = await workspace.silences.list_silences(tenant, ended=True)
        near = [one for one in every if one.id.startswith(given)]
        if not near:
            raise
    if len(near) > 1:
        raise InvalidInput("Several silences begin so.", hint="Give more of the id.", field="ID")
    return near[0]
