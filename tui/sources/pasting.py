"""A pasted connection string as the texts of a form's fields: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from engine.probes.connection_string import parse_connection_string
from engine.probes.registry import get_technology, technology_of_scheme
from engine.probes.secret_names import is_secret_name
from engine.sources.model import DataSourceType
from tui.sources.draft import STRING, TECHNOLOGY, TYPE, Kind, own_fields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.probes.connection_string import ConnectionString


@dataclass(frozen=True, kw_only=True, slots=True)
class Pasted:
    """What a connection string says: texts by field, and which options nobody asks for."""

    kind: Kind
    values: Mapping[str, str]
    left_out: tuple[str, ...] = ()


def take_apart(typed: str, kind: Kind) -> Pasted:
    """Return the fields that a connection string fills in; its scheme tells the technology.

    Raises:
        InvalidInput: It is no connection string, or only half of one.
    """
    found = parse_connection_string(typed)
    after = _kind_of(found, kind)
    specs = {spec.name: spec for spec in own_fields(after)}
    said = _said(found) | {name.casefold(): value for name, value in found.options.items()}
    if STRING in specs:
        said[STRING] = _address(found)
    values = {
        name: said[name] for name, spec in specs.items() if said.get(name) and _fits(spec, said)
    }
    left_out = tuple(name for name in found.options if name.casefold() not in values)
    return Pasted(
        kind=after,
        values={TYPE: after.type, TECHNOLOGY: after.technology, **values},
        left_out=tuple(name for name in left_out if name.casefold() not in _TLS),
    )


# They are told by the fields for TLS.
_TLS = frozenset({"sslmode", "ssl", "tls", "encrypt", "ssl_mode", "ssl-mode", "secure", "usessl"})


def _fits(spec: object, said: Mapping[str, str]) -> bool:
    choices = getattr(spec, "choices", ())
    return not choices or said[getattr(spec, "name", "")] in choices


def _kind_of(found: ConnectionString, kind: Kind) -> Kind:
    told = technology_of_scheme(found.scheme)
    now = get_technology(kind.technology) if kind.technology else None
    if now is not None and {found.scheme, found.base_scheme} & set(now.schemes):
        told = now
    web = found.base_scheme in {"http", "https"}
    if told is None or (web and now is not None and _has_url(kind)):
        return Kind(type=kind.type, technology=kind.technology)
    keeps = kind.type in {told.type, DataSourceType.CUSTOM} or told.type not in set(DataSourceType)
    return Kind(type=kind.type if keeps else told.type, technology=told.name)


def _has_url(kind: Kind) -> bool:
    return any(spec.name == STRING for spec in own_fields(kind))


def _said(found: ConnectionString) -> dict[str, str]:
    told = {
        "host": found.host,
        "port": None if found.port is None else str(found.port),
        "username": found.username,
        "password": found.password,
        "api_key": None if found.username else found.password,
        "database": found.database,
        "ssl_enabled": _yes(value=found.tls),
        "ssl_verify": _yes(value=found.tls_verify),
    }
    return {name: value for name, value in told.items() if value}


def _yes(*, value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _address(found: ConnectionString) -> str:
    """Return the base URL without login and query: those have fields of their own."""
    parts = urlsplit(found.masked)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", "")) if host else ""


def words(pasted: Pasted) -> str:
    """Return what is said once a string was taken apart; never a value of it."""
    title = get_technology(pasted.kind.technology).title if pasted.kind.technology else ""
    said = f"Taken apart for {title}." if title else "Taken apart."
    if not pasted.left_out:
        return said
    shown = ", ".join(name for name in pasted.left_out if name.isprintable())[:80]
    hidden = any(is_secret_name(name) for name in pasted.left_out)
    more = " A secret was among them." if hidden else ""
    return f"{said} Nobody asks for {shown}, so that was left out.{more}"
