"""What other distributions bring by entry point: loaded once, judged, and never the end of a run.

Entry points are read only when a name is asked for that is not built in, or when all are listed:
reading them costs more than the rest of a start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class UnfitPluginError(ValueError):
    """What an entry point names cannot be used; the message says why, as half a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought(Generic[T]):
    """What was brought by entry point's name, and why others were passed over."""

    found: dict[str, T] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def brought(group: str, take: Callable[[str, object], T]) -> Brought[T]:
    """Load every entry point of a group.

    Args:
        group: Its name.
        take: Gets an entry point's name and what it loaded; returns what is kept, or raises
            UnfitPluginError.
    """
    from importlib import metadata

    result: Brought[T] = Brought()
    for entry in metadata.entry_points(group=group):
        try:
            result.found[entry.name] = take(entry.name, entry.load())
        except UnfitPluginError as error:
            result.broken[entry.name] = str(error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code takes nothing down
            result.broken[entry.name] = f"it cannot be loaded ({type(error).__name__})"
    return result


def made(loaded: object, kind: type[T]) -> T:
    """Return an object of a kind, or what a function without parameters makes of it.

    Raises:
        UnfitPluginError: It is neither; the reason names what was wanted, or what the function
            raised.
    """
    if isinstance(loaded, kind):
        return loaded
    if not callable(loaded):
        raise UnfitPluginError(f"it is not a {kind.__name__}, nor a function that returns one")
    try:
        result = loaded()
    except Exception as error:
        raise UnfitPluginError(f"{type(error).__name__}: {error}") from error
    if not isinstance(result, kind):
        raise UnfitPluginError(f"it is not a {kind.__name__}, nor a function that returns one")
    return result
