"""Many credentials read at once, still encrypted: each is opened at its point of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.credentials.references import EncryptedReference, parse_reference
from engine.credentials.types import Credential
from engine.credentials.vault import Sealed
from engine.errors import CredentialReferenceInvalid, CredentialUnreadable, MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.credentials.vault import Vault
    from storage.credentials import CredentialRow


class SealedCredentials:
    """Ciphertexts with the vault that opens them; made by `CredentialStore.sealed`."""

    def __init__(
        self,
        rows: Mapping[str, CredentialRow],
        vault: Vault | MasterKeyRefused | None,
        from_environment: Callable[[str], Credential],
    ) -> None:
        self._rows = rows
        self._vault = vault
        self._from_environment = from_environment

    def open(self, tenant_id: str, reference: str) -> Credential:
        """Return the secret, in the open; keep it no longer than its request.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            CredentialUnreadable: There is nothing behind it, or it cannot be decrypted.
            MasterKeyRefused: The master key is missing, wrong or unsafe.
        """
        parsed = parse_reference(reference)
        if not isinstance(parsed, EncryptedReference):
            return self._from_environment(parsed.name)
        row = self._rows.get(parsed.id)
        if row is None or row.tenant_id != tenant_id or self._vault is None:
            raise CredentialUnreadable(
                "The stored credential is gone.", hint="Enter the credential again."
            )
        if isinstance(self._vault, MasterKeyRefused):
            raise self._vault
        sealed = Sealed(nonce=row.nonce, ciphertext=row.ciphertext, key_id=row.key_id)
        return Credential(value=self._vault.open(row.tenant_id, row.id, sealed))


def encrypted_ids(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Return the ids of the stored secrets that the references point to, each once."""
    found: dict[str, None] = {}
    for _, reference in wanted:
        try:
            parsed = parse_reference(reference)
        except CredentialReferenceInvalid:
            continue  # said again, to its own integration, when it is opened
        if isinstance(parsed, EncryptedReference):
            found[parsed.id] = None
    return list(found)
