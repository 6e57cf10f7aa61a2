"""What must be trusted in the demo, as it is written down: templates, policies, credentials."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

Values = dict[str, Any]
"""What is given to a template, by its parameters' names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """One registered statement, and what is asked with it.

    Attributes:
        name: What people call it.
        place: The name of the source or connector that it runs on.
        kind: `source` or `connector`.
        sql: Its newest version.
        former: The version before; empty when there is none.
        parameters: Their declarations, one a line; those that the former does not use are last.
        new: How many of them came with the newest version.
        description: What it is for.
        max_rows: Its own cap; None is the gateway's.
        retired: Whether nobody may run it any more.
        per_minute: How often it is run.
        asked: Values that it is usually run with.
        mistaken: Values that its declarations refuse.
        attacks: Values that look like an injection.
    """

    name: str
    place: str
    sql: str
    kind: str = "source"
    former: str = ""
    parameters: tuple[str, ...] = ()
    new: int = 0
    description: str = ""
    max_rows: int | None = None
    retired: bool = False
    per_minute: float = 1.0
    asked: tuple[Values, ...] = ({},)
    mistaken: tuple[Values, ...] = ()
    attacks: tuple[Values, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A policy whose blocks go to the ledger while it is active.

    Attributes:
        id: Its id.
        name: What people call it.
        stops: What it blocks: `rate`, `budget` and `tokens` are calls that a limit of that
            measure blocks, `injection` is a value that the gateway's tripwire stops.
        incident: The incident from which the pattern is known.
        mode: `active`, or another word for one that only watches.
        needed: How many records graduate it.
    """

    id: str
    name: str
    stops: tuple[str, ...]
    incident: str
    mode: str = "active"
    needed: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What people know of an integration's credential: its name, and when it ends."""

    integration: str
    label: str
    days_left: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Trusted:
    """All of it in one tenant."""

    templates: tuple[Template, ...] = ()
    policies: tuple[Policy, ...] = ()
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return what `to_dict` wrote down."""
        return cls(
            templates=tuple(Template(**_tuples(one)) for one in values["templates"]),
            policies=tuple(Policy(**_tuples(one)) for one in values["policies"]),
            notes=tuple(Note(**one) for one in values["notes"]),
        )


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with tuples where JSON has lists."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
