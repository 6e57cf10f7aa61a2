"""Credential references: `encrypted://<id>` and `env://<NAME>`, and nothing else.

What people paste where a reference belongs is, sooner or later, the key itself. So everything
that does not have exactly one of the two forms is refused, and no message repeats it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import CredentialReferenceInvalid

ENCRYPTED = "encrypted://"
ENVIRONMENT = "env://"

_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Prefixes that providers give their keys, so that they can be told from anything else.
_KEY_PREFIX = re.compile(
    r"sk[-_]|pk[-_]|rk[-_]|AIza|AKIA|ASIA|ABSK|gh[pousr]_|hf_|xai-|gsk_|r8_|ya29|eyJ"
)
# A word this long that mixes lower case, upper case and digits is a key, not a name.
_LONG = 20
_OWN_VARIABLES = "LAMPBOARD_"
_HINT = "Use encrypted://<id> or env://<NAME>; give the key itself separately, to be encrypted."


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptedReference:
    """Points to a secret that is encrypted in the workspace's database."""

    id: str

    def __str__(self) -> str:
        return ENCRYPTED + self.id


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentReference:
    """Points to a variable in the environment of the process that checks."""

    name: str

    def __str__(self) -> str:
        return ENVIRONMENT + self.name


CredentialReference = EncryptedReference | EnvironmentReference


def parse_reference(text: str) -> CredentialReference:
    """Return what `text` points to.

    Raises:
        CredentialReferenceInvalid: It is not a reference. The error never repeats the text.
    """
    if text.startswith(ENCRYPTED):
        return EncryptedReference(id=_encrypted_id(text.removeprefix(ENCRYPTED)))
    if text.startswith(ENVIRONMENT):
        return EnvironmentReference(name=_variable(text.removeprefix(ENVIRONMENT)))
    raise _refusal("A credential reference starts with encrypted:// or env://; this does not.")


def _encrypted_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise _refusal("What follows encrypted:// is not the id of a credential.")
    if not _UUID.fullmatch(text) and _looks_like_a_key(text):
        raise _refusal("What follows encrypted:// looks like a key, not like the id of one.")
    return text


def _variable(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise _refusal("What follows env:// is not the name of an environment variable.")
    if _looks_like_a_key(text):
        raise _refusal("What follows env:// looks like a key, not like a variable's name.")
    if text.upper().startswith(_OWN_VARIABLES):
        # Else an integration with a base URL of its own could be sent the master key.
        raise _refusal("Lampboard's own variables cannot be used as an integration's credential.")
    return text


def _looks_like_a_key(text: str) -> bool:
    if _KEY_PREFIX.match(text):
        return True
    kinds = (str.islower, str.isupper, str.isdigit)
    return len(text) >= _LONG and all(any(is_kind(c) for c in text) for is_kind in kinds)


def _refusal(message: str) -> CredentialReferenceInvalid:
    return CredentialReferenceInvalid(message, hint=_HINT, field="credential_ref")
