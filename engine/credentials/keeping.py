"""What is done to credentials on one connection: stored, registered, dated, deleted, and told.

Loaded in the worker thread only, because it brings the drivers. Nothing here commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.credentials.listing import found, users
from engine.credentials.references import (
    EncryptedReference,
    looks_like_a_key,
    parse_reference,
)
from engine.errors import CredentialInUse, InvalidInput, NotFound
from engine.text import require_line
from storage.references import ReferencesDriver

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.credentials.store import CredentialStore
    from engine.hop import Hop

_NAMED = 3
"""How many users a refusal names."""


class Keeper:
    """The rules of credentials, on one connection.

    Args:
        connection: Inside a transaction of the caller.
        hop: Clock, ids, settings and origin.
        core: The synchronous core of credentials.
    """

    def __init__(self, connection: Connection, hop: Hop, core: CredentialStore) -> None:
        self._connection = connection
        self._hop = hop
        self._core = core
        self._driver = ReferencesDriver(connection)

    def store(self, tenant_id: str, secret: str, label: str, expires_at: datetime | None) -> str:
        """Encrypt and keep a secret; see the facade."""
        label = clean_label(label)
        reference = self._core.store(self._connection, tenant_id, secret, label)
        self._driver.change(tenant_id, reference, {"registered": True})
        if expires_at is not None:
            self._date(tenant_id, reference, expires_at)
        self._note(tenant_id, reference, "stored", self._dated(expires_at))
        return reference

    def register(
        self, tenant_id: str, reference: str, label: str, expires_at: datetime | None
    ) -> str:
        """List a reference to a secret that is kept elsewhere; see the facade."""
        label, parsed = clean_label(label), parse_reference(reference.strip())
        if isinstance(parsed, EncryptedReference):
            raise InvalidInput(
                "Only what is kept elsewhere is registered; store a secret to have it encrypted.",
                field="credential_ref",
            )
        plain = str(parsed)
        self._driver.add(tenant_id, plain, label=label, at=self._hop.clock.now())
        kept: dict[str, object] = {"label": label} if label else {}
        self._driver.change(tenant_id, plain, {"registered": True, **kept})
        if expires_at is not None:
            self._date(tenant_id, plain, expires_at)
        self._note(tenant_id, plain, "registered", self._dated(expires_at))
        return plain

    def replace(
        self, tenant_id: str, reference: str, secret: str, expires_at: datetime | None
    ) -> None:
        """Put another secret behind a reference; see the facade."""
        plain = str(parse_reference(reference.strip()))
        self._core.replace(self._connection, tenant_id, plain, secret)
        self._driver.hurry(tenant_id, plain, self._hop.clock.now())
        if expires_at is not None:
            self._date(tenant_id, plain, expires_at)
        self._note(tenant_id, plain, "replaced", self._dated(expires_at))

    def set_expiry(
        self, tenant_id: str, reference: str, expires_at: datetime | None, label: str | None
    ) -> None:
        """Say when a credential expires, and perhaps what it is called; see the facade."""
        plain = str(parse_reference(reference.strip()))
        found(self._connection, tenant_id, plain)
        changes: dict[str, object] = {"said_expires_at": aware(expires_at), "registered": True}
        detail: dict[str, object] = {"expires_at": expires_at.isoformat() if expires_at else None}
        if label is not None:
            changes["label"] = detail["label"] = clean_label(label)
        self._driver.change(tenant_id, plain, changes)
        self._note(tenant_id, plain, "dated", detail)

    def rename(self, tenant_id: str, reference: str, label: str) -> None:
        """Say what people call a credential; see the facade."""
        plain = self.require(tenant_id, reference)
        changes: dict[str, object] = {"label": clean_label(label), "registered": True}
        self._driver.change(tenant_id, plain, changes)
        self._note(tenant_id, plain, "renamed", {})

    def delete(self, tenant_id: str, reference: str) -> None:
        """Remove a credential that nothing points to; see the facade."""
        parsed = parse_reference(reference.strip())
        plain = str(parsed)
        row = found(self._connection, tenant_id, plain)
        self._refuse_used(tenant_id, plain)
        self._note(tenant_id, plain, "deleted", {"kind": row.kind})
        if isinstance(parsed, EncryptedReference):
            self._core.delete(self._connection, tenant_id, plain)
        else:
            self._driver.drop(tenant_id, plain)

    def tested(self, tenant_id: str, reference: str, at: datetime, problem: str | None) -> None:
        """Note when a credential was tested, and how that went."""
        changes = {"tested_at": at, "problem": problem}
        self._driver.change(tenant_id, reference, changes)

    def require(self, tenant_id: str, reference: str) -> str:
        """Return a reference in its plain form, if this tenant has it.

        Raises:
            CredentialReferenceInvalid: It is not a reference.
            NotFound: This tenant has none such.
        """
        plain = str(parse_reference(reference.strip()))
        found(self._connection, tenant_id, plain)
        return plain

    def _refuse_used(self, tenant_id: str, reference: str) -> None:
        using = users(self._connection, tenant_id, reference)
        if not using:
            return
        names = [f"{one.kind} {one.name}" for one in using[:_NAMED]]
        more = len(using) - len(names)
        told = ", ".join(names) + (f" and {more:,} more" if more else "")
        raise CredentialInUse(
            f"The credential is still used by {told}.",
            hint="Give them another credential first, or delete them.",
            field="credential_ref",
        )

    def _date(self, tenant_id: str, reference: str, expires_at: datetime) -> None:
        self._driver.change(tenant_id, reference, {"said_expires_at": aware(expires_at)})

    @staticmethod
    def _dated(expires_at: datetime | None) -> dict[str, object]:
        return {} if expires_at is None else {"expires_at": expires_at.isoformat()}

    def _note(self, tenant_id: str, reference: str, what: str, detail: dict[str, object]) -> None:
        row = self._driver.get(tenant_id, reference)
        if row is None:  # pragma: no cover - it was just written, in this transaction
            raise NotFound("This tenant has no such credential.")
        note(
            self._connection,
            self._hop,
            tenant_id,
            action=f"credential.{what}",
            concept="credentials",
            thing_id=reference,
            thing_name=row.label or reference,
            detail=detail,
        )


def clean_label(label: str) -> str:
    """Return what a credential is called, as one line; empty for nothing.

    Raises:
        InvalidInput: It cannot be kept, or is the key itself, which is not repeated.
    """
    if not label.strip():
        return ""
    text = require_line(label, "The label", "label")
    if looks_like_a_key(text):
        raise InvalidInput(
            "The label looks like a key: it would be shown to everybody.",
            hint="Call it what it is for.",
            field="label",
        )
    return text


def aware(expires_at: datetime | None) -> datetime | None:
    """Return an expiry that says its zone; raises InvalidInput for one that does not."""
    if expires_at is not None and expires_at.tzinfo is None:
        raise InvalidInput("An expiry needs its zone; give it in UTC.", field="expires_at")
    return expires_at
