"""Many credentials read at once, still encrypted: each is opened at its point of use.

What is kept outside the workspace is not read with them: it is asked for by `fetch`, which is
called with no transaction open. Each is asked for once, however many things of the batch need it,
and forgotten with the batch.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.credentials.cipher import Sealed
from engine.credentials.references import (
    EncryptedReference,
    EnvironmentReference,
    ExternalReference,
    parse_reference,
)
from engine.credentials.types import Credential
from engine.errors import (
    CredentialError,
    CredentialReferenceInvalid,
    CredentialUnreadable,
    MasterKeyRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.credentials.accesses import Accesses
    from engine.credentials.asking import Asker
    from engine.credentials.cipher import Cipher
    from engine.credentials.references import CredentialReference
    from storage.credentials import CredentialRow

Told = Credential | CredentialError


class SealedCredentials:
    """Ciphertexts with the cipher that opens them; made by `CredentialStore.sealed`.

    Args:
        wanted: The references that were asked for, as they are written.
        rows: The encrypted ones by id.
        cipher: What opens them, or why nothing can.
        from_environment: Reads a variable.
        asker: Asks those who keep secrets elsewhere; None where nobody is asked.
        accesses: Where it is counted who asked.
    """

    def __init__(  # noqa: PLR0913 - what opens each kind, by name
        self,
        wanted: Iterable[str],
        rows: Mapping[str, CredentialRow],
        cipher: Cipher | MasterKeyRefused | None,
        *,
        from_environment: Callable[[str], Credential],
        asker: Asker | None,
        accesses: Accesses,
    ) -> None:
        self._wanted = tuple(wanted)
        self._rows = rows
        self._cipher = cipher
        self._from_environment = from_environment
        self._asker = asker
        self._accesses = accesses
        self._asked: dict[ExternalReference, asyncio.Task[None]] = {}
        self._told: dict[ExternalReference, Told] = {}

    def __repr__(self) -> str:
        return f"SealedCredentials({len(self._rows)} stored, {len(self._told)} told)"

    async def fetch(self, references: Iterable[str] | None = None) -> None:
        """Ask for what is kept elsewhere; returns when all of it is there, or cannot be had.

        To be called with no transaction open. Never raises for a secret: `open` does.

        Args:
            references: Which ones are needed; all that this was read for by default.
        """
        needed = {
            parsed
            for parsed in _parsed(self._wanted if references is None else references)
            if isinstance(parsed, ExternalReference)
        }
        tasks = [self._ask(reference) for reference in needed if reference not in self._told]
        if tasks:
            # Shielded: one thing whose check is stopped does not stop it for the others.
            await asyncio.gather(*(asyncio.shield(task) for task in tasks))

    def open(self, tenant_id: str, reference: str) -> Credential:
        """Return the secret, in the open; keep it no longer than its request.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            CredentialUnreadable: There is nothing behind it, or it cannot be had.
            MasterKeyRefused: The master key is missing, wrong or unsafe.
        """
        parsed = parse_reference(reference)
        try:
            found = self._opened(tenant_id, parsed)
        except MasterKeyRefused:
            raise  # no word about the secret, and under a wrong key nothing is written
        except CredentialError as error:
            self._accesses.note(tenant_id, str(parsed), problem=error.message)
            raise
        self._accesses.note(tenant_id, str(parsed), expires_at=found.expires_at)
        return found

    def _opened(self, tenant_id: str, parsed: CredentialReference) -> Credential:
        if isinstance(parsed, EnvironmentReference):
            return self._from_environment(parsed.name)
        if isinstance(parsed, EncryptedReference):
            return self._decrypted(tenant_id, parsed)
        told = self._told.get(parsed)
        if told is None:
            raise CredentialUnreadable(
                "Secrets that are kept elsewhere are not asked for here.",
                hint="Use a workspace, whose checks ask for them.",
            )
        if isinstance(told, CredentialError):
            # Anew: an error that is raised twice would keep growing its trace.
            raise CredentialUnreadable(told.message, hint=told.hint)
        return told

    def _decrypted(self, tenant_id: str, parsed: EncryptedReference) -> Credential:
        row = self._rows.get(parsed.id)
        if row is None or row.tenant_id != tenant_id or self._cipher is None:
            raise CredentialUnreadable(
                "The stored credential is gone.", hint="Enter the credential again."
            )
        if isinstance(self._cipher, MasterKeyRefused):
            raise self._cipher
        sealed = Sealed(nonce=row.nonce, ciphertext=row.ciphertext, key_id=row.key_id)
        return Credential(value=self._cipher.open(row.tenant_id, row.id, sealed))

    def _ask(self, reference: ExternalReference) -> asyncio.Task[None]:
        task = self._asked.get(reference)
        if task is None:
            task = self._asked[reference] = asyncio.create_task(self._tell(reference))
        return task

    async def _tell(self, reference: ExternalReference) -> None:
        if self._asker is None:
            return
        try:
            self._told[reference] = await self._asker.ask(reference)
        except CredentialError as error:
            self._told[reference] = error


def encrypted_ids(references: Iterable[str]) -> list[str]:
    """Return the ids of the stored secrets that the references point to, each once."""
    ids = (one.id for one in _parsed(references) if isinstance(one, EncryptedReference))
    return list(dict.fromkeys(ids))


def _parsed(references: Iterable[str]) -> Iterable[CredentialReference]:
    """Yield what is a reference; of what is none, its own thing is told when it is opened."""
    for reference in references:
        try:
            yield parse_reference(reference)
        except CredentialReferenceInvalid:
            continue
