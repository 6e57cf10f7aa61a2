"""The driver of credentials: encrypted secrets, which only the engine's cipher can open.

Write them in a durable transaction: a secret that was acknowledged must outlive a power cut.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from storage import revisions
from storage.references import ReferencesDriver
from storage.rows import build, build_all, names_of
from storage.tables import credential_references, credentials
from storage.uses import ENCRYPTED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialRow:
    """An encrypted secret, bound to its tenant and id by the cipher."""

    id: str
    tenant_id: str
    label: str
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    key_id: str
    created_at: datetime
    updated_at: datetime | None = None


_COLUMNS = [credentials.c[name] for name in names_of(CredentialRow)]
_OF_TENANT = credentials.c.tenant_id == bindparam("_tenant", required=True)
_ONE = credentials.c.id == bindparam("_id", required=True)
_GET = select(*_COLUMNS).where(_OF_TENANT, _ONE)
_MANY = select(*_COLUMNS).where(
    credentials.c.id.in_(bindparam("ids", expanding=True, required=True))
)
_REPLACE = update(credentials).where(_OF_TENANT, _ONE)
_DELETE = delete(credentials).where(_OF_TENANT, _ONE)
_ANY = select(credentials.c.id).limit(1)


class CredentialsDriver:
    """Reads and writes encrypted secrets on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def put(self, row: CredentialRow, *, expires_at: datetime | None = None) -> None:
        """Adds a secret, and the reference to it.

        Args:
            row: The secret, sealed.
            expires_at: When it is worthless, if it tells that itself.

        Raises:
            Conflict: there is one of this id.
        """
        self.connection.execute(insert(credentials), asdict(row))
        reference = ENCRYPTED + row.id
        values = {
            "tenant_id": row.tenant_id,
            "reference": reference,
            "kind": "encrypted",
            "label": row.label,
            "sort_name": (row.label or reference).casefold(),
            "registered": False,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
            "told_expires_at": expires_at,
        }
        self.connection.execute(insert(credential_references), values)
        revisions.bump(self.connection, "credentials")

    def get(self, tenant_id: str, credential_id: str) -> CredentialRow | None:
        """Gives a secret; None for another tenant's as for a missing one."""
        values = {"_tenant": tenant_id, "_id": credential_id}
        row = self.connection.execute(_GET, values).one_or_none()
        return None if row is None else build(CredentialRow, row)

    def get_many(self, ids: Sequence[str]) -> dict[str, CredentialRow]:
        """Gives secrets by id, whatever the tenant: the caller has to compare it."""
        if not ids:
            return {}  # most batches need none, and an empty question takes as long as another
        found = self.connection.execute(_MANY, {"ids": [*ids]})
        return {row.id: row for row in build_all(CredentialRow, found)}

    def replace(  # noqa: PLR0913  (the parts of one secret)
        self,
        tenant_id: str,
        credential_id: str,
        *,
        nonce: bytes,
        ciphertext: bytes,
        key_id: str,
        updated_at: datetime,
        expires_at: datetime | None = None,
    ) -> bool:
        """Puts another secret under the same id; False when there is no such one.

        What was said of the former one's expiry, or found wrong with it, is not said of this one.
        """
        values = {
            "_tenant": tenant_id,
            "_id": credential_id,
            "nonce": nonce,
            "ciphertext": ciphertext,
            "key_id": key_id,
            "updated_at": updated_at,
        }
        told = {"updated_at": updated_at, "told_expires_at": expires_at}
        told |= {"said_expires_at": None, "problem": None}
        ReferencesDriver(self.connection).change(tenant_id, ENCRYPTED + credential_id, told)
        return self.connection.execute(_REPLACE, values).rowcount == 1

    def delete(self, tenant_id: str, credential_id: str) -> bool:
        """Forgets a secret and the reference to it; False when there is no such one."""
        values = {"_tenant": tenant_id, "_id": credential_id}
        ReferencesDriver(self.connection).drop(tenant_id, ENCRYPTED + credential_id)
        revisions.bump(self.connection, "credentials")
        return self.connection.execute(_DELETE, values).rowcount == 1

    def any_stored(self) -> bool:
        """Whether there is any secret that a missing master key would make unreadable."""
        return self.connection.execute(_ANY).first() is not None
