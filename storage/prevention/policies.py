"""The driver of policies as ledgers know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage import revisions
from storage.prevention.rows import PolicyRow
from storage.rows import bound, build, build_all, by_dialect, inserting, names_of
from storage.tables import prevention_policies as policies

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.dialects import sqlite

_NAMES = names_of(PolicyRow)
_CHANGED = tuple(name for name in _NAMES if name not in {"tenant_id", "policy_id"})
_COLUMNS = [policies.c[name] for name in _NAMES]
_OF_TENANT = policies.c.tenant_id == bindparam("tenant", required=True)
_ALL = select(*_COLUMNS).where(_OF_TENANT).order_by(policies.c.policy_id)
_ONE = select(*_COLUMNS).where(_OF_TENANT, policies.c.policy_id == bindparam("id", required=True))
# What two say of one policy at once is both kept: the second reads what the first has written.
_ONE_ALONE = _ONE.with_for_update()


def _set(dialect: str) -> sqlite.Insert:
    statement = inserting(dialect, policies).values(bound(_NAMES))
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "policy_id"],
        set_={name: statement.excluded[name] for name in _CHANGED},
    )


_SET = by_dialect(_set)


class PoliciesDriver:
    """Reads and sets policies on one connection; the caller commits."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of_tenant(self, tenant_id: str) -> list[PolicyRow]:
        """Gives a tenant's policies, sorted by id."""
        return build_all(PolicyRow, self.connection.execute(_ALL, {"tenant": tenant_id}))

    def get(self, tenant_id: str, policy_id: str) -> PolicyRow | None:
        """Gives one policy; None when it was never set."""
        values = {"tenant": tenant_id, "id": policy_id}
        row = self.connection.execute(_ONE, values).one_or_none()
        return None if row is None else build(PolicyRow, row)

    def hold(self, tenant_id: str, policy_id: str) -> PolicyRow | None:
        """Gives one policy, which nobody else changes until the commit."""
        values = {"tenant": tenant_id, "id": policy_id}
        row = self.connection.execute(_ONE_ALONE, values).one_or_none()
        return None if row is None else build(PolicyRow, row)

    def put(self, row: PolicyRow) -> None:
        """Sets a policy, made when it is new."""
        values = {name: getattr(row, name) for name in _NAMES}
        self.connection.execute(_SET[self.connection.dialect.name], values)
        revisions.bump(self.connection, "prevention")
