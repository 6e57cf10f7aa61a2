"""Reading lists of models, whatever a provider calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrations.providers.base import Reading

if TYPE_CHECKING:
    from collections.abc import Callable


def list_under(key: str, *, empty_is_fine: bool = False) -> Callable[[object], Reading]:
    """Return a reader of `{key: [models]}`.

    Args:
        key: Where the provider puts its list.
        empty_is_fine: Whether a missing list means an empty one (protobuf's JSON leaves out
            what is empty).
    """

    def read(body: object) -> Reading:
        if not isinstance(body, dict):
            return Reading(problem="The answer is not a JSON object.")
        models = body.get(key, [] if empty_is_fine else None)
        if not isinstance(models, list):
            return Reading(problem=f"The answer has no list of models ({key!r} is missing).")
        return Reading(details={"models": len(models)})

    return read


def list_anywhere(body: object) -> Reading:
    """Read `{"data": [...]}` or a bare list, as OpenAI-compatible servers answer."""
    if isinstance(body, list):
        return Reading(details={"models": len(body)})
    return list_under("data")(body)
