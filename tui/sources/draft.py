"""Between a source and the texts of its form, both ways: pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from engine.fields import INTERVAL, FieldSpec
from engine.probes.registry import get_technology, technologies
from engine.sources.config import DataSourceConfig
from engine.sources.fields import DESCRIPTION, NAME, OWNER, ROLES, TAGS
from engine.sources.model import DataSourceType
from tui.inventory import labels
from tui.inventory.draft import number, whole
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.probes.technology import Technology
    from engine.sources.model import CustomerDataSource

TYPE, TECHNOLOGY, CONNECTION = "source_type", "technology", "paste"
STRING = "connection_string"
MASK = "***"
CONFIG = tuple(spec.name for spec in fields(DataSourceConfig) if spec.name != "options")
KEPT = frozenset({"pool_size", "pool_timeout", "max_retries", "auth_type", "oauth_config"})
"""Fields of a config that no form asks for, so that no form takes them away."""
_WORDS = frozenset({TAGS.name, ROLES.name})
_OWN = frozenset({DESCRIPTION.name, OWNER.name})

PASTE = FieldSpec(
    name=CONNECTION,
    label="Connection string",
    kind="secret",
    maximum=8192,
    placeholder="paste one to fill in what follows",
    help="A URL or keywords, such as postgresql://app:…@db/orders; taken apart into the fields.",
)
WHOLE = replace(
    PASTE,
    name=STRING,
    placeholder="",
    help="Kept in one piece, stored encrypted; or env://NAME for a variable.",
)
"""The string of a source that was registered by it, for technologies that ask for parts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a form's fields depend on: type, technology, whether one string says it all."""

    type: str
    technology: str
    string: bool = False


def names_of(source_type: str) -> tuple[str, ...]:
    """Return the technologies of a type; of a custom one, all that sources have."""
    types = set(DataSourceType) if source_type == DataSourceType.CUSTOM else {source_type}
    return tuple(one.name for one in technologies() if one.type in types)


def technology_in(source_type: str, wished: str) -> str:
    """Return the technology that is wished for where the type has it, else the type's first."""
    names = names_of(source_type)
    return wished if wished in names else next(iter(names), "")


def sections(kind: Kind) -> tuple[Section, ...]:
    """Return the form's sections; the second and third depend on the kind.

    Raises:
        InvalidInput: There is no such technology (any more).
    """
    source_type = FieldSpec(
        name=TYPE,
        label="Type",
        kind="choice",
        required=True,
        choices=tuple(str(one) for one in DataSourceType),
        help="What it is; left and right change it, enter lists all.",
    )
    return (
        Section(title="", fields=(NAME, source_type)),
        Section(title="", fields=(_technology_field(kind),)),
        _reached(kind),
        Section(title="About it", fields=(DESCRIPTION, TAGS, ROLES, OWNER, INTERVAL)),
    )


def _technology_field(kind: Kind) -> FieldSpec:
    names = names_of(kind.type)
    return FieldSpec(
        name=TECHNOLOGY,
        label="Technology",
        kind="choice",
        choices=names if kind.technology in names else (kind.technology, *names),
        help="What speaks there; the fields below are its own.",
    )


def own_fields(kind: Kind) -> tuple[FieldSpec, ...]:
    """Return the fields that the technology asks for, without the input to paste into."""
    if not kind.technology:
        return (WHOLE,)
    found = get_technology(kind.technology)
    told = tuple(spec for spec in (*found.fields, *found.options) if spec.name != STRING)
    if kind.string and not _asks_for_string(found):
        parts = {"host", "port", "database", "username", "password"}
        return (WHOLE, *(spec for spec in told if spec.name not in parts))
    return (*found.fields, *found.options)


def _asks_for_string(technology: Technology) -> bool:
    return any(spec.name == STRING for spec in technology.fields)


def _reached(kind: Kind) -> Section:
    if not kind.technology:
        return Section(title="How it is reached", fields=own_fields(kind))
    found = get_technology(kind.technology)
    own = own_fields(kind)
    fields = own if WHOLE in own else (PASTE, *own)
    if found.missing():
        install = found.how_to_install() or f"needs {', '.join(found.missing())}"
        return Section(
            title=found.title, fields=fields, note=f"driver missing: {install}", warn=True
        )
    return Section(title=found.title, fields=fields)


def titles() -> dict[str, str]:
    """Return the words for types and technologies."""
    known = {one.name: one.title for one in technologies()}
    return known | {str(one): str(one) for one in DataSourceType} | {"": "not said yet"}


# From a source to texts


def kind_of(detail: CustomerDataSource) -> Kind:
    """Return what a stored source's form depends on."""
    return Kind(
        type=str(detail.source_type),
        technology=detail.technology,
        string=bool(detail.config.connection_string),
    )


def texts(detail: CustomerDataSource) -> dict[str, str]:
    """Return a source as the texts of a form; never its secrets."""
    config = detail.config
    values = {name: getattr(config, name) for name in CONFIG if name != "oauth_config"}
    told = {name: _text(value) for name, value in (values | dict(config.options)).items()}
    secret = {spec.name for spec in own_fields(kind_of(detail)) if spec.secret}
    return {
        NAME.name: detail.name,
        TYPE: str(detail.source_type),
        TECHNOLOGY: detail.technology,
        **{name: "" if name in secret else value for name, value in told.items()},
        DESCRIPTION.name: detail.description or "",
        TAGS.name: ", ".join(detail.tags),
        ROLES.name: ", ".join(detail.access_roles),
        OWNER.name: detail.owner_id or "",
        INTERVAL.name: number(detail.interval_s),
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value in {None, MASK} else str(value)


def stored(detail: CustomerDataSource) -> frozenset[str]:
    """Return the names of the secrets that are stored with a source."""
    config = detail.config
    named = {name: getattr(config, name) for name in CONFIG} | dict(config.options)
    secret = {spec.name for spec in own_fields(kind_of(detail)) if spec.secret}
    return frozenset(name for name in secret if named.get(name))


# From texts to the facade's arguments


def config(kind: Kind, values: Mapping[str, str], kept: frozenset[str]) -> dict[str, object]:
    """Return the whole config that a form says; what the technology does not ask for goes.

    Args:
        kind: What the form's fields depend on.
        values: The form's texts.
        kept: Secrets that are stored; an empty input of one leaves it as it is.
    """
    said: dict[str, object] = dict.fromkeys(set(CONFIG) - KEPT)
    options: dict[str, object] = {}
    for spec in own_fields(kind):
        place = said if spec.name in CONFIG else options
        typed = values.get(spec.name, "")
        place[spec.name] = typed or (MASK if spec.secret and spec.name in kept else None)
    return said | {"options": {name: value for name, value in options.items() if value}}


def common(values: Mapping[str, str]) -> dict[str, object]:
    """Return the fields that every source has."""
    return {
        **{name: values.get(name) or None for name in _OWN},
        **{name: labels.words(values.get(name, "")) for name in _WORDS},
        INTERVAL.name: whole(values.get(INTERVAL.name)),
    }


def changes(
    kind: Kind,
    values: Mapping[str, str],
    changed: Mapping[str, str],
    kept: frozenset[str],
) -> dict[str, object]:
    """Return the arguments of `update_source`: only what differs; a config travels as a whole."""
    asked = {spec.name for spec in own_fields(kind)}
    every = common(values)
    made: dict[str, object] = {name: every[name] for name in changed if name in every}
    made |= {name: values[name] for name in (NAME.name, TYPE, TECHNOLOGY) if name in changed}
    if asked & set(changed) or {TYPE, TECHNOLOGY} & set(changed):
        made["config"] = config(kind, values, kept)
    return made


def refused_roles(values: Mapping[str, str], mine: tuple[str, ...]) -> bool:
    """Whether the roles that are typed would hide the source from an operator with these."""
    asked = {role.casefold() for role in labels.words(values.get(ROLES.name, ""))}
    return bool(asked) and not asked & {role.casefold() for role in mine}
