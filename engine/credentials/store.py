"""Secrets in the database: the synchronous core that works inside the caller's transaction."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.credentials.accesses import Accesses
from engine.credentials.cipher import MAX_SECRET_BYTES
from engine.credentials.references import (
    ENCRYPTED,
    EncryptedReference,
    parse_reference,
)
from engine.credentials.sealing import seal
from engine.credentials.tokens import token_expiry
from engine.credentials.types import Credential
from engine.errors import CredentialUnreadable, InvalidInput, MasterKeyRefused, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.credentials.asking import Asker
    from engine.credentials.cipher import Cipher
    from engine.credentials.keysource import MasterKeySource
    from engine.credentials.sealed import SealedCredentials
    from engine.hop import Run
    from engine.ids import IdMaker
    from storage.credentials import CredentialRow, CredentialsDriver


class CredentialStore:
    """Stores, replaces and resolves secrets through a connection that the caller holds.

    Writing methods belong in a transaction that commits durably: a reference that was handed out
    must not outlive its secret.

    Args:
        keys: Where the master keys are.
        clock: Where time comes from.
        ids: Where identifiers come from.
        environment: The variables; the process's own by default.
        asker: Asks those who keep secrets elsewhere; None where nobody is asked.

    Attributes:
        accesses: Who asked for which secret, not written down yet.
    """

    def __init__(
        self,
        keys: MasterKeySource,
        *,
        clock: Clock,
        ids: IdMaker,
        environment: Mapping[str, str] | None = None,
        asker: Asker | None = None,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._environment: Mapping[str, str] = os.environ if environment is None else environment
        self._asker = asker
        self.accesses = Accesses(clock)

    @classmethod
    def of(cls, run: Run) -> CredentialStore:
        """Return the store that a run's settings describe."""
        from engine.credentials.asking import Asker
        from engine.credentials.backends import Backends
        from engine.credentials.keysource import MasterKeySource

        return cls(
            MasterKeySource.from_settings(run.settings),
            clock=run.clock,
            ids=run.ids,
            asker=Asker(Backends(run.settings, clock=run.clock)),
        )

    @property
    def keys(self) -> MasterKeySource:
        """Where the master keys are."""
        return self._keys

    def prepare(self) -> None:
        """Load what sealing and opening need; to be called before the database is locked for it.

        Raises:
            MasterKeyRefused: A master key is there but cannot be used.
        """
        self._keys.prepare()

    def store(self, connection: Connection, tenant_id: str, secret: str, label: str = "") -> str:
        """Encrypt `secret` into a new row and return its reference.

        Raises:
            InvalidInput: There is no secret, or one too long to be one.
            MasterKeyRefused: No safe master key; nothing was written.
        """
        from storage.credentials import CredentialRow

        secret = clean_secret(secret)
        credential_id = self._ids()
        sealed = seal(connection, self._cipher(connection), tenant_id, credential_id, secret)
        row = CredentialRow(
            id=credential_id,
            tenant_id=tenant_id,
            label=label,
            nonce=sealed.nonce,
            ciphertext=sealed.ciphertext,
            key_id=sealed.key_id,
            created_at=self._clock.now(),
        )
        _driver(connection).put(row, expires_at=token_expiry(secret))
        return str(EncryptedReference(id=credential_id))

    def replace(self, connection: Connection, tenant_id: str, reference: str, secret: str) -> None:
        """Put another secret behind the same reference (a rotated key).

        Raises:
            NotFound: This tenant has no such encrypted credential.
            InvalidInput: There is no secret, or one too long to be one.
        """
        found = self._row(connection, tenant_id, _encrypted(reference))
        secret = clean_secret(secret)
        sealed = seal(connection, self._cipher(connection), tenant_id, found.id, secret)
        _driver(connection).replace(
            tenant_id,
            found.id,
            nonce=sealed.nonce,
            ciphertext=sealed.ciphertext,
            key_id=sealed.key_id,
            updated_at=self._clock.now(),
            expires_at=token_expiry(secret),
        )

    def delete(self, connection: Connection, tenant_id: str, reference: str) -> None:
        """Remove the secret for good.

        Raises:
            NotFound: This tenant has no such encrypted credential.
        """
        found = self._row(connection, tenant_id, _encrypted(reference))
        _driver(connection).delete(tenant_id, found.id)

    def forget(self, connection: Connection, tenant_id: str, reference: str | None) -> None:
        """Remove a stored secret that nothing points to any more; what a person put here stays."""
        if not reference or not reference.startswith(ENCRYPTED):
            return
        from storage.references import ReferencesDriver

        row = ReferencesDriver(connection).get(tenant_id, reference)
        if row is not None and not row.used and not row.registered:
            _driver(connection).delete(tenant_id, reference.removeprefix(ENCRYPTED))

    def require(self, connection: Connection, tenant_id: str, reference: str) -> str:
        """Return `reference` in its plain form if a thing of this tenant may point to it.

        A variable need not be set here: the process that checks may have another environment.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            NotFound: This tenant has no such encrypted credential.
        """
        parsed = parse_reference(reference.strip())
        if isinstance(parsed, EncryptedReference):
            self._row(connection, tenant_id, parsed)
        return str(parsed)

    def sealed(
        self, connection: Connection, wanted: Iterable[tuple[str, str]]
    ) -> SealedCredentials:
        """Read what many references need, in one statement; each is decrypted when opened.

        What is kept elsewhere is asked for by `SealedCredentials.fetch`, afterwards.

        Args:
            connection: A reading connection; it is not needed afterwards.
            wanted: Pairs of tenant and reference.
        """
        from engine.credentials.sealed import SealedCredentials, encrypted_ids

        references = tuple(dict.fromkeys(reference for _, reference in wanted))
        ids = encrypted_ids(references)
        if ids:
            # Before the rows, where nothing was read on this connection yet: a key that a
            # rotation drops in between is then known here still.
            with suppress(MasterKeyRefused):
                self.prepare()
        rows = _driver(connection).get_many(ids)
        cipher: Cipher | MasterKeyRefused | None = None
        if rows:
            try:
                cipher = self._cipher(connection)
            except MasterKeyRefused as error:
                cipher = error  # the state of each of them, told when it is opened
        return SealedCredentials(
            references,
            rows,
            cipher,
            from_environment=self._from_environment,
            asker=self._asker,
            accesses=self.accesses,
        )

    def _from_environment(self, name: str) -> Credential:
        value = self._environment.get(name, "").strip()
        if not value:
            raise CredentialUnreadable(
                f"The environment variable {name} is not set where the check runs.",
                hint=f"Set {name} for the dashboard and the monitor, then start them again.",
            )
        return Credential(value=value)

    def _cipher(self, connection: Connection) -> Cipher:
        return self._keys.cipher(secrets_exist=_driver(connection).any_stored)

    def _row(
        self, connection: Connection, tenant_id: str, reference: EncryptedReference
    ) -> CredentialRow:
        row = _driver(connection).get(tenant_id, reference.id)
        if row is None:
            raise NotFound(
                "This tenant has no such stored credential.",
                hint="Give the key itself, to be encrypted, or where it is kept, such as env://<NAME>.",
                field="credential_ref",
            )
        return row


def clean_secret(secret: str) -> str:
    """Return the secret without the white space that copying adds around it.

    Raises:
        InvalidInput: Nothing is left, it is too long, or it has control characters in it. The
            error never repeats the secret.
    """
    text = secret.strip()
    if not text:
        raise InvalidInput("The credential is empty.", field="secret")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_SECRET_BYTES:
        raise InvalidInput("The credential is longer than 64 KiB.", field="secret")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("The credential is not valid text.", field="secret") from None
    return text


def _encrypted(reference: str) -> EncryptedReference:
    parsed = parse_reference(reference)
    if isinstance(parsed, EncryptedReference):
        return parsed
    raise InvalidInput(
        "Only an encrypted credential is changed here; any other is changed where it is kept.",
        field="credential_ref",
    )


def _driver(connection: Connection) -> CredentialsDriver:
    # SQLAlchemy comes with the driver; a start that touches no secret must not pay for it.
    from storage.credentials import CredentialsDriver

    return CredentialsDriver(connection)
