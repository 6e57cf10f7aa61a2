"""The backends of a run by scheme, each made at its first use; and what they may answer."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from engine.credentials.backends.base import secret_text
from engine.credentials.references import FILE, KEYRING, VAULT
from engine.credentials.types import Credential
from engine.errors import CredentialError, CredentialUnreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.clock import Clock
    from engine.credentials.backends.base import CredentialBackend
    from engine.credentials.references import ExternalReference
    from engine.settings import Settings

logger = logging.getLogger(__name__)


class Backends:
    """Asks whoever keeps a secret; blocks, so it is called in threads of their own.

    Args:
        settings: Where vault, files and keyring may be asked, and with which deadline.
        clock: Where time comes from.
        environment: The variables; the process's own by default.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._environment: Mapping[str, str] = os.environ if environment is None else environment
        self._made: dict[str, CredentialBackend] = {}
        self._lock = threading.Lock()

    @property
    def deadline_s(self) -> float:
        """Seconds within which a secret is there, or is not."""
        return self._settings.credential_deadline_s

    def get(self, reference: ExternalReference) -> Credential:
        """Return the secret behind a reference.

        Raises:
            CredentialError: There is none, or it cannot be had; the text never holds it.
        """
        try:
            backend = self._backend(reference.kind)
            return _judged(backend.get(reference.path), reference.kind)
        except CredentialError:
            raise
        except Exception as error:  # noqa: BLE001 - a backend may be foreign code
            # Only the kind of error: its text could hold the secret.
            name = type(error).__name__
            logger.error("The backend of %s:// broke: %s", reference.kind, name)  # noqa: TRY400 - no trace
            raise CredentialUnreadable(
                f"The secret could not be asked for: the code of {reference.kind}:// broke "
                f"({name}).",
                hint="Report this to whoever made that backend.",
            ) from None

    def _backend(self, kind: str) -> CredentialBackend:
        with self._lock:
            found = self._made.get(kind)
            if found is None:
                found = self._made[kind] = self._make(kind)
            return found

    def _make(self, kind: str) -> CredentialBackend:
        make = self._makers.get(kind)
        if make is not None:
            return make()
        from engine.credentials.backends.brought import backends

        found = backends().found.get(kind)
        if found is None:
            raise CredentialUnreadable(
                f"Nothing here knows {kind}://.",
                hint="Install the distribution that brings it where the check runs.",
            )
        return found

    @property
    def _makers(self) -> Mapping[str, Callable[[], CredentialBackend]]:
        return {KEYRING: self._keyring, VAULT: self._vault, FILE: self._files}

    def _keyring(self) -> CredentialBackend:
        from engine.credentials.backends.keyrings import KeyringBackend

        return KeyringBackend.of(self._settings)

    def _files(self) -> CredentialBackend:
        from engine.credentials.backends.files import FileBackend

        return FileBackend.of(self._settings, self._environment)

    def _vault(self) -> CredentialBackend:
        from engine.credentials.backends.vault import VaultBackend

        return VaultBackend.of(self._settings, self._environment, self._clock)


def _judged(found: object, kind: str) -> Credential:
    """Return what a backend gave, if it is a credential."""
    if not isinstance(found, Credential) or not isinstance(found.value, str):
        raise CredentialUnreadable(
            f"The backend of {kind}:// did not give a credential.",
            hint="Report this to whoever made that backend.",
        )
    expires_at = found.expires_at
    if expires_at is not None and expires_at.tzinfo is None:
        expires_at = None  # a time without a zone could be any of 27 hours
    return Credential(secret_text(found.value, f"What {kind}:// points to"), expires_at)
