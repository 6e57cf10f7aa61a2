"""The flags that say where something is and how one gets in, for all that is reached."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from engine.fields import FieldSpec
from engine.probes.common_fields import DATABASE, HOST, PORT, TLS, TLS_CA, TLS_VERIFY, USERNAME
from tui.cli.inventory.flags import options_of, pairs_of, values_of
from tui.cli.secret import secret_names, secret_options, take

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.cli.session import Session

_HELP = {
    "host": "Name or address of the server.",
    "port": "Its port; else the technology's own.",
    "username": "Whom to log in as.",
    "database_name": "The database, bucket, folder, collection or virtual host.",
}
# `--database` is Lampboard's own.
_NAMED = {"database": "database_name"}
_PLACE = tuple(
    replace(spec, required=False, help=_HELP.get(spec.name, spec.help))
    for spec in (HOST, PORT, replace(DATABASE, name=_NAMED["database"]), USERNAME)
)
_SECURITY = (
    FieldSpec(name="auth_type", label="Authentication", help="How, where it knows several ways."),
    TLS,
    TLS_VERIFY,
    TLS_CA,
)
_SECRETS = {"connection_string": "url", "password": "password", "api_key": "api-key"}
"""The secret fields, and what the flags that bring them begin with."""
_LABELS = {"url": "connection string", "password": "password", "api-key": "API key"}
_WEB = ("http://", "https://")

PANELS = {
    "Place": ("--url", *secret_names("url"), *(spec.flag for spec in _PLACE), "--option"),
    "Security": (
        *secret_names("password"),
        *secret_names("api-key"),
        "--oauth-file",
        *(spec.flag for spec in _SECURITY),
    ),
}


def flag_of(spec: FieldSpec) -> str:
    """Return the flag that brings a technology's field."""
    if spec.name in _SECRETS and (spec.secret or spec.name == "connection_string"):
        name = _SECRETS[spec.name]
        return "--url" if name == "url" else f"--{name}-prompt"
    if spec.name == "oauth_config":
        return "--oauth-file"
    return "--" + _NAMED.get(spec.name, spec.name).replace("_", "-")


def reach_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add every flag that says where it is and how one gets in."""
    function = click.option(
        "--option", "option", metavar="NAME=VALUE", multiple=True, help="A technology's own field."
    )(function)
    function = click.option(
        "--oauth-file",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="OAuth values (client_id, client_secret, token_url) as YAML or JSON.",
    )(function)
    for name in reversed(_SECRETS.values()):
        function = secret_options(name, _LABELS[name])(function)
    function = click.option(
        "--url", metavar="URL", help="A connection string or base URL, without a password in it."
    )(function)
    return options_of((*_PLACE, *_SECURITY))(function)


def reach_changes(
    session: Session,
    told: dict[str, Any],
    technology: str | None = None,
    *,
    web_is_plain: bool = False,
) -> tuple[str | None, dict[str, Any]]:
    """Return the technology, where the URL tells it, and the fields of the config that were told.

    A URL is taken apart into the fields of its technology; what is said beside it goes before.

    Args:
        session: The run.
        told: What the flags said; the ways to a secret are removed from it.
        technology: Which technology, if it was said.
        web_is_plain: Whether a URL of http(s) alone tells no technology.

    Raises:
        InvalidInput: A value does not fit, a secret is in a flag or cannot be read.
        CredentialReferenceInvalid: What should point to a secret does not.
    """
    from engine.credentials.references import parse_reference

    changes = values_of((*_PLACE, *_SECURITY), told)
    changes |= {field: changes.pop(name) for field, name in _NAMED.items() if name in changes}
    for name in ("ssl_enabled", "ssl_verify"):
        if changes.get(name) is not None:
            changes[name] = changes[name] == "yes"
    for field, name in _SECRETS.items():
        given = take(session, told, label=_LABELS[name], name=name)
        if given.reference is not None:
            parse_reference(given.reference)
        if given.given:
            changes[field] = given.reference or given.secret
    if told["oauth_file"]:
        changes["oauth_config"] = _mapping(told["oauth_file"])
    if told["option"]:
        changes["options"] = _open_options(pairs_of("option", told["option"]))
    if told["url"] is not None:
        changes["connection_string"] = _open_url(told["url"])
    return _apart(changes, technology, web_is_plain=web_is_plain)


def _apart(
    changes: dict[str, Any], technology: str | None, *, web_is_plain: bool
) -> tuple[str | None, dict[str, Any]]:
    """Return the changes with a connection string in them as fields."""
    from engine.sources.apart import take_apart
    from engine.sources.secrets import CONNECTION_STRING, is_reference

    text = changes.pop("connection_string", None)
    if not text:
        return technology, changes if text is None else {**changes, "connection_string": None}
    if is_reference(text, CONNECTION_STRING):
        return technology, {**changes, "connection_string": text}
    if web_is_plain and technology is None and text.lower().startswith(_WEB):
        return None, {**changes, "connection_string": text}
    technology, fields = take_apart(text, technology)
    options = {**_options(fields), **_options(changes)}
    together = {"connection_string": None, **fields, **changes}
    return technology, {**together, "options": options} if options else together


def _options(fields: dict[str, Any]) -> dict[str, Any]:
    return dict(fields.get("options") or {})


def _open_url(text: str) -> str:
    """Return a URL from a flag.

    Raises:
        InvalidInput: There is a password in it, which everybody on this machine could read.
    """
    from engine.probes.connection_string import parse_connection_string

    if text and parse_connection_string(text).secret:
        raise InvalidInput(
            "The URL has a password in it, and flags are seen by everybody on this machine.",
            hint="Leave it out and give --password-prompt, or the whole by --url-stdin.",
            field="url",
        )
    return text


def _open_options(pairs: dict[str, str]) -> dict[str, str]:
    """Return options from flags.

    Raises:
        InvalidInput: One is a secret, which everybody on this machine could read.
    """
    from engine.probes.secret_names import is_secret_name
    from engine.sources.secrets import is_reference

    for name, value in pairs.items():
        if value and is_secret_name(name) and not is_reference(value):
            raise InvalidInput(
                "An option holds a secret, and flags are seen by everybody on this machine.",
                hint="Give a reference as its value: env://NAME or encrypted://ID.",
                field="option",
            )
    return pairs


def _mapping(path: str) -> dict[str, Any]:
    """Return the OAuth values of a file."""
    import yaml

    try:
        with open(path, encoding="utf-8") as source:  # noqa: PTH123 - read no more than is taken
            found = yaml.safe_load(source.read(65_536))
    except (OSError, ValueError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(f"The file {path} has no names with values.", field="oauth_config")
    return found
