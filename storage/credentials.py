"""The driver of credentials: encrypted secrets, which only the engine's vault can open.

Write them in a durable transaction: a secret that was acknowledged must outlive a power cut.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, insert, select, update

from storage import revisions
from storage.rows import build, build_all, names_of
from storage.tables import credentials, secret_uses, targets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialRow:
    """An encrypted secret, bound to its tenant and id by the vault."""

    id: str
    tenant_id: str
    label: str
    nonce: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    key_id: str
    created_at: datetime
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CredentialUserRow:
    """A thing that points to a credential."""

    kind: str
    id: str
    name: str


_COLUMNS = [credentials.c[name] for name in names_of(CredentialRow)]
_OF_TENANT = credentials.c.tenant_id == bindparam("_tenant", required=True)
_ONE = credentials.c.id == bindparam("_id", required=True)
_GET = select(*_COLUMNS).where(_OF_TENANT, _ONE)
_MANY = select(*_COLUMNS).where(
    credentials.c.id.in_(bindparam("ids", expanding=True, required=True))
)
_LIST = (
    select(*_COLUMNS)
    .where(credentials.c.id > bindparam("after", required=True))
    .order_by(credentials.c.id)
    .limit(bindparam("limit", required=True))
)
_REPLACE = update(credentials).where(_OF_TENANT, _ONE)
_DELETE = delete(credentials).where(_OF_TENANT, _ONE)
_USERS = (
    select(*(targets.c[name] for name in names_of(CredentialUserRow)))
    .join_from(
        secret_uses,
        targets,
        and_(targets.c.kind == secret_uses.c.kind, targets.c.id == secret_uses.c.thing_id),
    )
    .where(secret_uses.c.tenant_id == bindparam("tenant", required=True))
    .where(secret_uses.c.credential_ref == bindparam("ref", required=True))
    .order_by(targets.c.sort_name, targets.c.number)
)
_ANY = select(credentials.c.id).limit(1)


class CredentialsDriver:
    """Reads and writes encrypted secrets on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def put(self, row: CredentialRow) -> None:
        """Adds a secret.

        Raises:
            Conflict: there is one of this id.
        """
        self.connection.execute(insert(credentials), asdict(row))
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

    def list(
        self, tenant_id: str | None, *, after_id: str = "", limit: int = 100
    ) -> tuple[CredentialRow, ...]:
        """Gives secrets by id, those after one; of every tenant for None (to change the key)."""
        values: dict[str, object] = {"after": after_id, "limit": limit}
        statement = _LIST
        if tenant_id is not None:
            statement, values["_tenant"] = statement.where(_OF_TENANT), tenant_id
        return tuple(build_all(CredentialRow, self.connection.execute(statement, values)))

    def replace(  # noqa: PLR0913  (the parts of one secret)
        self,
        tenant_id: str,
        credential_id: str,
        *,
        nonce: bytes,
        ciphertext: bytes,
        key_id: str,
        updated_at: datetime,
    ) -> bool:
        """Puts another secret under the same id; False when there is no such one."""
        values = {
            "_tenant": tenant_id,
            "_id": credential_id,
            "nonce": nonce,
            "ciphertext": ciphertext,
            "key_id": key_id,
            "updated_at": updated_at,
        }
        revisions.bump(self.connection, "credentials")
        return self.connection.execute(_REPLACE, values).rowcount == 1

    def delete(self, tenant_id: str, credential_id: str) -> bool:
        """Forgets a secret; False when there is no such one."""
        values = {"_tenant": tenant_id, "_id": credential_id}
        revisions.bump(self.connection, "credentials")
        return self.connection.execute(_DELETE, values).rowcount == 1

    def used_by(self, tenant_id: str, credential_ref: str) -> tuple[CredentialUserRow, ...]:
        """Gives the tenant's things whose credential reference is exactly this one, by name."""
        values = {"tenant": tenant_id, "ref": credential_ref}
        return tuple(build_all(CredentialUserRow, self.connection.execute(_USERS, values)))

    def any_stored(self) -> bool:
        """Whether there is any secret that a missing master key would make unreadable."""
        return self.connection.execute(_ANY).first() is not None
