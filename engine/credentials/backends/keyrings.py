"""`keyring://service/user`: the operating system's keyring of the user who checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.credentials.backends.base import missing_extra
from engine.credentials.references import keyring_place
from engine.credentials.types import Credential
from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.settings import Settings


class KeyringBackend:
    """Reads passwords of a keyring.

    Args:
        services: Those that may be read; None is any but Lampboard's own.
    """

    scheme = "keyring"

    def __init__(self, services: Collection[str] | None = None) -> None:
        self._services = services

    @classmethod
    def of(cls, settings: Settings) -> KeyringBackend:
        """Return what the settings allow.

        Whoever can write to a shared database could otherwise have every password in the keyring
        of each machine's user sent to a host of their own.
        """
        listed = settings.allow_keyring_services
        return cls(listed if listed or settings.is_shared else None)

    def get(self, path: str) -> Credential:
        """Return the password of `service/user`; see `CredentialBackend.get`."""
        service, user = keyring_place(path)
        if self._services is not None and service not in self._services:
            raise CredentialUnreadable(
                "This keyring service may not be read here.",
                hint="List it in allow_keyring_services where the check runs.",
            )
        password = _password(service, user)
        if password is None:
            raise CredentialUnreadable(
                "The keyring has no password for this service and user.",
                hint="Put it there as the user who checks: keyring set <service> <user>",
            )
        return Credential(password)


def _password(service: str, user: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError, KeyringLocked, NoKeyringError
    except ImportError:
        raise missing_extra("The keyring", "keyring") from None
    try:
        found: str | None = keyring.get_password(service, user)
    except NoKeyringError:
        raise _closed("There is no keyring where the check runs.") from None
    except KeyringLocked:
        raise _closed("The keyring is locked.") from None
    except KeyringError as error:
        # Only the kind: what a keyring says may quote what it holds.
        raise _closed(f"The keyring cannot be read ({type(error).__name__}).") from None
    return found


def _closed(message: str) -> CredentialUnreadable:
    return CredentialUnreadable(
        message, hint="Unlock it for the user who checks, or keep the secret elsewhere."
    )
