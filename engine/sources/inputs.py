"""What may be said of a source: each value checked before it comes near the database.

The common fields and those of a config are validated by shapes.py; what a technology asks of its
own is declared beside it. Every refusal is one sentence with the `field` to blame, and repeats no
secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput
from engine.probes.connection_string import parse_connection_string
from engine.probes.hosts import require_host
from engine.probes.registry import get_technology, technologies, technology_of_scheme
from engine.probes.words import MASK
from engine.sources.config import DataSourceConfig
from engine.sources.model import DataSourceStatus, DataSourceType
from engine.sources.secrets import CONNECTION_STRING, is_reference

if TYPE_CHECKING:
    from engine.fields import FieldSpec
    from engine.probes.connection_string import ConnectionString
    from engine.probes.technology import Technology

# What an update takes; everything else is a mistake of the caller and said so.
CHANGEABLE = (
    "name",
    "source_type",
    "technology",
    "config",
    "description",
    "tags",
    "metadata",
    "access_roles",
    "owner_id",
    "interval_s",
)
_CONFIG_FIELDS = tuple(item.name for item in fields(DataSourceConfig))
# Any database that SQLAlchemy has a dialect for, where no technology claims the scheme.
_ANY_DATABASE = "sqlalchemy"


def clean_common(values: Mapping[str, object]) -> dict[str, object]:
    """Return those of the common fields that are among `values`, ready to be stored.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    # pydantic must not be paid for by those who only read.
    from engine.shapes import checked
    from engine.sources.shapes import CommonFields

    given = {name: values[name] for name in CommonFields.model_fields if name in values}
    clean = checked(CommonFields, given)
    return {name: getattr(clean, name) for name in given}


def clean_config(config: object, stored: DataSourceConfig | None = None) -> DataSourceConfig:
    """Return the config that is said, ready to be parted.

    Args:
        config: A whole config, or some of its fields by name; None and an empty text take one
            away, and what is not named stays as it is in `stored`.
        stored: What there is already, secrets masked.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    from engine.shapes import checked
    from engine.sources.shapes import ConfigFields

    told = _by_name(stored or DataSourceConfig()) | _said(config)
    told |= {name: default for name, default in _defaults().items() if told.get(name) is None}
    clean = DataSourceConfig(**checked(ConfigFields, told).model_dump())
    _refuse_twice(clean)
    return clean


def clean_type(source_type: object) -> DataSourceType:
    """Return the type of source.

    Raises:
        InvalidInput: There is none of that name.
    """
    if isinstance(source_type, str) and source_type in tuple(DataSourceType):
        return DataSourceType(source_type)
    raise _unknown("type of source", source_type, tuple(DataSourceType), "source_type")


def clean_status(status: object) -> DataSourceStatus:
    """Return the status.

    Raises:
        InvalidInput: There is none of that name.
    """
    if isinstance(status, str) and status in tuple(DataSourceStatus):
        return DataSourceStatus(status)
    raise _unknown("status", status, tuple(DataSourceStatus), "status")


def technology_for(
    source_type: DataSourceType, technology: str | None, config: DataSourceConfig
) -> str:
    """Return the technology that is named, else the one that the config tells of, else nothing.

    Raises:
        InvalidInput: There is no such technology, or it is of another type.
    """
    if technology:
        found = get_technology(technology)
        if source_type not in {found.type, DataSourceType.CUSTOM}:
            raise InvalidInput(
                f"{found.title} is a technology of {found.type} sources, and this is of type"
                f" {source_type}.",
                hint=f"Choose one of: {_names(source_type)}.",
                field="technology",
            )
        return found.name
    string = config.connection_string
    if string and string != MASK and not is_reference(string, CONNECTION_STRING):
        return _of_scheme(source_type, parse_connection_string(string))
    return _of_port(source_type, config.port)


def check_own_fields(technology: str, config: DataSourceConfig) -> None:
    """Check a config by what its technology declares of its fields.

    What is missing is no mistake yet: a source may be registered before everything is known.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    declared = _declared(technology)
    _refuse_foreign(technology, config)
    for name, spec in declared.items():
        value = getattr(config, name, None) if name in _CONFIG_FIELDS else config.options.get(name)
        if name == "connection_string" or value in {None, "", MASK} or spec.secret:
            continue
        if (problem := spec.problem(_typed(value))) is not None:
            raise InvalidInput(problem, hint=spec.help, field=name)
    if config.host is not None:
        require_host(config.host)


def secret_options(technology: str) -> frozenset[str]:
    """Return the options of a technology that it declares as secrets."""
    return frozenset(name for name, spec in _declared(technology).items() if spec.secret)


def refuse_unknown(changes: Mapping[str, object]) -> None:
    """Raise InvalidInput when `changes` has a key that no source has."""
    for name in changes:
        if name not in CHANGEABLE:
            raise InvalidInput(
                f"A source has no field {name[:40]!r} that could be changed.",
                hint="Its fields: " + ", ".join(CHANGEABLE),
                field=name,
            )


def _said(config: object) -> dict[str, object]:
    if config is None:
        return {}
    if isinstance(config, DataSourceConfig):
        return _by_name(config)
    if not isinstance(config, Mapping):
        raise InvalidInput("The config must be names with values.", field="config")
    for name in config:
        if name not in _CONFIG_FIELDS:
            raise InvalidInput(
                "The config has a field that no source has.",
                hint="Its fields: " + ", ".join(_CONFIG_FIELDS),
                field=str(name)[:40],
            )
    return dict(config)


def _refuse_twice(config: DataSourceConfig) -> None:
    """Refuse a field that the connection string says otherwise: it would change nothing."""
    string = config.connection_string
    if not string or string == MASK or is_reference(string, CONNECTION_STRING):
        return
    said = parse_connection_string(string)
    for name in ("host", "port", "username", "password", "database"):
        field, inside = getattr(config, name), getattr(said, name)
        if inside is not None and field not in {None, inside}:
            raise InvalidInput(
                f"The connection string says the {name} already, and it goes before this field.",
                hint="Change the connection string, or take it away and give every field.",
                field=name,
            )


def _refuse_foreign(technology: str, config: DataSourceConfig) -> None:
    """Refuse a connection string of another technology than the one that is named."""
    string = config.connection_string
    if (
        not string
        or string == MASK
        or is_reference(string, CONNECTION_STRING)
        or technology in {"", _ANY_DATABASE}
    ):
        return
    found, said = get_technology(technology), parse_connection_string(string)
    web = any(spec.name == "connection_string" for spec in found.fields)
    known = {*found.schemes, *(("http", "https") if web else ())}
    if known and not known & {said.scheme, said.base_scheme}:
        raise InvalidInput(
            f"This is no connection string of {found.title}.",
            hint="It begins with " + " or ".join(f"{one}://" for one in sorted(known)) + ".",
            field="connection_string",
        )


def _by_name(config: DataSourceConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in _CONFIG_FIELDS}


def _defaults() -> dict[str, object]:
    return {
        name: value for name, value in _by_name(DataSourceConfig()).items() if value is not None
    }


def _of_scheme(source_type: DataSourceType, string: ConnectionString) -> str:
    candidates = [
        one
        for one in technologies(source_type)
        if string.scheme in one.schemes or string.base_scheme in one.schemes
    ]
    found = candidates[0] if candidates else technology_of_scheme(string.scheme)
    if found is None and source_type is DataSourceType.DATABASE:
        found = next((one for one in technologies(source_type) if one.name == _ANY_DATABASE), None)
    if found is not None and source_type in {found.type, DataSourceType.CUSTOM}:
        return found.name
    if source_type is DataSourceType.CUSTOM:
        return ""
    raise InvalidInput(
        f"No {source_type} technology is reached by such a connection string.",
        hint=f"Say the technology: {_names(source_type)}.",
        field="technology" if found is None else "source_type",
    )


def _of_port(source_type: DataSourceType, port: int | None) -> str:
    """Return the one technology of the type that usually listens there: 5432 is PostgreSQL."""
    found = [one.name for one in technologies(source_type) if port and one.default_port == port]
    return found[0] if len(found) == 1 else ""


def _declared(technology: str) -> dict[str, FieldSpec]:
    found: Technology | None = get_technology(technology) if technology else None
    return {spec.name: spec for spec in (*found.fields, *found.options)} if found else {}


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _names(source_type: DataSourceType) -> str:
    wanted = None if source_type is DataSourceType.CUSTOM else source_type
    return ", ".join(one.name for one in technologies(wanted)) or "none"


def _unknown(what: str, given: object, known: tuple[str, ...], field: str) -> InvalidInput:
    word = given[:40] if isinstance(given, str) and given.isprintable() else ""
    said = f" {word!r}" if word else ""
    return InvalidInput(
        f"There is no {what}{said}.", hint="There are: " + ", ".join(known), field=field
    )
