"""What keeps secrets outside the workspace, as a protocol that other distributions can fulfil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from engine.credentials.types import Credential

MAX_SECRET_BYTES = 64 * 1024
"""The longest secret that anybody may give."""


@runtime_checkable
class CredentialBackend(Protocol):
    """Keeps secrets under one scheme.

    Attributes:
        scheme: What its references begin with, before `://`: lower-case letters, digits, `+-.`.
    """

    scheme: str

    def get(self, path: str) -> Credential:
        """Return the secret at `path`, what follows `://`; may block.

        It is called in a thread of its own, by several threads at once. What it raises becomes
        the state of whoever needs the secret; only CredentialUnreadable's text is shown.

        Raises:
            CredentialUnreadable: There is no secret there, or it cannot be had.
        """
        ...


def secret_text(value: str, where: str) -> str:
    """Return a secret without the white space around it.

    Args:
        value: As it was found.
        where: Who gave it, to begin a sentence with.

    Raises:
        CredentialUnreadable: Nothing is left, or it is too long. The error never repeats it.
    """
    text = value.strip()
    if not text:
        raise CredentialUnreadable(f"{where} holds an empty secret.", hint="Put the secret there.")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_SECRET_BYTES:
        raise CredentialUnreadable(
            f"{where} holds more than 64 KiB, which is no credential.",
            hint="Point to the credential alone.",
        )
    return text


def missing_extra(what: str, extra: str) -> CredentialUnreadable:
    """Return the refusal for a library that is not installed."""
    return CredentialUnreadable(
        f"{what} cannot be asked: the library for it is not installed.",
        hint=f"Install it where the check runs: pip install 'lampboard[{extra}]'",
    )
