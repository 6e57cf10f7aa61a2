"""A pasted connection string as the texts of a form's fields: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.probes.connection_string import parse_connection_string
from engine.probes.registry import get_technology, technology_of_scheme
from engine.sources.apart import take_apart
from engine.sources.model import DataSourceType
from tui.inventory import reach
from tui.sources.draft import CONNECTION, STRING, TECHNOLOGY, TYPE, Kind, own_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

_WEB = frozenset({"http", "https"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Pasted:
    """What a connection string says: texts by field, and options that no field asks for."""

    kind: Kind
    values: Mapping[str, str] = field(repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)


def fields_of(typed: str, kind: Kind) -> Pasted:
    """Return the fields that a connection string fills in; its scheme tells the technology.

    Raises:
        InvalidInput: It is no connection string, only half of one, or of nothing that is known.
    """
    technology, config = take_apart(typed, _meant(typed, kind.technology))
    known = get_technology(technology or "")
    # A custom source, and one that speaks what no type of source does, stays what it is.
    stays = kind.type == DataSourceType.CUSTOM or known.type not in set(DataSourceType)
    whole = set(config) == {STRING}
    after = Kind(type=kind.type if stays else known.type, technology=known.name, string=whole)
    said = {name: reach.as_text(value) for name, value in reach.flat(config).items()}
    asked = {spec.name for spec in own_fields(after)}
    told = {TYPE: after.type, TECHNOLOGY: after.technology, CONNECTION: ""}
    return Pasted(
        kind=after,
        values=told | {name: value for name, value in said.items() if name in asked},
        extra={name: value for name, value in said.items() if name not in asked},
    )


def _meant(typed: str, chosen: str) -> str:
    """Return the technology of a string: the chosen one where its scheme may be meant so."""
    scheme = parse_connection_string(typed).scheme
    if chosen and scheme in {*get_technology(chosen).schemes, *_WEB}:
        return chosen
    told = technology_of_scheme(scheme)
    if told is None:
        raise InvalidInput(
            "Nothing that is known here is reached by such a connection string.",
            hint="Choose the technology and fill in its fields.",
            field=STRING,
        )
    return told.name


def words(pasted: Pasted) -> str:
    """Return what is said once a string was taken apart; never a value of it."""
    said = f"Taken apart for {get_technology(pasted.kind.technology).title}."
    if not pasted.extra:
        return said
    names = ", ".join(name for name in pasted.extra if name.isprintable())
    return f"{said} Options that no field asks for are kept: {names[:80]}."
