"""Secrets in the database: the synchronous core that works inside the caller's transaction."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.credentials.references import (
    ENCRYPTED,
    EncryptedReference,
    EnvironmentReference,
    parse_reference,
)
from engine.credentials.types import Credential
from engine.credentials.vault import MAX_SECRET_BYTES, Sealed, Vault
from engine.errors import CredentialUnreadable, InvalidInput, MasterKeyRefused, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.credentials.masterkey import MasterKeySource
    from engine.credentials.sealed import SealedCredentials
    from engine.ids import IdMaker
    from storage.credentials import CredentialRow, CredentialsDriver


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialDescription:
    """What may be shown of a credential: everything but the secret.

    Attributes:
        reference: How things point to it.
        kind: `encrypted` or `env`.
        label: What a person called it; the variable's name for `env`.
        readable: Whether the secret can be had right now.
        problem: Why not, in one sentence; None when it can.
        created_at: When it was stored; None for `env`.
        updated_at: When it was last replaced; None when never.
        used_by: Names of the things that point to it.
    """

    reference: str
    kind: str
    label: str
    readable: bool
    problem: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    used_by: tuple[str, ...] = ()


class CredentialStore:
    """Stores, replaces and resolves secrets through a connection that the caller holds.

    Writing methods belong in a transaction that commits durably: a reference that was handed out
    must not outlive its secret.
    """

    def __init__(
        self,
        keys: MasterKeySource,
        *,
        clock: Clock,
        ids: IdMaker,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._ids = ids
        self._environment: Mapping[str, str] = os.environ if environment is None else environment

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
        vault = self._vault(connection)
        self._refuse_second_key(connection, vault)
        credential_id = self._ids()
        sealed = vault.seal(tenant_id, credential_id, secret)
        row = CredentialRow(
            id=credential_id,
            tenant_id=tenant_id,
            label=label,
            nonce=sealed.nonce,
            ciphertext=sealed.ciphertext,
            key_id=sealed.key_id,
            created_at=self._clock.now(),
        )
        _driver(connection).put(row)
        return str(EncryptedReference(id=credential_id))

    def replace(self, connection: Connection, tenant_id: str, reference: str, secret: str) -> None:
        """Put another secret behind the same reference (a rotated key).

        Raises:
            NotFound: This tenant has no such encrypted credential.
            InvalidInput: There is no secret, or one too long to be one.
        """
        found = self._row(connection, tenant_id, _encrypted(reference))
        sealed = self._vault(connection).seal(tenant_id, found.id, clean_secret(secret))
        _driver(connection).replace(
            tenant_id,
            found.id,
            nonce=sealed.nonce,
            ciphertext=sealed.ciphertext,
            key_id=sealed.key_id,
            updated_at=self._clock.now(),
        )

    def delete(self, connection: Connection, tenant_id: str, reference: str) -> None:
        """Remove the secret for good.

        Raises:
            NotFound: This tenant has no such encrypted credential.
        """
        found = self._row(connection, tenant_id, _encrypted(reference))
        _driver(connection).delete(tenant_id, found.id)

    def forget(self, connection: Connection, tenant_id: str, reference: str | None) -> None:
        """Remove a stored secret that nothing points to any more; any other stays."""
        if not reference or not reference.startswith(ENCRYPTED):
            return
        driver = _driver(connection)
        if not driver.used_by(tenant_id, reference):
            driver.delete(tenant_id, reference.removeprefix(ENCRYPTED))

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

    def resolve(self, connection: Connection, tenant_id: str, reference: str) -> Credential:
        """Return the secret, in the open; keep it no longer than its request.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            CredentialUnreadable: There is nothing behind it, or it cannot be decrypted.
            MasterKeyRefused: The master key is missing, wrong or unsafe.
        """
        match parse_reference(reference):
            case EnvironmentReference(name=name):
                return self._from_environment(name)
            case EncryptedReference(id=credential_id):
                row = _driver(connection).get(tenant_id, credential_id)
                if row is None:
                    raise CredentialUnreadable(
                        "The stored credential is gone.", hint="Enter the credential again."
                    )
                return Credential(value=self._open(connection, row))

    def sealed(
        self, connection: Connection, wanted: Iterable[tuple[str, str]]
    ) -> SealedCredentials:
        """Read what many references need, in one statement; each is decrypted when opened.

        Args:
            connection: A reading connection; it is not needed afterwards.
            wanted: Pairs of tenant and reference.
        """
        from engine.credentials.sealed import SealedCredentials, encrypted_ids

        rows = _driver(connection).get_many(encrypted_ids(wanted))
        vault: Vault | MasterKeyRefused | None = None
        if rows:
            try:
                vault = self._vault(connection)
            except MasterKeyRefused as error:
                vault = error  # the state of each of them, told when it is opened
        return SealedCredentials(rows, vault, self._from_environment)

    def describe(
        self, connection: Connection, tenant_id: str, reference: str
    ) -> CredentialDescription:
        """Return what may be shown of a credential, and whether it can be read right now.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            NotFound: This tenant has no such encrypted credential.
        """
        parsed = parse_reference(reference)
        problem = self._problem(connection, tenant_id, reference)
        users = _driver(connection).used_by(tenant_id, reference)
        row = (
            self._row(connection, tenant_id, parsed)
            if isinstance(parsed, EncryptedReference)
            else None
        )
        return CredentialDescription(
            reference=reference,
            kind="encrypted" if row else "env",
            label=row.label if row else reference.partition("://")[2],
            readable=problem is None,
            problem=problem,
            created_at=row.created_at if row else None,
            updated_at=row.updated_at if row else None,
            used_by=tuple(user.name for user in users),
        )

    def _problem(self, connection: Connection, tenant_id: str, reference: str) -> str | None:
        from engine.errors import CredentialError

        try:
            self.resolve(connection, tenant_id, reference)
        except CredentialError as error:
            return error.message
        return None

    def _from_environment(self, name: str) -> Credential:
        value = self._environment.get(name, "").strip()
        if not value:
            raise CredentialUnreadable(
                f"The environment variable {name} is not set where the check runs.",
                hint=f"Set {name} for the dashboard and the monitor, then start them again.",
            )
        return Credential(value=value)

    def _open(self, connection: Connection, row: CredentialRow) -> str:
        sealed = Sealed(nonce=row.nonce, ciphertext=row.ciphertext, key_id=row.key_id)
        return self._vault(connection).open(row.tenant_id, row.id, sealed)

    def _vault(self, connection: Connection) -> Vault:
        return self._keys.vault(secrets_exist=_driver(connection).any_stored)

    def _refuse_second_key(self, connection: Connection, vault: Vault) -> None:
        """Refuse to mix keys in one database: the secrets of one of them would be lost."""
        from engine.credentials.vault import wrong_key

        for row in _driver(connection).list(None, limit=1):
            if row.key_id != vault.key_id:
                raise wrong_key(row.key_id, vault.master)

    def _row(
        self, connection: Connection, tenant_id: str, reference: EncryptedReference
    ) -> CredentialRow:
        row = _driver(connection).get(tenant_id, reference.id)
        if row is None:
            raise NotFound(
                "This tenant has no such stored credential.",
                hint="Give the key itself, to be encrypted, or env://<NAME>.",
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
        "Only an encrypted credential can be changed here; an env:// one is the environment's.",
        field="credential_ref",
    )


def _driver(connection: Connection) -> CredentialsDriver:
    # SQLAlchemy comes with the driver; a start that touches no secret must not pay for it.
    from storage.credentials import CredentialsDriver

    return CredentialsDriver(connection)
