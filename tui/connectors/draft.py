"""Between a connector and the texts of its form, both ways: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.connectors.fields import (
    BEHAVIOUR,
    DESCRIPTION,
    NAME,
    OWN,
    OWNER,
    TAGS,
    own_specs,
)
from engine.connectors.inputs import technologies_of
from engine.connectors.loading import connector_types
from engine.fields import INTERVAL, FieldSpec
from engine.probes.registry import get_technology, technologies
from tui.inventory import labels, reach
from tui.inventory.draft import number, whole
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from engine.connectors.results import ConnectorInfo

TYPE, TECHNOLOGY, STRING = "connector_type", "technology", "connection_string"
_LIMITS = tuple(spec.name for spec in (*BEHAVIOUR, *(one for own in OWN.values() for one in own)))
_KEPT = frozenset({"pool_size", "pool_timeout", "max_retries"})
"""Fields of a place that are not asked for, and hold for whatever it is."""
_PARTS = frozenset({"host", "port", "database", "username", "password"})

_FIXED = "The type of a connector stays: its history would lie. c clones it as another."

WHOLE = FieldSpec(
    name=STRING,
    label="Connection string",
    kind="secret",
    maximum=8192,
    help="Kept in one piece, stored encrypted; or env://NAME for a variable.",
)
"""The string of a connector that was registered by it, for technologies that ask for parts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a form's fields depend on: type, technology, whether one string says it all."""

    type: str
    technology: str
    string: bool = False


def technology_in(connector_type: str, wished: str) -> str:
    """Return the technology that is wished for where the type has it, else the type's first."""
    names = [one.name for one in technologies_of(connector_type)]
    return wished if wished in names else next(iter(names), "")


def sections(kind: Kind, *, fixed: bool = False) -> tuple[Section, ...]:
    """Return the form's sections; all but the first and the last depend on the kind.

    Args:
        kind: What the fields depend on.
        fixed: Whether the type is what it is: that of a stored connector never changes.

    Raises:
        InvalidInput: There is no such technology (any more).
    """
    connector_type = FieldSpec(
        name=TYPE,
        label="Type",
        kind="choice",
        required=True,
        choices=(kind.type,) if fixed else connector_types(),
        help=_FIXED if fixed else "How it reaches out; left and right change it, enter lists all.",
    )
    return (
        Section(title="", fields=(NAME, connector_type)),
        Section(title="", fields=(_technology_field(kind),)),
        _reached(kind),
        Section(title="How it behaves", fields=(*own_specs(kind.type), *BEHAVIOUR)),
        Section(title="About it", fields=(DESCRIPTION, TAGS, OWNER, INTERVAL)),
    )


def _technology_field(kind: Kind) -> FieldSpec:
    names = tuple(one.name for one in technologies_of(kind.type))
    return FieldSpec(
        name=TECHNOLOGY,
        label="Technology",
        kind="choice",
        choices=names if kind.technology in names else (kind.technology, *names),
        help="What speaks there; the fields below are its own.",
    )


def _reached(kind: Kind) -> Section:
    found = get_technology(kind.technology)
    if not found.missing():
        return Section(title=found.title, fields=reach_specs(kind))
    install = found.how_to_install() or f"needs {', '.join(found.missing())}"
    return Section(
        title=found.title, fields=reach_specs(kind), note=f"driver missing: {install}", warn=True
    )


def reach_specs(kind: Kind) -> tuple[FieldSpec, ...]:
    """Return the fields that say where it leads and how to get in."""
    found = get_technology(kind.technology)
    every = (*found.fields, *found.options)
    if not kind.string or any(spec.name == STRING for spec in every):
        return every
    return (WHOLE, *(spec for spec in every if spec.name not in _PARTS))


def config_specs(kind: Kind) -> tuple[FieldSpec, ...]:
    """Return all fields that are kept in the config."""
    return (*reach_specs(kind), *own_specs(kind.type), *BEHAVIOUR)


def titles() -> dict[str, str]:
    """Return the words for technologies; a type is its own word."""
    return {one.name: one.title for one in technologies()}


# From a connector to texts


def kind_of(detail: ConnectorInfo) -> Kind:
    """Return what a stored connector's form depends on."""
    string = bool(detail.config.get(STRING))
    return Kind(type=detail.connector_type, technology=detail.technology, string=string)


def texts(detail: ConnectorInfo) -> dict[str, str]:
    """Return a connector as the texts of a form; never its secrets."""
    return {
        NAME.name: detail.name,
        TYPE: detail.connector_type,
        TECHNOLOGY: detail.technology,
        **reach.texts(detail.config, config_specs(kind_of(detail))),
        DESCRIPTION.name: detail.description or "",
        TAGS.name: ", ".join(detail.tags),
        OWNER.name: detail.owner_id or "",
        INTERVAL.name: number(detail.interval_s),
    }


def stored(detail: ConnectorInfo) -> frozenset[str]:
    """Return the names of the secrets that are stored with a connector."""
    return reach.stored(detail.config, config_specs(kind_of(detail)))


# From texts to the facade's arguments


def config(
    kind: Kind,
    values: Mapping[str, str],
    *,
    kept: Collection[str] = (),
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the whole config that a form says; what the technology does not ask for goes.

    Args:
        kind: What the form's fields depend on.
        values: The form's texts.
        kept: Secrets that are stored; an empty input of one leaves it as it is.
        before: What is stored with the same technology, so that what no form asks for stays.
    """
    specs = config_specs(kind)
    limits = {spec.name: values.get(spec.name) or None for spec in specs if spec.name in _LIMITS}
    reached = [spec for spec in specs if spec.name not in _LIMITS]
    held = {name: value for name, value in (before or {}).items() if name not in _LIMITS}
    said = reach.config(reached, values, kept=kept, before=held)
    gone = dict.fromkeys(reach.PLAIN - _KEPT - said.keys()) if before is None else {}
    return gone | said | limits


def common(values: Mapping[str, str]) -> dict[str, object]:
    """Return the fields that every connector has, but for its name."""
    return {
        DESCRIPTION.name: values.get(DESCRIPTION.name) or None,
        TAGS.name: labels.words(values.get(TAGS.name, "")),
        OWNER.name: values.get(OWNER.name) or None,
        INTERVAL.name: whole(values.get(INTERVAL.name)),
    }


def changes(values: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, object]:
    """Return the arguments of `update_connector` but for its config: only what differs."""
    every = common(values) | {NAME.name: values[NAME.name]}
    return {name: every[name] for name in changed if name in every}


def reaches(kind: Kind, changed: Mapping[str, str]) -> bool:
    """Tell whether a change is one of the config, which travels as a whole."""
    asked = {spec.name for spec in config_specs(kind)} | {TECHNOLOGY}
    return bool(asked & set(changed))
