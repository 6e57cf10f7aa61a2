"""The technologies by name: the house's own, and those of other distributions by entry point.

An entry point of the group `lampboard.technologies` names a `Technology`. One that cannot be
loaded, or that takes a name that is taken, is passed over and told by `broken_technologies()`.
"""

from __future__ import annotations

import difflib
import importlib
import re
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
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
    _all()
    return dict(_broken)


_broken: dict[str, str] = {}


@cache
def _all() -> dict[str, Technology]:
    known: dict[str, Technology] = {}
    for family in _FAMILIES:
        module = importlib.import_module(f"engine.probes.{family}")
        known |= {technology.name: technology for technology in module.TECHNOLOGIES}
    for point in entry_points(group=GROUP):
        try:
            found = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code takes nothing down
            _broken[point.name] = f"it cannot be loaded ({type(error).__name__})"
            continue
        if problem := _problem(found, known):
            _broken[point.name] = problem
        else:
            known[found.name] = found
    return known


def _problem(found: object, known: Container[str]) -> str | None:
    """Say why something cannot be taken as a technology of another distribution."""
    if not isinstance(found, Technology):
        return "it is not a Technology"
    if not _NAME.fullmatch(found.name):
        return "its name is not of small letters, digits, - and _"
    if found.name in known:
        return f"the name {found.name} is taken"
    return None if found.type in TYPES else f"{found.type} is no type of source"


@cache
def _schemes() -> dict[str, Technology]:
    schemes: dict[str, Technology] = {}
    for one in _all().values():
        for scheme in one.schemes:
            # The first keeps it: nobody else's distribution takes over our connection strings.
            schemes.setdefault(scheme, one)
    return schemes
