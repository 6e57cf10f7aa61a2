"""What anything that needs a secret asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from engine.credentials.types import Credential


@runtime_checkable
class CredentialService(Protocol):
    """Turns a credential reference into the credential."""

    async def get(self, credential_ref: str) -> Credential:
        """Return the credential behind `credential_ref`.

        Raises:
            CredentialReferenceInvalid: The text is not a reference.
            CredentialUnreadable: There is nothing behind it, or it cannot be decrypted.
            MasterKeyRefused: The key of all secrets is missing, wrong or kept unsafely.
        """
        ...
