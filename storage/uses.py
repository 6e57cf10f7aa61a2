"""Which things point to which secrets, kept in step with the things by their drivers.

A reference to a secret that is kept elsewhere has its row from the first thing that points to it
on. It goes with the last one, unless a person registered it; that is looked at right before the
commit, because a thing that is changed lets go of its references and takes them up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, delete, exists, insert, not_, select

from storage import revisions
from storage.rows import bound, by_dialect, execute_many, inserting
from storage.tables import credential_accesses, credential_references, secret_uses
from storage.types import to_millis

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Select

ENCRYPTED = "encrypted://"
_PENDING = "lampboard_let_go"

_USE = insert(secret_uses).values(bound(secret_uses.c.keys()))
_OF_THING = (
    secret_uses.c.kind == bindparam("_kind", required=True),
    secret_uses.c.thing_id == bindparam("_id", required=True),
    secret_uses.c.tenant_id == bindparam("_tenant", required=True),
)
_OF_KIND, _, _OF_TENANT = _OF_THING
_POINTED = select(secret_uses.c.tenant_id, secret_uses.c.credential_ref)
_FORGET = delete(secret_uses)
_NEW = ("tenant_id", "reference", "kind", "sort_name", "registered", "created_at")
# One that is there already is locked, so that nobody drops it as unused before the commit.
_REFER = by_dialect(
    lambda dialect: (
        inserting(dialect, credential_references)
        .values(bound(_NEW))
        .on_conflict_do_update(
            index_elements=["tenant_id", "reference"],
            set_={"created_at": credential_references.c.created_at},
        )
    )
)
_THIS = and_(
    credential_references.c.tenant_id == bindparam("_tenant", required=True),
    credential_references.c.reference == bindparam("_ref", required=True),
    not_(credential_references.c.registered),
)
_LOCK = select(credential_references.c.number).where(_THIS).with_for_update()
_UNUSED = credential_references.c.number.in_(
    bindparam("numbers", expanding=True, required=True)
) & not_(
    exists().where(
        secret_uses.c.tenant_id == credential_references.c.tenant_id,
        secret_uses.c.credential_ref == credential_references.c.reference,
    )
)
_DROP_ACCESSES = delete(credential_accesses).where(
    credential_accesses.c.reference_number.in_(
        select(credential_references.c.number).where(_UNUSED)
    )
)
_DROP = delete(credential_references).where(_UNUSED)


def uses_of(kind: str, tenant_id: str, thing_id: str, said: object) -> list[dict[str, object]]:
    """Gives a row for each reference in a field: one reference, or several by their paths."""
    references = said.values() if isinstance(said, Mapping) else (said,)
    return [
        {"tenant_id": tenant_id, "credential_ref": ref, "kind": kind, "thing_id": thing_id}
        for ref in sorted({ref for ref in references if isinstance(ref, str) and ref})
    ]


def add(connection: Connection, uses: Iterable[dict[str, object]], *, at: datetime) -> None:
    """Notes which secrets things point to; references that are new get their rows."""
    given = list(uses)
    if not given:
        return
    pointed = {(str(use["tenant_id"]), str(use["credential_ref"])) for use in given}
    moment = to_millis(at)
    elsewhere = [
        _row(tenant_id, reference, moment)
        for tenant_id, reference in sorted(pointed)
        if not reference.startswith(ENCRYPTED)
    ]
    execute_many(connection, _REFER[connection.dialect.name], elsewhere)
    execute_many(connection, _USE, given)
    revisions.bump(connection, "credentials")


def forget(connection: Connection, kind: str, tenant_id: str, thing_id: str) -> None:
    """Drops what is noted of a tenant's thing; names of feeds are not everybody's alone."""
    values: dict[str, object] = {"_kind": kind, "_tenant": tenant_id, "_id": thing_id}
    _let_go(connection, _POINTED.where(*_OF_THING), values)
    connection.execute(_FORGET.where(*_OF_THING), values)


def forget_all(connection: Connection, kind: str, tenant_id: str | None) -> None:
    """Drops what is noted of a tenant's things of a kind, or everybody's."""
    where = [_OF_KIND]
    values: dict[str, object] = {"_kind": kind}
    if tenant_id is not None:
        where, values["_tenant"] = [*where, _OF_TENANT], tenant_id
    _let_go(connection, _POINTED.where(*where).distinct(), values)
    connection.execute(_FORGET.where(*where), values)


def settle(connection: Connection) -> None:
    """Drops the rows of references that nothing points to any more; `Database.write` calls it."""
    for tenant_id, reference in sorted(connection.info.pop(_PENDING, ())):
        values = {"_tenant": tenant_id, "_ref": reference}
        numbers = list(connection.execute(_LOCK, values).scalars())
        if numbers:
            # A statement of its own, which sees what those have committed that had the lock.
            connection.execute(_DROP_ACCESSES, {"numbers": numbers})
            connection.execute(_DROP, {"numbers": numbers})


def abandon(connection: Connection) -> None:
    """Drops what was noted, because the transaction did not come to its commit."""
    connection.info.pop(_PENDING, None)


def _let_go(
    connection: Connection, pointed: Select[tuple[str, str]], values: dict[str, object]
) -> None:
    found = {(row.tenant_id, row.credential_ref) for row in connection.execute(pointed, values)}
    if found:
        elsewhere = {pair for pair in found if not pair[1].startswith(ENCRYPTED)}
        connection.info.setdefault(_PENDING, set()).update(elsewhere)
        revisions.bump(connection, "credentials")


def _row(tenant_id: str, reference: str, moment: int) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "reference": reference,
        "kind": reference.partition("://")[0],
        "sort_name": reference.casefold(),
        "registered": False,
        "created_at": moment,
    }
