"""A pasted connection string taken apart into the fields of its technology."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from engine.errors import InvalidInput
from engine.probes.connection_string import parse_connection_string
from engine.probes.registry import get_technology, technology_of_scheme

if TYPE_CHECKING:
    from engine.probes.connection_string import ConnectionString
    from engine.probes.technology import Technology

# Many technologies are reached over HTTP, and only one of them can be what a URL means by itself.
_ANYBODYS = frozenset({"http", "https"})
_SINGLE = ("host", "port", "username", "password", "database")


def take_apart(text: str, technology: str | None = None) -> tuple[str | None, dict[str, object]]:
    """Return the technology that a connection string means, and the config fields that it says.

    What its technology asks for as fields becomes fields; the string is kept whole only where the
    fields cannot say it: several hosts, or a technology that knows nothing but strings. A base URL
    stays one, without the login in it.

    Args:
        text: The string as pasted, its password in the open.
        technology: Which technology it is for; None lets its scheme tell.

    Raises:
        InvalidInput: It is no connection string, or none of that technology.
    """
    said = parse_connection_string(text)
    meant = technology_of_scheme(said.scheme)
    found = get_technology(technology) if technology else meant
    if found is None:
        return None, {"connection_string": text.strip()}
    shared = said.scheme in {*found.schemes, *_ANYBODYS}
    if meant is not None and meant is not found and not shared:
        raise InvalidInput(
            f"This is a connection string of {meant.title}, not of {found.title}.",
            hint=f"Choose {meant.title}, or paste another.",
            field="connection_string",
        )
    return found.name, _fields(found, said, text.strip())


def _fields(found: Technology, said: ConnectionString, text: str) -> dict[str, object]:
    declared = {spec.name for spec in found.fields}
    single = {name: getattr(said, name) for name in _SINGLE if name in declared}
    fields: dict[str, object] = {name: value for name, value in single.items() if value is not None}
    if said.password and not said.username and "api_key" in declared:
        # A lone word before the @ is a token.
        fields = {name: one for name, one in fields.items() if name != "password"}
        fields["api_key"] = said.password
    if "connection_string" in declared:
        fields["connection_string"] = _without_login(text)
    elif len(said.hosts) > 1 or not fields:
        return {"connection_string": text}
    if said.tls is not None:
        fields["ssl_enabled"] = said.tls
    if said.tls_verify is not None:
        fields["ssl_verify"] = said.tls_verify
    if said.options:
        fields["options"] = dict(said.options)
    return fields


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
