"""Credential references: where a secret is, in words that may be shown.

`encrypted://<id>`, `env://<NAME>`, `keyring://<service>/<user>`, `vault://<mount>/<path>#<field>`,
`file:///<path>`, and the schemes that other distributions bring. What people paste where a
reference belongs is, sooner or later, the key itself. So everything that does not have exactly
one of these forms is refused, and no message repeats it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from engine.errors import CredentialReferenceInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

ENCRYPTED = "encrypted://"
ENVIRONMENT = "env://"
KEYRING = "keyring"
VAULT = "vault"
FILE = "file"
OWN_KEYRING_SERVICE = "lampboard"
"""Where the operating system's keyring has the master key: no thing may point there."""

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,31}")
# Blanks and all but a few marks are quoted, as in a URL: a pasted header or document is neither.
_QUOTED = re.compile(r"(?:[A-Za-z0-9._~@+:=,-]|%[0-9A-Fa-f]{2})+")
_VERSION = re.compile(r"version=([1-9][0-9]{0,8})")
# Prefixes that providers give their keys, so that they can be told from anything else.
_KEY_PREFIX = re.compile(
    r"sk[-_]|pk[-_]|rk[-_]|AIza|AKIA|ASIA|ABSK|gh[pousr]_|hf_|xai-|gsk_|r8_|ya29|eyJ|hv[bsr]\.|bv[bsr]\."
)
# A word this long that mixes lower case, upper case and digits is a key, not a name.
_LONG = 20
_LONGEST = 1024
_SAFE = "-._~@+:=,"
_OWN_VARIABLES = "LAMPBOARD_"
_HINT = (
    "Use encrypted://, env://, keyring://, vault:// or file://; give the key itself separately, "
    "to be encrypted."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptedReference:
    """Points to a secret that is encrypted in the workspace's database."""

    kind = "encrypted"
    id: str

    def __str__(self) -> str:
        return ENCRYPTED + self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentReference:
    """Points to a variable in the environment of the process that checks."""

    kind = "env"
    name: str

    def __str__(self) -> str:
        return ENVIRONMENT + self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class ExternalReference:
    """Points to a secret that something outside the workspace keeps; asked for at its use.

    Attributes:
        kind: The scheme, which names who keeps it.
        path: What follows `://`, in its plain form.
    """

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind}://{self.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultPath:
    """A field of a secret in a key-value engine; no version is the newest."""

    mount: str
    path: str
    field: str
    version: int | None = None


CredentialReference = EncryptedReference | EnvironmentReference | ExternalReference


def parse_reference(text: str) -> CredentialReference:
    """Return what `text` points to.

    Raises:
        CredentialReferenceInvalid: It is not a reference. The error never repeats the text.
    """
    if text.startswith(ENCRYPTED):
        return EncryptedReference(id=_encrypted_id(text.removeprefix(ENCRYPTED)))
    if text.startswith(ENVIRONMENT):
        return EnvironmentReference(name=_variable(text.removeprefix(ENVIRONMENT)))
    kind, found, path = text.partition("://")
    read = _FORMS.get(kind) or (_foreign_form(kind) if found else None)
    if not found or read is None:
        raise _refusal(
            "A credential reference starts with encrypted://, env://, keyring://, vault:// or "
            "file://; this does not."
        )
    if len(text) > _LONGEST:
        raise _refusal("The credential reference is longer than 1,024 characters.")
    return ExternalReference(kind=kind, path=read(path))


def is_scheme(kind: str) -> bool:
    """Tell whether references begin with this word, before their `://`."""
    if kind in BUILT_IN:
        return True
    return bool(_SCHEME.fullmatch(kind)) and _foreign_form(kind) is not None


def keyring_place(path: str) -> tuple[str, str]:
    """Return service and user of `keyring://<path>`.

    Raises:
        CredentialReferenceInvalid: The path does not name one of each, or names our own.
    """
    parts = path.split("/")
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - service and user
        raise _refusal("A keyring reference is keyring://<service>/<user>; this is not.")
    service, user = (_word(part, KEYRING) for part in parts)
    if service.casefold() == OWN_KEYRING_SERVICE:
        raise _refusal("Lampboard's own keyring entries cannot be used as a credential.")
    return service, user


def vault_place(path: str) -> VaultPath:
    """Return mount, path, field and version of `vault://<path>`.

    Raises:
        CredentialReferenceInvalid: It does not have that form.
    """
    place, _, name = path.partition("#")
    place, asked, version = place.partition("?")
    found = _VERSION.fullmatch(version)
    segments = place.split("/")
    if len(segments) < 2 or not all(segments) or not name or (asked and not found):  # noqa: PLR2004
        raise _refusal(
            "A vault reference is vault://<mount>/<path>#<field>, perhaps with ?version=<n> "
            "before the #; this is not."
        )
    mount, *rest = (_word(segment, VAULT, slashes=not at) for at, segment in enumerate(segments))
    if {".", ".."} & set("/".join((mount, *rest)).split("/")):
        raise _refusal("A vault reference has no . or .. in its path; this has.")
    return VaultPath(
        mount=mount.strip("/"),
        path="/".join(rest),
        field=_word(name, VAULT),
        version=int(found[1]) if found else None,
    )


def file_path(path: str) -> str:
    """Return the absolute path of `file://<path>`.

    Raises:
        CredentialReferenceInvalid: It is not absolute, or not in its plain form.
    """
    if not path.startswith("/") or path.startswith("//") or path.endswith("/"):
        raise _refusal("A file reference is file:///<absolute path>; this is not.")
    segments = [_word(segment, FILE) for segment in path[1:].split("/")]
    if {"", ".", ".."} & set(segments):
        raise _refusal("A file reference has no . or .. or empty part in its path; this has.")
    return "/" + "/".join(segments)


def _keyring(path: str) -> str:
    return "/".join(_quoted(part) for part in keyring_place(path))


def _vault(path: str) -> str:
    found = vault_place(path)
    # A mount may hold slashes; its own are quoted, so that it can be told from the path.
    place = "/".join([quote(found.mount, safe=_SAFE), *map(_quoted, found.path.split("/"))])
    version = f"?version={found.version}" if found.version else ""
    return f"{place}{version}#{_quoted(found.field)}"


def _file(path: str) -> str:
    return "/".join(_quoted(part) for part in file_path(path).split("/"))


def _foreign_form(kind: str) -> Callable[[str], str] | None:
    """Return how the path of another distribution's scheme is read; None for no such scheme."""
    if not _SCHEME.fullmatch(kind):
        return None
    from engine.credentials.backends.brought import schemes

    return _foreign if kind in schemes() else None


def _foreign(path: str) -> str:
    if not path or not path.isascii() or not path.isprintable() or " " in path:
        raise _refusal("What follows :// in the credential reference is not printable ASCII.")
    if any(looks_like_a_key(part) for part in re.split(r"[/?#&=]", path)):
        raise _refusal("What follows :// looks like a key, not like the place of one.")
    return path


_FORMS: dict[str, Callable[[str], str]] = {KEYRING: _keyring, VAULT: _vault, FILE: _file}
BUILT_IN = frozenset({"encrypted", "env", *_FORMS})
"""The schemes that nobody else can bring."""


def _word(quoted: str, scheme: str, *, slashes: bool = False) -> str:
    """Return one part of a path, unquoted."""
    if not _QUOTED.fullmatch(quoted):
        raise _refusal(f"A part of what follows {scheme}:// cannot be read; quote it as in a URL.")
    try:
        text = unquote(quoted, errors="strict")
    except UnicodeDecodeError:
        text = "\0"
    if not text.isprintable() or text != text.strip() or ("/" in text and not slashes):
        raise _refusal(f"A part of what follows {scheme}:// has characters that no name has.")
    if looks_like_a_key(text) and not _UUID.fullmatch(text):
        raise _refusal(f"A part of what follows {scheme}:// looks like a key, not like a name.")
    return text


def _quoted(text: str) -> str:
    return quote(text, safe=_SAFE)


def _encrypted_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise _refusal("What follows encrypted:// is not the id of a credential.")
    if not _UUID.fullmatch(text) and looks_like_a_key(text):
        raise _refusal("What follows encrypted:// looks like a key, not like the id of one.")
    return text


def _variable(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise _refusal("What follows env:// is not the name of an environment variable.")
    if looks_like_a_key(text):
        raise _refusal("What follows env:// looks like a key, not like a variable's name.")
    if text.upper().startswith(_OWN_VARIABLES) or text.upper() in _VAULT_TOKENS:
        # Else an integration with a base URL of its own could be sent the master key.
        raise _refusal("Lampboard's own variables cannot be used as an integration's credential.")
    return text


_VAULT_TOKENS = frozenset({"VAULT_TOKEN", "BAO_TOKEN"})


def looks_like_a_key(text: str) -> bool:
    """Tell whether text is rather a secret than a name."""
    if _KEY_PREFIX.match(text):
        return True
    kinds = (str.islower, str.isupper, str.isdigit)
    return len(text) >= _LONG and all(any(is_kind(c) for c in text) for is_kind in kinds)


def _refusal(message: str) -> CredentialReferenceInvalid:
    return CredentialReferenceInvalid(message, hint=_HINT, field="credential_ref")
