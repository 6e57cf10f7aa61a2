"""Which things point to which secrets, kept in step with the things by their drivers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert

from storage.rows import execute_many
from storage.tables import secret_uses

if TYPE_CHECKING:
    from sqlalchemy import Connection

_USE = insert(secret_uses).values(
    {name: bindparam(name, required=True) for name in secret_uses.c.keys()}  # noqa: SIM118
)
_FORGET = (
    delete(secret_uses)
    .where(secret_uses.c.kind == bindparam("_kind", required=True))
    .where(secret_uses.c.thing_id == bindparam("_id", required=True))
)
_FORGET_ALL = delete(secret_uses).where(secret_uses.c.kind == bindparam("_kind", required=True))
_OF_TENANT = secret_uses.c.tenant_id == bindparam("_tenant", required=True)


def uses_of(kind: str, tenant_id: str, thing_id: str, said: object) -> list[dict[str, object]]:
    """Gives a row for each reference in a field: one reference, or several by their paths."""
    references = said.values() if isinstance(said, Mapping) else (said,)
    return [
        {"tenant_id": tenant_id, "credential_ref": ref, "kind": kind, "thing_id": thing_id}
        for ref in sorted({ref for ref in references if isinstance(ref, str) and ref})
    ]


def add(connection: Connection, uses: Iterable[dict[str, object]]) -> None:
    """Notes which secrets things point to."""
    execute_many(connection, _USE, list(uses))


def forget(connection: Connection, kind: str, thing_id: str) -> None:
    """Drops what is noted of a thing."""
    connection.execute(_FORGET, {"_kind": kind, "_id": thing_id})


def forget_all(connection: Connection, kind: str, tenant_id: str | None) -> None:
    """Drops what is noted of a tenant's things of a kind, or everybody's."""
    statement, values = _FORGET_ALL, {"_kind": kind}
    if tenant_id is not None:
        statement, values["_tenant"] = statement.where(_OF_TENANT), tenant_id
    connection.execute(statement, values)
