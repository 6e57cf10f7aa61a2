"""The technologies by name: the house's own, and those of other distributions by entry point.

An entry point of the group `lampboard.technologies` names a `Technology`. One that cannot be
loaded, or that takes a name that is taken, is passed over and told by `broken_technologies()`.
"""

from __future__ import annotations

import difflib
import importlib
import re
from functools import cache
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.plugins import Brought, UnfitPluginError, brought
from engine.probes.technology import TYPES, Technology

if TYPE_CHECKING:
    from collections.abc import Container

GROUP = "lampboard.technologies"
# Each family declares its technologies in its package, light enough for a form to import.
_FAMILIES = ("databases", "documents", "files", "vectors", "apis", "streams", "services")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def get_technology(name: str) -> Technology:
    """Return the technology of that name.

    Raises:
        InvalidInput: There is none; a close one is suggested.
    """
    known = _all()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(known)}."
    raise InvalidInput("There is no technology of that name.", hint=hint, field="technology")


def technologies(type: str | None = None) -> tuple[Technology, ...]:  # noqa: A002 - the field's word
    """Return all technologies, or those of one type of source, in the order of a form."""
    return tuple(one for one in _all().values() if type in {None, one.type})


def technology_of_scheme(scheme: str) -> Technology | None:
    """Return the technology that a connection string's scheme means, `+driver` left out."""
    word = scheme.lower()
    base = word.partition("+")[0]
    return _schemes().get(word) or _schemes().get(base)


def broken_technologies() -> dict[str, str]:
    """Return the entry points that could not be used, each with its reason."""
    return dict(_brought().broken)


@cache
def _built_in() -> dict[str, Technology]:
    known: dict[str, Technology] = {}
    for family in _FAMILIES:
        module = importlib.import_module(f"engine.probes.{family}")
        known |= {technology.name: technology for technology in module.TECHNOLOGIES}
    return known


@cache
def _all() -> dict[str, Technology]:
    return _built_in() | {one.name: one for one in _brought().found.values()}


@cache
def _brought() -> Brought[Technology]:
    taken = set(_built_in())

    def take(_name: str, loaded: object) -> Technology:
        found = _judged(loaded, taken)
        taken.add(found.name)
        return found

    return brought(GROUP, take)


def _judged(found: object, taken: Container[str]) -> Technology:
    if not isinstance(found, Technology):
        raise UnfitPluginError("it is not a Technology")
    if not _NAME.fullmatch(found.name):
        raise UnfitPluginError("its name is not of small letters, digits, - and _")
    if found.name in taken:
        raise UnfitPluginError(f"the name {found.name} is taken")
    if found.type not in TYPES:
        raise UnfitPluginError(f"{found.type} is no type of source")
    return found


@cache
def _schemes() -> dict[str, Technology]:
    schemes: dict[str, Technology] = {}
    for one in _all().values():
        for scheme in one.schemes:
            # The first keeps it: nobody else's distribution takes over our connection strings.
            schemes.setdefault(scheme, one)
    return schemes
