"""Between a source and the texts of its form, both ways: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.fields import INTERVAL, FieldSpec
from engine.probes.registry import get_technology, technologies
from engine.sources.fields import DESCRIPTION, NAME, OWNER, ROLES, TAGS
from engine.sources.model import DataSourceType
from tui.inventory import labels, reach
from tui.inventory.draft import number, whole
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from engine.sources.model import CustomerDataSource

TYPE, TECHNOLOGY, CONNECTION = "source_type", "technology", "paste"
STRING = "connection_string"
KEPT = frozenset({"pool_size", "pool_timeout", "max_retries", "auth_type"})
"""Fields of a config that not every form asks for, and that hold for whatever it is."""
_PARTS = frozenset({"host", "port", "database", "username", "password"})

PASTE = FieldSpec(
    name=CONNECTION,
    label="Connection string",
    kind="secret",
    maximum=8192,
    placeholder="paste one to fill in what follows",
    help="A URL or keywords, such as postgresql://app:secret@db/orders;"
    " taken apart into the fields.",
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
    every = (*found.fields, *found.options)
    if not kind.string or any(spec.name == STRING for spec in every):
        return every
    return (WHOLE, *(spec for spec in every if spec.name not in _PARTS))


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
    string = bool(detail.config.connection_string)
    return Kind(type=str(detail.source_type), technology=detail.technology, string=string)


def texts(detail: CustomerDataSource) -> dict[str, str]:
    """Return a source as the texts of a form; never its secrets."""
    return {
        NAME.name: detail.name,
        TYPE: str(detail.source_type),
        TECHNOLOGY: detail.technology,
        **reach.texts(_known(detail), own_fields(kind_of(detail))),
        DESCRIPTION.name: detail.description or "",
        TAGS.name: ", ".join(detail.tags),
        ROLES.name: ", ".join(detail.access_roles),
        OWNER.name: detail.owner_id or "",
        INTERVAL.name: number(detail.interval_s),
    }


def stored(detail: CustomerDataSource) -> frozenset[str]:
    """Return the names of the secrets that are stored with a source."""
    return reach.stored(_known(detail), own_fields(kind_of(detail)))


def _known(detail: CustomerDataSource) -> dict[str, Any]:
    # `to_dict()` masks a string whole; a base URL without a secret is for people.
    return detail.config.to_dict() | {STRING: detail.config.connection_string}


# From texts to the facade's arguments


def config(
    kind: Kind,
    values: Mapping[str, str],
    *,
    kept: Collection[str] = (),
    before: CustomerDataSource | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the whole config that a form says; what the technology does not ask for goes.

    Args:
        kind: What the form's fields depend on.
        values: The form's texts.
        kept: Secrets that are stored; an empty input of one leaves it as it is.
        before: What is stored with the same technology, so that what no form asks for stays.
        extra: Options of a pasted connection string that no field asks for.
    """
    asked = own_fields(kind)
    held = before.config.to_dict() if before is not None else None
    said = reach.config(asked, values, kept=kept, before=held)
    gone = dict.fromkeys(reach.PLAIN - KEPT - said.keys())
    return gone | said | {reach.OPTIONS: {**said[reach.OPTIONS], **(extra or {})}}


def common(values: Mapping[str, str]) -> dict[str, object]:
    """Return the fields that every source has, but for its name."""
    return {
        DESCRIPTION.name: values.get(DESCRIPTION.name) or None,
        TAGS.name: labels.words(values.get(TAGS.name, "")),
        ROLES.name: labels.words(values.get(ROLES.name, "")),
        OWNER.name: values.get(OWNER.name) or None,
        INTERVAL.name: whole(values.get(INTERVAL.name)),
    }


def changes(values: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, object]:
    """Return the arguments of `update_source` but for its config: only what differs."""
    every = common(values) | {name: values[name] for name in (NAME.name, TYPE, TECHNOLOGY)}
    return {name: every[name] for name in changed if name in every}


def reaches(kind: Kind, changed: Mapping[str, str]) -> bool:
    """Tell whether a change is one of the config, which travels as a whole."""
    return bool(({spec.name for spec in own_fields(kind)} | {TYPE, TECHNOLOGY}) & set(changed))


def hides(values: Mapping[str, str], mine: Collection[str]) -> bool:
    """Tell whether the roles that are typed would hide the source from who has these."""
    asked = {role.casefold() for role in labels.words(values.get(ROLES.name, ""))}
    return bool(asked) and not asked & {role.casefold() for role in mine}
